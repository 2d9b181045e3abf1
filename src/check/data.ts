/** Every tensor has the data that its type and dimensions say, in the file or beside it. */
import { GnSwapError } from '../errors.ts';
import { visitTensors } from '../graph/stored-tensors.ts';
import { DataType } from '../onnx/data-type.ts';
import type { TensorProto } from '../onnx/schema.ts';
import { type ExternalData, elementCount, rawDataOf } from '../onnx/tensor.ts';
import { plural } from '../words.ts';
import { wrong } from './finding.ts';
import type { FileCheck, Finding } from './types.ts';

export const data: FileCheck = {
  name: 'data',
  summary: 'every tensor has the amount of data that its type and dimensions require',
  run({ model }) {
    const findings: Finding[] = [];
    let count = 0;
    visitTensors(model, (tensor, name) => {
      count++;
      const problem = problemWith(tensor, model.home.open);
      if (problem !== undefined)
        findings.push(wrong('data-missing', name, problem, 'Restore the file and its data files'));
    });
    return { findings, detail: `${plural(count, 'tensor')}, complete` };
  },
};

function problemWith(tensor: TensorProto, external: ExternalData): string | undefined {
  if (tensor.dataType === DataType.STRING) {
    const [have, want] = [tensor.stringData.length, elementCount(tensor)];
    return have === want ? undefined : `it has ${have} strings; its dimensions require ${want}`;
  }
  try {
    rawDataOf(tensor, external);
    return undefined;
  } catch (error) {
    if (!(error instanceof GnSwapError)) throw error;
    return error.message;
  }
}
