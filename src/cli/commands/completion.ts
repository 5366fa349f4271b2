/** `faultline completion`: commands and flags for a shell to complete, from the commands themselves. */
import { parseArgs } from 'node:util';
import type { CommandLine, Flags } from '../command-line.ts';
import { bashCompletion } from '../completion/bash.ts';
import type { Completed } from '../completion/completed.ts';
import { fishCompletion } from '../completion/fish.ts';
import { zshCompletion } from '../completion/zsh.ts';
import { runCommand, UsageError } from './run-command.ts';

export const HELP = `Usage: faultline completion SHELL

Prints a script for bash, zsh or fish, which completes the commands, their flags, and values of
flags that have names. Where any text fits, the shell offers files.

  --help  this text

Examples:
  source <(faultline completion bash)
  source <(faultline completion zsh)
  faultline completion fish > ~/.config/fish/completions/faultline.fish

Exit code: 0 printed, 2 wrong arguments.
`;

export const FLAGS = { help: { type: 'boolean' } } as const satisfies Flags;

type Print = (commands: readonly Completed[]) => string;

const SHELLS: Readonly<Record<string, Print>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

export function completion(
  argv: readonly string[],
  commands: Readonly<Record<string, CommandLine>>,
): Promise<number> {
  return runCommand('completion', async () => {
    const { values, positionals } = parseArgs({
      args: [...argv],
      options: FLAGS,
      allowPositionals: true,
    });
    if (values.help === true) {
      process.stdout.write(HELP);
      return 0;
    }
    const [shell, another] = positionals;
    const names = Object.keys(SHELLS).join(', ');
    if (shell === undefined) throw new UsageError(`SHELL is missing, one of ${names}`);
    if (another !== undefined) {
      throw new UsageError(`one SHELL is wanted; "${another}" is another`);
    }
    const print = Object.hasOwn(SHELLS, shell) ? SHELLS[shell] : undefined;
    if (print === undefined) {
      throw new UsageError(`SHELL: expected one of ${names}, not "${shell}"`);
    }
    const completed = Object.entries(commands).map(async ([name, { summary, load }]) => {
      const { flags, words = [] } = await load();
      const isOwn = name === 'completion';
      return { name, summary, flags, words: isOwn ? Object.keys(SHELLS) : words, files: !isOwn };
    });
    process.stdout.write(print(await Promise.all(completed)));
    return 0;
  });
}
