/** What a CI job wants to know of a file, whether it was checked or just rewritten: the one shape that its formats are made of. */
import type { RuleId } from '../../check/rules.ts';
import type { Finding } from '../../check/types.ts';
import type { Outcome } from '../../jobs/outcome.ts';
import type { SiteCheck } from '../../verify/sites.ts';
import type { CheckName, Verification } from '../../verify/verification.ts';
import { verdictLines } from '../verdict.ts';
import type { VerdictLine } from '../verdict-line.ts';

/** One check of a file. */
export interface GateCheck {
  readonly name: string;
  readonly status: 'passed' | 'failed' | 'skipped';
  readonly detail: string;
  readonly findings: readonly Finding[];
  /** Names of the norms that it was made at, one by one; empty where it is of the file as a whole. */
  readonly sites: readonly string[];
}

/** A file, and what its checks found. */
export interface Gate {
  readonly file: string;
  readonly status: 'ok' | 'failed' | 'error';
  readonly checks: readonly GateCheck[];
  readonly verdict: readonly VerdictLine[];
  /** Why it could not be looked at. */
  readonly error: { readonly message: string; readonly remedy: string } | undefined;
}

/** A rewritten file stands for its source where none was left. */
export function gateOf(outcome: Outcome): Gate {
  const { file, output, error, check, verification } = outcome;
  const checks = check === undefined ? swapChecks(verification) : checksOf(outcome);
  const failed = checks.some(({ status }) => status === 'failed');
  return {
    file: output ?? file,
    status: error !== undefined ? 'error' : failed ? 'failed' : 'ok',
    checks,
    verdict: verdictLines(outcome),
    error: error && { message: error.message, remedy: error.remedy ?? '' },
  };
}

function checksOf({ check }: Outcome): GateCheck[] {
  const names = check?.sites.map(({ name }) => name) ?? [];
  return (check?.checks ?? []).map(({ name, status, detail, findings, perSite }) => {
    const others = findings.map(({ site }) => site).filter((site) => site !== undefined && !names.includes(site));
    const sites = perSite && status !== 'skipped' ? [...names, ...new Set(others)] : [];
    return { name, status, detail, findings, sites: sites as string[] };
  });
}

const PER_SITE: readonly string[] = ['reference', 'independence', 'forms'] satisfies readonly SiteCheck[];
const RULES: Readonly<Record<CheckName, RuleId>> = {
  loads: 'does-not-load',
  interface: 'interface',
  runs: 'does-not-run',
  drift: 'drift',
  kept: 'kept',
  reference: 'reference',
  independence: 'independence',
  forms: 'forms',
};

function swapChecks(verification: Verification | undefined): GateCheck[] {
  return (verification?.checks ?? []).map(({ name, status, detail }) => {
    const remedy = 'Nothing was left under the final name; run it with --verbose for the figures';
    const finding: Omit<Finding, 'node' | 'message'> = { rule: RULES[name], severity: 'error', remedy };
    const failing = verification?.sites.filter(({ failed }) => (failed as readonly string[]).includes(name)) ?? [];
    const findings: Finding[] =
      status !== 'failed'
        ? []
        : failing.length === 0
          ? [{ ...finding, node: '', message: detail }]
          : failing.map((site) => ({ ...finding, node: site.name, site: site.name, message: site.problem ?? detail }));
    const sites = PER_SITE.includes(name) ? (verification?.sites.map((site) => site.name) ?? []) : [];
    return { name, status, detail, findings, sites };
  });
}
