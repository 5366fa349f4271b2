/** Completion for fish: a line for each thing that can be completed. */
import type { Completed } from './completed.ts';

export function fishCompletion(commands: readonly Completed[]): string {
  const lines = commands.flatMap(({ name, summary, flags, words, files }) => [
    `complete -c faultline -n __fish_use_subcommand -f -a ${name} -d ${quoted(summary)}`,
    ...Object.entries(flags).map(([flag, { type, oneOf }]) => {
      const takes = oneOf === undefined ? ' -r' : ` -x -a ${quoted(oneOf.join(' '))}`;
      return `${after(name)} -l ${flag}${type === 'boolean' ? '' : takes}`;
    }),
    ...(words.length === 0
      ? []
      : [`${after(name)}${files ? '' : ' -f'} -a ${quoted(words.join(' '))}`]),
  ]);
  return `# fish completion of faultline: faultline completion fish | source\n${lines.join('\n')}\n`;
}

function after(command: string): string {
  return `complete -c faultline -n '__fish_seen_subcommand_from ${command}'`;
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
