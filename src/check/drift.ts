/** No output is farther from the source's than `--max-drift` allows. */
import { GnSwapError } from '../errors.ts';
import { provenCheck } from './proven.ts';
import type { FileCheck } from './types.ts';

export const drift: FileCheck = {
  name: 'drift',
  summary: 'no output is farther from the source’s than allowed',
  loadsRuntime: true,
  async run(subject) {
    if (subject.source === undefined) return { findings: [], skipped: true, detail: 'no source is given' };
    const proof = await subject.prove();
    if (proof instanceof GnSwapError) return { findings: [], skipped: true, detail: 'it could not be run' };
    return provenCheck(proof, 'drift', 'drift');
  },
};
