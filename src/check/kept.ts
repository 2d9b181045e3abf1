/** As much of the source's behaviour is kept as `--min-kept` asks for. */
import { GnSwapError } from '../errors.ts';
import { provenCheck } from './proven.ts';
import type { FileCheck } from './types.ts';

export const kept: FileCheck = {
  name: 'kept',
  summary: 'as much of the source’s behaviour is kept as asked for',
  loadsRuntime: true,
  async run(subject) {
    if (subject.source === undefined) return { findings: [], skipped: true, detail: 'no source is given' };
    const proof = await subject.prove();
    if (proof instanceof GnSwapError) return { findings: [], skipped: true, detail: 'it could not be run' };
    return provenCheck(proof, 'kept', 'kept');
  },
};
