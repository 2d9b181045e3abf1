/** Completion of commands, options and their values in a shell. */
import { OPTIONS, type OptionSpec, optionsOf } from '../options/index.ts';
import { ABOUT } from './commands/about.ts';

/** The first word that a shell's completion calls gn-swap with. */
export const COMPLETE = '__complete';

/** What `gn-swap completion` prints: a script for bash and zsh. File names are completed by the shell. */
export const SCRIPT = `# Completion of gn-swap. Add this line to ~/.bashrc or ~/.zshrc:
#   source <(gn-swap completion)
if [ -n "\${ZSH_VERSION-}" ]; then autoload -U +X bashcompinit && bashcompinit; fi
_gn_swap() {
  local IFS=$'\\n'
  COMPREPLY=($(gn-swap ${COMPLETE} "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _gn_swap gn-swap
`;

/**
 * Lists what may stand in place of the last word.
 *
 * @param words behind the program's name; the last one, maybe empty, is to be completed
 * @returns nothing if it is a file's name
 */
export function completionsOf(words: readonly string[]): string[] {
  const last = words.at(-1) ?? '';
  const before = words.at(-2) ?? '';
  const specs: ReadonlyMap<string, OptionSpec> = new Map(Object.entries(OPTIONS));
  const option = before.startsWith('--') ? specs.get(before.slice(2)) : undefined;
  if (option !== undefined && option.type !== 'boolean') return startingWith(last, option.choices ?? []);
  const command = ABOUT.find(({ name }) => words.slice(0, -1).includes(name)) ?? ABOUT[0];
  if (last.startsWith('-')) {
    const names = optionsOf(command.name).map(([name]) => `--${name}`);
    return startingWith(last, [...names, '--help', '--version']);
  }
  if (words.length > 1) return [];
  return startingWith(last, [...ABOUT.slice(1).map(({ name }) => name), 'help', 'completion']);
}

function startingWith(start: string, candidates: readonly string[]): string[] {
  return candidates.filter((candidate) => candidate.startsWith(start));
}
