/**
 * Annotations of GitHub Actions: a line for each finding, and for each file that could not be looked at.
 *
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
 */
import type { Finding } from '../../check/types.ts';
import { printable } from '../format.ts';
import type { Gate } from './gate.ts';

const COMMANDS = { error: 'error', warning: 'warning', note: 'notice' } as const;

/** The lines; none where there is nothing to say. */
export function renderGithub(gates: readonly Gate[]): string[] {
  return gates.flatMap(({ file, checks, error }) => [
    ...(error === undefined ? [] : [command('error', file, 'gn-swap', `${error.message}. ${error.remedy}`)]),
    ...checks.flatMap(({ findings }) => findings.map((finding) => lineOf(finding, file))),
  ]);
}

function lineOf({ rule, severity, node, message, remedy }: Finding, file: string): string {
  const place = node === '' ? '' : `${node}: `;
  return command(COMMANDS[severity], file, `gn-swap: ${rule}`, `${place}${message}. ${remedy}.`);
}

function command(name: string, file: string, title: string, message: string): string {
  return `::${name} file=${property(file)},title=${property(title)}::${data(message)}`;
}

/** What ends a message, or begins an escape. */
function data(text: string): string {
  return printable(text).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** What ends a property, too. */
function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/**
 * Text for the log of a job, with nothing in it that is taken for a command: one begins a line with `::`, or stands anywhere as
 * `##[`. Names of a model may be either.
 */
export function withoutCommands(text: string): string {
  return text.replace(/^(\s*):(?=:)/gm, '$1\\u{3a}').replaceAll('##[', '#\\u{23}[');
}
