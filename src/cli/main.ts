#!/usr/bin/env node
/** The command line: `faultline COMMAND …`. */
import { conform } from './conform.ts';
import { serve } from './serve.ts';

interface CommandLine {
  readonly summary: string;
  /** Returns the exit code. */
  readonly run: (argv: readonly string[]) => Promise<number>;
}

const COMMANDS: Readonly<Record<string, CommandLine>> = {
  serve: { summary: 'serve the GraphQL API and its playground', run: serve },
  conform: { summary: 'run kernel traces and print where Faultline differs', run: conform },
};

function help(): string {
  const lines = Object.entries(COMMANDS).map(
    ([name, { summary }]) => `  ${name.padEnd(10)}${summary}`,
  );
  return `Usage: faultline COMMAND [flags]\n\n${lines.join('\n')}\n\n"faultline COMMAND --help" tells more.\n`;
}

async function main([name, ...argv]: readonly string[]): Promise<number> {
  if (name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(help());
    return 0;
  }
  const command = name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    const complaint = name === undefined ? 'a command is missing' : `no command "${name}"`;
    process.stderr.write(`faultline: ${complaint}\n\n${help()}`);
    return 2;
  }
  return command.run(argv);
}

process.exitCode = await main(process.argv.slice(2));
