/** The file says what was done to it, and that record is as it was written. */

import { checksumOf } from '../rewrite/record.ts';
import { plural } from '../words.ts';
import { note, wrong } from './finding.ts';
import type { CheckRun, FileCheck, Finding } from './types.ts';

export const record: FileCheck = {
  name: 'record',
  summary: 'the record of the rewrite is there, and as it was written',
  run({ provenance, requireRecord }): CheckRun {
    const only = (finding: Finding): CheckRun => ({ findings: [finding], detail: '' });
    if (provenance === undefined && requireRecord) {
      const message = 'it has no record of a rewrite, so nothing says that its BatchNormalization was replaced';
      return only(wrong('no-record', '', message, 'Swap it with gn-swap, or leave --require-record out'));
    }
    if (provenance === undefined) {
      const message =
        'it does not say that gn-swap wrote it; norms are found by their nodes, and what they were is not known';
      return only(note('no-record', '', message, 'Give the source with --against to prove more'));
    }
    if (typeof provenance === 'string') {
      return only(wrong('record-unreadable', '', `the record of the rewrite can't be read: ${provenance}`));
    }
    const { version, checksum, sites } = provenance;
    if (checksum === undefined) {
      const message = `gn-swap ${version} recorded neither the graph nor γ and β, so changes of them can't be told`;
      return only(note('old-record', '', message, 'Rewrite the source again, or give it with --against'));
    }
    if (checksum !== checksumOf(provenance)) {
      return only(wrong('record-edited', '', 'the record of the rewrite was edited after it was written'));
    }
    return { findings: [], detail: `written by gn-swap ${version}: ${plural(sites.length, 'site')}` };
  },
};
