/** Completion for bash. Where it offers nothing, `-o default` has readline offer files. */
import type { Completed } from './completed.ts';

export function bashCompletion(commands: readonly Completed[]): string {
  const values = commands.flatMap(({ name, flags }) =>
    Object.entries(flags).flatMap(([flag, { type, oneOf }]) =>
      type === 'boolean' ? [] : [`    '${name} --${flag}') words='${(oneOf ?? []).join(' ')}' ;;`],
    ),
  );
  const flags = commands.map(({ name, flags: of, words }) => {
    const dashed = Object.keys(of).map(flag => `--${flag}`);
    return `        ${name}) flags='${dashed.join(' ')}' words='${words.join(' ')}' ;;`;
  });
  return `# bash completion of faultline: source <(faultline completion bash)
_faultline() {
  local word=\${COMP_WORDS[COMP_CWORD]} command=\${COMP_WORDS[1]} flags='' words=''
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W '${commands.map(({ name }) => name).join(' ')}' -- "$word"))
    return
  fi
  case "$command \${COMP_WORDS[COMP_CWORD - 1]}" in
${values.join('\n')}
    *)
      case "$command" in
${flags.join('\n')}
      esac
      if [[ $word == -* ]]; then words=$flags; fi
      ;;
  esac
  if [[ -n $words ]]; then COMPREPLY=($(compgen -W "$words" -- "$word")); fi
}
complete -o default -F _faultline faultline
`;
}
