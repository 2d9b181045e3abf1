/** Writes docs/options.md from the tables that the command line is made from: `npm run docs:options`. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { changed, GROUPS, OPTIONS, type OptionSpec } from '../src/options/index.ts';

/** The page that {@link renderOptions} is written to. */
export const PAGE = fileURLToPath(new URL('../docs/options.md', import.meta.url));

const INTRODUCTION = `# Options

<!-- Written by \`npm run docs:options\` from src/options/; a test fails where the two differ. -->

\`gn-swap <models..>\` takes those marked *swap*, and each other command those marked with
its name. Library options bear the same names in camel case: see [library.md](library.md). What a command does with them is
told in the [guide](guide.md).
`;

/** The text of docs/options.md. */
export function renderOptions(): string {
  const all: [string, OptionSpec][] = Object.entries(OPTIONS);
  const sections = GROUPS.map((group) => {
    const rows = all
      .filter(([, spec]) => spec.group === group)
      .flatMap(([name, spec]) => variantsOf(spec).map((variant) => row(name, variant)));
    return `## ${group}\n\n| option | takes | default | commands | what it does |\n| --- | --- | --- | --- | --- |\n${rows.join('\n')}\n`;
  });
  return [INTRODUCTION, ...sections].join('\n');
}

/** One row for all commands that take an option alike; first the row of those that take it as the table says. */
function variantsOf(spec: OptionSpec): OptionSpec[] {
  const { only = {} } = spec;
  const rows = new Map<string, OptionSpec>();
  const others = spec.commands.filter((command) => only[command] !== undefined);
  for (const command of [...spec.commands.filter((it) => !others.includes(it)), ...others]) {
    const own = { ...changed(spec, only[command]), commands: [] };
    const { commands } = rows.get(JSON.stringify(own)) ?? own;
    rows.set(JSON.stringify(own), { ...own, commands: [...commands, command] });
  }
  return [...rows.values()];
}

function row(name: string, spec: OptionSpec): string {
  const spelled = `${spec.alias === undefined ? '' : `\`-${spec.alias}\` `}\`--${name}\``;
  const fallback = spec.default === undefined ? '' : `\`${spec.default}\``;
  return `| ${[spelled, taken(spec), fallback, spec.commands.join(', '), spec.describe].map(cell).join(' | ')} |`;
}

function taken({ type, choices, array }: OptionSpec): string {
  if (type === 'boolean') return '';
  const one = choices?.map((choice) => `\`${choice}\``).join(' ') ?? type;
  return array === true ? `${one}, several times` : one;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(PAGE, renderOptions());
