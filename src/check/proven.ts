/** What verification found → what a check of a file found. */
import { GnSwapError } from '../errors.ts';
import { isWithin } from '../verify/bounds.ts';
import { beyond } from '../verify/sentences.ts';
import type { SiteCheck } from '../verify/sites.ts';
import type { CheckName, Verification } from '../verify/verification.ts';
import { ofSite, wrong } from './finding.ts';
import type { RuleId } from './rules.ts';
import type { CheckRun, Subject } from './types.ts';

/** A check of the model as a whole. */
export function provenCheck({ checks }: Verification, name: CheckName, rule: RuleId): CheckRun {
  const check = checks.find((it) => it.name === name);
  if (check === undefined) return { findings: [], skipped: true, detail: 'the file could not be run' };
  const findings = check.status === 'failed' ? [wrong(rule, '', check.detail)] : [];
  return { findings, detail: check.detail, skipped: check.status === 'skipped' };
}

/** A check against the original model; skipped if there is none. */
export async function provenAgainst(subject: Subject, check: 'drift' | 'kept'): Promise<CheckRun> {
  if (subject.source === undefined)
    return { findings: [], skipped: true, detail: 'needs the original model: --against FILE' };
  const proof = await subject.prove();
  if (proof instanceof GnSwapError) return { findings: [], skipped: true, detail: 'the file could not be run' };
  return provenCheck(proof, check, check);
}

/** A check of each site: a finding for each that fails, with its figures. */
export async function provenSites(subject: Subject, check: SiteCheck): Promise<CheckRun> {
  const proof = await subject.prove();
  if (proof instanceof GnSwapError) return { findings: [], skipped: true, detail: 'the file could not be run' };
  if (subject.sites.length === 0) return { findings: [], skipped: true, detail: 'the graph has no norm over groups' };
  const whole = proof.checks.find(({ name }) => name === check);
  if (whole === undefined) return { findings: [], skipped: true, detail: 'the file could not be run' };
  const findings = proof.sites
    .filter(({ failed }) => failed.includes(check))
    .map((site) => {
      const deviation = check === 'forms' ? site.forms.find((it) => !isWithin(it)) : site[check];
      return ofSite(site.name, wrong(check, site.name, site.problem ?? `its ${beyond(deviation)}`));
    });
  if (findings.length === 0 && whole.status === 'failed')
    return { findings: [wrong(check, '', whole.detail)], detail: '' };
  return { findings, detail: whole.detail };
}
