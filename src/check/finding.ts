/** Findings, made in one place so that they read alike. */
import type { RuleId } from './rules.ts';
import type { Finding } from './types.ts';

/** What to do where the graph is not what was written. */
const REWRITE_AGAIN = 'Restore the file, or swap the source again';

/** An error. */
export function wrong(rule: RuleId, node: string, message: string, remedy: string = REWRITE_AGAIN): Finding {
  return { rule, severity: 'error', node, message, remedy };
}

/** The finding as one of a norm. */
export function ofSite(site: string, finding: Finding): Finding {
  return { ...finding, site };
}

/** Something to know. */
export function note(rule: RuleId, node: string, message: string, remedy: string): Finding {
  return { rule, severity: 'note', node, message, remedy };
}
