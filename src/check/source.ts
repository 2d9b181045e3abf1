/** The source that was given is the one that the record names. */
import { wrong } from './finding.ts';
import type { FileCheck } from './types.ts';

export const source: FileCheck = {
  name: 'source',
  summary: 'the source given is the one that was recorded',
  run({ provenance, source: given }) {
    if (given === undefined) return { findings: [], skipped: true, detail: 'needs the original model: --against FILE' };
    if (typeof provenance !== 'object')
      return { findings: [], skipped: true, detail: 'no gn-swap record to compare with' };
    if (provenance.source === given.digest) return { findings: [], detail: 'the source matches the one recorded' };
    const message = `the recorded source has the digest ${provenance.source.slice(0, 24)}…, this file has ${given.digest.slice(0, 24)}…`;
    return {
      findings: [wrong('other-source', given.file, message, 'Use --against with the model that was swapped')],
      detail: '',
    };
  },
};
