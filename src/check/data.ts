/** Every tensor has the data that its type and dimensions say, in the file or beside it. */
import { GnSwapError } from '../errors.ts';
import { allTensors } from '../graph/stored-tensors.ts';
import { DataType } from '../onnx/data-type.ts';
import type { TensorProto } from '../onnx/schema.ts';
import { type ExternalData, elementCount, rawDataOf } from '../onnx/tensor.ts';
import { wrong } from './finding.ts';
import type { FileCheck, Finding } from './types.ts';

export const data: FileCheck = {
  name: 'data',
  summary: 'every tensor has as much data as its type and dimensions say',
  run({ model }) {
    const findings: Finding[] = [];
    let count = 0;
    for (const { name, tensor } of allTensors(model)) {
      count++;
      const problem = problemWith(tensor, model.home.open);
      if (problem !== undefined)
        findings.push(wrong('data-missing', name, problem, 'Restore the file, and those beside it'));
    }
    return { findings, detail: `${count} tensors have their data` };
  },
};

function problemWith(tensor: TensorProto, external: ExternalData): string | undefined {
  if (tensor.dataType === DataType.STRING) {
    const [have, want] = [tensor.stringData.length, elementCount(tensor)];
    return have === want ? undefined : `it has ${have} strings, its dimensions say ${want}`;
  }
  try {
    rawDataOf(tensor, external);
    return undefined;
  } catch (error) {
    if (!(error instanceof GnSwapError)) throw error;
    return error.message;
  }
}
