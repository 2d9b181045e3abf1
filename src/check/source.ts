/** The source that was given is the one that the record names. */
import { wrong } from './finding.ts';
import type { FileCheck } from './types.ts';

export const source: FileCheck = {
  name: 'source',
  summary: 'the source given is the one that the record names',
  run({ provenance, source: given }) {
    if (given === undefined) return { findings: [], skipped: true, detail: 'no source is given' };
    if (typeof provenance !== 'object') return { findings: [], skipped: true, detail: 'no record names a source' };
    if (provenance.source === given.digest) return { findings: [], detail: 'the record names this very source' };
    const message = `the record names a source of ${provenance.source.slice(0, 24)}…, the one given has ${given.digest.slice(0, 24)}…`;
    return {
      findings: [wrong('other-source', given.file, message, 'Give the source that it was made from')],
      detail: '',
    };
  },
};
