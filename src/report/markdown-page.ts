/** A report as Markdown, for terminals and pull requests: the sections of the HTML page, with pictures told in words. */

import type { Outcome, Report, ReportCall } from '../jobs/outcome.ts';
import { plural } from '../words.ts';
import { answerWords } from './answer-words.ts';
import type { Block, Cell, Examples, Row, Table, Tone } from './blocks.ts';
import { printable } from './format.ts';
import { SECTIONS } from './sections/index.ts';

/** A comment on GitHub holds 65,536 characters. */
const MOST_ROWS = 50;

export async function renderMarkdown({ outcomes, call }: Report): Promise<string> {
  return `${outcomes.map((outcome) => modelOf(outcome, call)).join('\n\n')}\n`;
}

function modelOf(outcome: Outcome, call: ReportCall): string {
  const name = outcome.file.replace(/^.*[\\/]/, '');
  const sections = SECTIONS.map((section) => ({ section, parts: section.blocks(outcome, call).flatMap(blockOf) }));
  const written = sections
    .filter(({ parts }) => parts.length > 0)
    .map(({ section, parts }) => [`### ${section.title}`, ...parts].join('\n\n'));
  return [`## ${escaped(name)}`, ...written].join('\n\n');
}

const MARKS: Readonly<Record<Tone, string>> = { good: '✓ ', bad: '✗ ', warn: '' };

function blockOf(block: Block): string[] {
  switch (block.kind) {
    case 'text':
      return [block.tone === undefined ? opening(block.text) : `**${MARKS[block.tone]}${escaped(block.text)}**`];
    case 'facts':
      return [block.items.map(([label, value]) => `- ${label}: ${escaped(value)}`).join('\n')];
    case 'tiles':
      return [block.items.map(({ label, value }) => `${label}: **${escaped(value)}**`).join(' · ')];
    case 'list':
      return [
        block.items.map(({ text, tone }) => `- ${tone === 'warn' ? '**Warning:** ' : ''}${opening(text)}`).join('\n'),
      ];
    case 'table':
      return [`${escaped(block.caption)}:`, ...tableOf(block)];
    case 'examples':
      return [`${escaped(block.caption)}:`, ...tableOf(examplesTable(block))];
    case 'graph':
      return [`${escaped(block.title)}: ${escaped(block.description)}`];
    case 'chart':
      return block.small ? [] : [`${block.title}: ${escaped(block.description)}`];
  }
}

/** Pictures can't be in Markdown, so what they show is told. */
function examplesTable({ items, classes }: Examples): Table {
  const labels = ['sample', 'right', 'before', 'after'];
  return {
    kind: 'table',
    caption: '',
    columns: labels.map((label) => ({ label })),
    rows: items.map(({ name, right, before, after }) => ({
      cells: [name, ...[right, before, after].map((answer) => answerWords(answer, classes))],
    })),
  };
}

/** Failed rows first, where not all are shown: they are what is looked for. */
function tableOf({ columns, rows }: Table): string[] {
  const first = rows.length > MOST_ROWS ? rows.toSorted((a, b) => Number(isBad(b)) - Number(isBad(a))) : rows;
  const lines = [
    columns.map(({ label }) => escaped(label)),
    columns.map(({ numeric }) => (numeric ? '---:' : '---')),
    ...first.slice(0, MOST_ROWS).map(({ cells }) => cells.map((cell) => escaped(textOf(cell)))),
  ].map((cells) => `| ${cells.join(' | ')} |`);
  const hidden = rows.length - MOST_ROWS;
  return [lines.join('\n'), ...(hidden > 0 ? [`… and ${plural(hidden, 'more row')}`] : [])];
}

function isBad({ tone }: Row): boolean {
  return tone === 'bad';
}

function textOf(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text;
}

/**
 * Text that Markdown leaves as it is, and that people can read where nothing renders it.
 *
 * 1. No HTML, no markup, no mathematics. An underscore within a word means nothing.
 * 2. No links that GitHub makes of addresses and of numbers of issues.
 * 3. Nobody is mentioned: that is looked for in what was rendered, where only another character helps.
 */
function escaped(text: string): string {
  return printable(text)
    .replace(/[&<>]/g, (character) => `&#${character.codePointAt(0)};`)
    .replace(/[\\`*[\]|~$]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\$&')
    .replace(/:(?=\/\/)|(?<=www)\.|(?<!&)#(?=\d)/gi, '\\$&')
    .replace(/@/g, '@&#8203;');
}

/** {@link escaped}, for what stands at the beginning of a block. */
function opening(text: string): string {
  return escaped(text).replace(/^[-+#=]/, '\\$&');
}
