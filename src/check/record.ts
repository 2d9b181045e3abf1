/** The file says what was done to it, and that record is as it was written. */

import { viewOf } from '../graph/view.ts';
import { type Model, normalDomain } from '../onnx/model.ts';
import { checksumOf } from '../rewrite/record.ts';
import { plural } from '../words.ts';
import { note, wrong } from './finding.ts';
import type { CheckRun, FileCheck, Finding } from './types.ts';

const LOST = 'If gn-swap wrote the file, a later tool dropped its record; if not, there is nothing to do';

export const record: FileCheck = {
  name: 'record',
  summary: 'the record that gn-swap wrote is present and unchanged',
  run({ model, sites: norms, provenance, requireRecord, source }): CheckRun {
    const only = (finding: Finding): CheckRun => ({ findings: [finding], detail: '' });
    if (provenance === undefined && requireRecord) {
      const message = whyNotSwapped(model, norms.length);
      if (message !== undefined)
        return only(wrong('no-record', '', message, 'Swap it with gn-swap, or drop --require-record'));
    }
    if (provenance === undefined) {
      const message = 'no gn-swap record; norms found by pattern, originals unknown';
      const remedy = source === undefined ? 'Use --against FILE with the original model to prove more' : LOST;
      return only(note('no-record', '', message, remedy));
    }
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

/**
 * Tells why a file without a record was probably never swapped; undefined if it has norms of another tool's in place of all
 * BatchNormalization.
 */
function whyNotSwapped(model: Model, norms: number): string | undefined {
  const isBatchNorm = ({ opType, domain }: { readonly opType: string; readonly domain: string }) =>
    opType === 'BatchNormalization' && normalDomain(domain) === '';
  const nodes = [
    ...viewOf(model).scopes.flatMap(({ graph }) => graph.node),
    ...model.proto.functions.flatMap(({ node }) => node),
  ];
  const count = nodes.filter(isBatchNorm).length;
  if (count > 0) return `it has ${plural(count, 'BatchNormalization node')} and no record of a rewrite`;
  return norms === 0 ? 'it has neither a norm over groups nor a record of a rewrite' : undefined;
}
