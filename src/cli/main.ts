#!/usr/bin/env node
/** The command line: `faultline COMMAND …`. */
import { createRequire } from 'node:module';
// The first of the project's: it notes which files are open before any is opened here.
import '../ioctl/native/inherited.ts';
import type { CommandLine } from './command-line.ts';
import { COMMANDS as OWN } from './command-table.ts';
import { hadEnough } from './print/had-enough.ts';

const COMMANDS: Readonly<Record<string, CommandLine>> = {
  ...OWN,
  completion: {
    summary: 'print what a shell needs to complete these commands and their flags',
    load: async () => {
      const { completion, FLAGS: flags, HELP: help } = await import('./commands/completion.ts');
      return { run: argv => completion(argv, COMMANDS), flags, help };
    },
  },
};

/** What goes on although nobody reads what it prints. */
const LASTING: ReadonlySet<string> = new Set(['serve', 'run']);

function help(): string {
  const lines = Object.entries(COMMANDS).map(
    ([name, { summary }]) => `  ${name.padEnd(12)}${summary}`,
  );
  return `Usage: faultline COMMAND [flags]\n\n${lines.join('\n')}\n\n"faultline COMMAND --help" tells more, "faultline --version" the version.\n`;
}

/** Says so, with the command that was meant, if one is near. */
async function unknown(name: string): Promise<string> {
  const { suggestionList } = await import('graphql/jsutils/suggestionList.js');
  const [near] = suggestionList(name, Object.keys(COMMANDS));
  return `no command "${name}"${near === undefined ? '' : `; did you mean ${near}?`}`;
}

async function main([name, ...argv]: readonly string[]): Promise<number> {
  if (name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(help());
    return 0;
  }
  if (name === '--version') {
    const { version } = createRequire(import.meta.url)('faultline/package.json');
    process.stdout.write(`${version}\n`);
    return 0;
  }
  const command = name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    const complaint = name === undefined ? 'a command is missing' : await unknown(name);
    process.stderr.write(`faultline: ${complaint}\n\n${help()}`);
    return 2;
  }
  process.stdout.on('error', error => hadEnough(error, LASTING.has(name!)));
  const { run } = await command.load();
  return run(argv);
}

process.exitCode = await main(process.argv.slice(2));
