/** ONNX Runtime runs the file, and it answers in the types and shapes that it should. */
import { GnSwapError } from '../errors.ts';
import { wrong } from './finding.ts';
import { provenCheck } from './proven.ts';
import type { FileCheck } from './types.ts';

export const runs: FileCheck = {
  name: 'runs',
  summary: 'ONNX Runtime runs the file; outputs have the declared types and shapes and are finite',
  loadsRuntime: true,
  async run(subject) {
    if ((await subject.load()) !== undefined && (await subject.prove()) instanceof GnSwapError) {
      return { findings: [], skipped: true, detail: 'the file does not load' };
    }
    const proof = await subject.prove();
    if (proof instanceof GnSwapError && proof.code === 'invalid-data' && !subject.hasInputs) {
      return {
        findings: [],
        skipped: true,
        unjudged: true,
        detail: 'not judged: the file does not run on random input. Use --inputs FILE.npz',
      };
    }
    if (proof instanceof GnSwapError)
      return { findings: [wrong('does-not-run', proof.node ?? '', proof.message)], detail: '' };
    const run = provenCheck(proof, 'runs', 'does-not-run');
    if (subject.source !== undefined || run.findings.length > 0 || run.skipped) return run;
    return { findings: [], detail: `runs on ${proof.inputs === 'made' ? 'random input' : 'the given input'}` };
  },
};
