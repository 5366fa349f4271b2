/** Completion for zsh, by its own _describe and _arguments. */
import type { Completed } from './completed.ts';

export function zshCompletion(commands: readonly Completed[]): string {
  const names = commands.map(
    ({ name, summary }) => `    ${quoted(`${name}:${summary.replaceAll(':', '\\:')}`)}`,
  );
  const cases = commands.map(({ name, flags, words, files }) => {
    const specs = Object.entries(flags).map(([flag, { type, oneOf }]) => {
      if (type === 'boolean') return `--${flag}`;
      return `--${flag}:${flag}:${oneOf === undefined ? '_files' : `(${oneOf.join(' ')})`}`;
    });
    const named = `(${words.join(' ')})`;
    const both = `{compadd ${words.join(' ')}; _files}`;
    const rest = `*:argument:${words.length === 0 ? '_files' : files ? both : named}`;
    return `    ${name}) _arguments ${[...specs, rest].map(quoted).join(' ')} ;;`;
  });
  return `# zsh completion of faultline: source <(faultline completion zsh)
_faultline() {
  local -a commands=(
${names.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${cases.join('\n')}
  esac
}
compdef _faultline faultline
`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
