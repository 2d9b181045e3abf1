/** The file says what was done to it, and that record is as it was written. */

import { checksumOf } from '../rewrite/record.ts';
import { plural } from '../words.ts';
import { note, wrong } from './finding.ts';
import type { CheckRun, FileCheck, Finding } from './types.ts';

export const record: FileCheck = {
  name: 'record',
  summary: 'the record that gn-swap wrote is present and unchanged',
  run({ provenance, requireRecord }): CheckRun {
    const only = (finding: Finding): CheckRun => ({ findings: [finding], detail: '' });
    if (provenance === undefined && requireRecord) {
      const message = 'no gn-swap record, so the file may never have been swapped';
      return only(wrong('no-record', '', message, 'Swap it with gn-swap, or drop --require-record'));
    }
    if (provenance === undefined) {
      const message =
        'no gn-swap record; norms found by pattern, originals unknown';
      return only(note('no-record', '', message, 'Use --against FILE with the original model to prove more'));
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
