/** Rendered sets of examples/finetune as labelled samples. */
import { labelledOf } from '../../src/inputs/labelled/memory.ts';
import type { LabelledData } from '../../src/inputs/labelled/types.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import type { Value } from '../../src/runtime/session.ts';
import { THRESHOLD } from '../ocr/overlap.ts';

/** Inputs, and what is wanted of a model for them. */
export interface Rendered {
  readonly inputs: Value;
  readonly targets: Value;
}

/** Classes of lines, or the pixels of pages that are text. */
export function labelled(task: string, { inputs, targets }: Rendered, input: string): LabelledData {
  const given = { [input]: inputs };
  if (task === 'classifier') {
    return labelledOf(given, { kind: 'class', labels: targets.data as Uint8Array, classes: ['upright', 'turned'] });
  }
  const [count = 0, , height = 0, width = 0] = targets.dims;
  const labels = Int16Array.from(targets.data as Float32Array, (chance) => Number(chance > THRESHOLD));
  const maps: Value = { type: DataType.INT16, dims: [count, height, width], data: labels };
  return labelledOf(given, { kind: 'map', labels: maps, classes: ['background', 'text'] });
}
