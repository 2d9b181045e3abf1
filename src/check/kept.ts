/** As much of the source's behaviour is kept as `--min-kept` asks for. */
import { GnSwapError } from '../errors.ts';
import { provenCheck } from './proven.ts';
import type { FileCheck } from './types.ts';

export const kept: FileCheck = {
  name: 'kept',
  summary: 'at least --min-kept of the source’s behaviour is kept',
  loadsRuntime: true,
  async run(subject) {
    if (subject.source === undefined)
      return { findings: [], skipped: true, detail: 'needs the original model: --against FILE' };
    const proof = await subject.prove();
    if (proof instanceof GnSwapError) return { findings: [], skipped: true, detail: 'the file could not be run' };
    return provenCheck(proof, 'kept', 'kept');
  },
};
