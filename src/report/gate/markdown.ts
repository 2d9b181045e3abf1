/** Markdown for the summary of a job, or for a pull request: what was found, then a table of what was checked. */
import type { Finding } from '../../check/types.ts';
import { plural } from '../../words.ts';
import { printable } from '../format.ts';
import type { VerdictLine } from '../verdict-line.ts';
import type { Gate, GateCheck } from './gate.ts';

const MARKS = { passed: '✅', failed: '❌', skipped: '➖' } as const;
const STATUS = { ok: '✅', failed: '❌', error: '❌' } as const;

/** A section for each file, with a line break at its end. */
export function renderMarkdown(gates: readonly Gate[]): string {
  return gates.map((gate) => `${sectionOf(gate).join('\n')}\n`).join('\n');
}

function sectionOf({ file, status, checks, verdict, error }: Gate): string[] {
  const findings = checks.flatMap((check) => check.findings);
  return [
    `### ${STATUS[status]} ${inert(file)}`,
    '',
    ...(verdict.length === 0 ? [] : [...verdict.map(verdictItem), '']),
    ...(error === undefined
      ? []
      : [`**It could not be looked at**: ${inert(error.message)}. ${inert(error.remedy)}`, '']),
    ...(findings.length === 0 ? [] : [...findings.map(itemOf), '']),
    ...(checks.length === 0 ? [] : tableOf(checks)),
  ];
}

const TONES = { good: '✅', warn: '⚠️', bad: '❌' } as const;

function verdictItem({ text, tone }: VerdictLine): string {
  return `- ${tone === undefined ? '➖' : TONES[tone]} ${inert(text)}`;
}

function itemOf({ rule, severity, node, message, remedy }: Finding): string {
  const place = node === '' ? '' : ` at ${inert(node)}`;
  return `- **${severity}** \`${rule}\`${place}: ${inert(message)}. ${inert(remedy)}.`;
}

function tableOf(checks: readonly GateCheck[]): string[] {
  const rows = checks.map(({ name, status, detail, sites }) => {
    const of = sites.length === 0 ? '' : ` (${plural(sites.length, 'norm')})`;
    return `| ${MARKS[status]} | ${name}${of} | ${inert(detail)} |`;
  });
  return ['| | check | what was found |', '| --- | --- | --- |', ...rows];
}

/**
 * Text that stays text: whatever means something to Markdown, to HTML, or to GitHub (mentions, links, mathematics) is written as
 * a character reference, which none of them looks into.
 */
function inert(text: string): string {
  return printable(text)
    .replace(/[&<>"'`*_~|\\[\]{}()#!@:$^+=-]/g, (character) => `&#${character.charCodeAt(0)};`)
    .replace(/www\./gi, (start) => `${start.slice(0, 3)}&#46;`);
}
