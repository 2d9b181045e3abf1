/** No output is farther from the source's than `--max-drift` allows. */
import { GnSwapError } from '../errors.ts';
import { provenCheck } from './proven.ts';
import type { FileCheck } from './types.ts';

export const drift: FileCheck = {
  name: 'drift',
  summary: 'no output drifts from the source by more than --max-drift',
  loadsRuntime: true,
  async run(subject) {
    if (subject.source === undefined)
      return { findings: [], skipped: true, detail: 'needs the original model: --against FILE' };
    const proof = await subject.prove();
    if (proof instanceof GnSwapError) return { findings: [], skipped: true, detail: 'the file could not be run' };
    return provenCheck(proof, 'drift', 'drift');
  },
};
