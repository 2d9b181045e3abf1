/** The file says what was done to it, and that record is as it was written. */

import { viewOf } from '../graph/view.ts';
import { type Model, normalDomain } from '../onnx/model.ts';
import { checksumOf } from '../rewrite/record.ts';
import { plural } from '../words.ts';
import { note, wrong } from './finding.ts';
import type { CheckRun, FileCheck, Finding, Subject } from './types.ts';

const DROPPED = 'If gn-swap wrote the file, a later tool dropped its record';
const LOST = `${DROPPED}; if not, there is nothing to do`;

export const record: FileCheck = {
  name: 'record',
  summary: 'the record that gn-swap wrote is present and unchanged',
  run({ model, sites: norms, provenance, requireRecord, source }): CheckRun {
    const only = (finding: Finding): CheckRun => ({ findings: [finding], detail: '' });
    if (provenance === undefined) return only(withoutRecord(model, norms.length, { requireRecord, source }));
    if (typeof provenance === 'string') {
      return only(wrong('record-unreadable', '', `the gn-swap record cannot be read: ${provenance}`));
    }
    const { version, checksum, sites } = provenance;
    if (checksum === undefined) {
      const message = `gn-swap ${version} did not record the graph, γ and β, so changes to them cannot be detected`;
      return only(note('old-record', '', message, 'Swap the source again, or use --against FILE with it'));
    }
    if (checksum !== checksumOf(provenance)) {
      return only(wrong('record-edited', '', 'the gn-swap record was edited'));
    }
    return { findings: [], detail: `written by gn-swap ${version}: ${plural(sites.length, 'site')}` };
  },
};

/** What is said of a file without a record. One that still has BatchNormalization, or has no norm over groups, was probably never swapped. */
function withoutRecord(
  model: Model,
  norms: number,
  { requireRecord, source }: Pick<Subject, 'requireRecord' | 'source'>,
): Finding {
  const left = batchNormsIn(model);
  const unswapped = `it has ${plural(left, 'BatchNormalization node')} and no record of a rewrite`;
  if (requireRecord && (left > 0 || norms === 0)) {
    const message = left > 0 ? unswapped : 'it has neither a norm over groups nor a record of a rewrite';
    return wrong('no-record', '', message, 'Swap it with gn-swap, or drop --require-record');
  }
  if (left > 0 && norms === 0)
    return note('no-record', '', unswapped, `${DROPPED}; if not, swap it with gn-swap first`);
  const remedy = source === undefined ? 'Use --against FILE with the original model to prove more' : LOST;
  return note('no-record', '', 'no gn-swap record; norms found by pattern, originals unknown', remedy);
}

function batchNormsIn(model: Model): number {
  const nodes = [
    ...viewOf(model).scopes.flatMap(({ graph }) => graph.node),
    ...model.proto.functions.flatMap(({ node }) => node),
  ];
  return nodes.filter(({ opType, domain }) => opType === 'BatchNormalization' && normalDomain(domain) === '').length;
}
