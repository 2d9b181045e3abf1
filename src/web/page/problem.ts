/** What went wrong, as the page says it. */
import { WorkerProblem } from '../client.ts';
import type { Problem } from '../messages.ts';

/** Makes a problem of whatever was thrown. */
export function problemOf(error: unknown): Problem {
  if (error instanceof WorkerProblem) return error.problem;
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'internal', message, file: undefined, node: undefined, remedy: undefined, next: undefined };
}

/** Puts a full stop at the end; a capital at the beginning would change the name of a file. */
export function ended(text: string): string {
  return /[.?!]$/.test(text) ? text : `${text}.`;
}
