/** ONNX Runtime loads the file: operators, attributes and types are legal at its operator sets. */
import { lacksKernel } from '../runtime/session.ts';
import { wrong } from './finding.ts';
import type { FileCheck } from './types.ts';

export const loads: FileCheck = {
  name: 'loads',
  summary: 'ONNX Runtime loads the file',
  loadsRuntime: true,
  async run(subject) {
    const failure = await subject.load();
    if (failure === undefined) return { findings: [], detail: 'ONNX Runtime loads the file' };
    const { message } = failure;
    if (lacksKernel(failure)) {
      return {
        findings: [],
        skipped: true,
        detail: `the runtime has no kernels for its types here (${message})`,
      };
    }
    return { findings: [wrong('does-not-load', '', message)], detail: '' };
  },
};
