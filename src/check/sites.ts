/** Every norm that the record names stands in the graph as recorded: input, groups, ε, form, and a whole norm. */

import type { Flaw, StandingNorm } from '../find/standing/types.ts';
import type { SiteProvenance } from '../rewrite/record.ts';
import { plural } from '../words.ts';
import { ofSite, wrong } from './finding.ts';
import type { RuleId } from './rules.ts';
import type { FileCheck, Finding, Subject } from './types.ts';

export const sites: FileCheck = {
  name: 'sites',
  summary: 'all norms in the graph are complete and match the record in groups, ε and form',
  perSite: true,
  run(subject) {
    const { provenance } = subject;
    const findings: Finding[] = [];
    for (const { name, norm, record } of subject.sites) {
      if (record !== undefined) findings.push(...differences(name, norm, record));
      // Infinity too makes every output β, which is what the reference says then as well.
      if (!(norm.epsilon >= 0 && norm.epsilon < Number.POSITIVE_INFINITY))
        findings.push(ofSite(name, wrong('epsilon', name, `its ε is ${norm.epsilon}; it must be a finite number ≥ 0`)));
      for (const { what, node, message } of norm.flaws)
        findings.push(ofSite(name, wrong(FLAWS[what], node, message, what === 'constants' ? UNTRAINED : undefined)));
    }
    const stand = plural(subject.sites.length, 'norm');
    if (typeof provenance !== 'object') return { findings, detail: `${stand} in the graph` };
    if (!isRecognised(provenance.norm)) {
      const detail = `${provenance.norm} norms cannot be found by pattern; the check "structure" covers them`;
      return { findings, skipped: true, detail };
    }
    const found = new Set(subject.sites.map(({ record }) => record));
    for (const record of provenance.sites)
      if (!found.has(record)) findings.push(ofSite(record.name, missing(record, subject)));
    return {
      findings,
      detail: `${stand} in the graph, ${found.size - (found.has(undefined) ? 1 : 0)} of them as recorded`,
    };
  },
};

const RECOGNISED = new Set(['group', 'layer', 'instance']);

/** Whether a norm is told by its nodes. */
export function isRecognised(norm: string): boolean {
  return RECOGNISED.has(norm);
}

/** Importers into PyTorch make parameters of them. */
const UNTRAINED =
  'If a trainer treated them as parameters, freeze them there or multiply them into γ and β. Otherwise restore the file, or swap the source again';

const FLAWS: Readonly<Record<Flaw['what'], RuleId>> = {
  axes: 'axes',
  groups: 'groups',
  shape: 'group-shape',
  constants: 'norm-constants',
};

function differences(name: string, norm: StandingNorm, record: SiteProvenance): Finding[] {
  const findings: Finding[] = [];
  const compare = (rule: RuleId, what: string, is: string | number, was: string | number) => {
    if (is !== was)
      findings.push(ofSite(name, wrong(rule, name, `${what} is ${quoted(is)}; recorded is ${quoted(was)}`)));
  };
  compare('site-input', 'its input', norm.input, record.input);
  compare('groups', 'its number of groups', norm.groups, record.groups);
  compare('epsilon', 'its ε', stored(norm.epsilon), stored(record.epsilon));
  compare('form', 'its form', norm.form, record.form);
  return findings;
}

function quoted(value: string | number): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

/** ε as a file shows it: float32, with the digits that tell it apart. */
function stored(epsilon: number): number {
  return Number(Math.fround(epsilon).toPrecision(9));
}

function missing({ name, output }: SiteProvenance, { standing }: Subject): Finding {
  const maker = standing.model.proto.graph.node.find((node) => node.output.includes(output));
  const instead =
    maker === undefined ? 'the value has no producer' : `its producer is ${maker.opType} ${JSON.stringify(maker.name)}`;
  return wrong('site-missing', name, `the norm that produced ${JSON.stringify(output)} is incomplete; ${instead}`);
}
