/** Data sets of the fine-tuning benchmark, as labelled samples. */
import { SEEDS, type SetName, TASKS } from '../../examples/finetune/tasks.ts';
import { labelledOf } from '../../src/inputs/labelled/memory.ts';
import type { LabelledData } from '../../src/inputs/labelled/types.ts';
import { DataType } from '../../src/onnx/data-type.ts';

/** One set of a task of examples/finetune. */
export async function setOf(taskName: string, set: SetName, input: string): Promise<LabelledData> {
  const task = TASKS.find(({ name }) => name === taskName);
  if (task === undefined) throw new RangeError(`${taskName} is not a task`);
  const { inputs, targets } = await task.render({ count: task.counts[set][0], seed: SEEDS[set] });
  const given = { [input]: inputs };
  if (taskName === 'classifier') {
    return labelledOf(given, { kind: 'class', labels: targets.data as Uint8Array, classes: ['upright', 'turned'] });
  }
  const [count = 0, , height = 0, width = 0] = targets.dims;
  const labels = Int16Array.from(targets.data as Float32Array, (chance) => Number(chance > 0.3));
  return labelledOf(given, {
    kind: 'map',
    labels: { type: DataType.INT16, dims: [count, height, width], data: labels },
    classes: ['background', 'text'],
  });
}
