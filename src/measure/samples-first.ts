/**
 * Puts the samples first in outputs that have them second: recurrent networks answer [T, N, K], T steps of N samples, where
 * everything that is measured takes rows of samples.
 *
 * 1. The file may call axis 1 by the name that the batch of the inputs has.
 * 2. Otherwise it is the only one of the first two axes that has as many entries as samples were run, if that is more than one.
 */
import { requiredInputs } from '../graph/interface.ts';
import { batchOf } from '../inputs/batch.ts';
import type { Model } from '../onnx/model.ts';
import type { ValueInfoProto } from '../onnx/schema.ts';
import type { Value, Values } from '../runtime/session.ts';

/** Turns what a model answered; other outputs stay the same values. */
export type Turn = (answers: Values, count: number) => Values;

/**
 * Tells how to turn the answers of a model.
 *
 * @returns a function of the answers and of how many samples were run together
 */
export function samplesFirst(model: Model): Turn {
  const { inputs } = batchOf(model);
  const leader = requiredInputs(model).find(({ name }) => inputs.has(name));
  const batch = symbolsOf(leader)[0] ?? '';
  const symbols = new Map(model.proto.graph.output.map((output) => [output.name, symbolsOf(output)]));
  return (answers, count) => {
    if (leader === undefined) return answers;
    const turned = Object.entries(answers).map(([name, value]): [string, Value] => {
      const { dims } = value;
      const [first = '', second = ''] = symbols.get(name) ?? [];
      const isTold = batch !== '' && (first === batch || second === batch);
      const isSecond = isTold ? first !== batch : dims[0] !== count && count > 1;
      return [name, dims.length > 2 && dims[1] === count && isSecond ? turn(value) : value];
    });
    return Object.fromEntries(turned);
  };
}

function symbolsOf(value: ValueInfoProto | undefined): string[] {
  return value?.type?.tensorType?.shape?.dim.map(({ dimParam }) => dimParam ?? '') ?? [];
}

/** [T, N, …] → [N, T, …] */
function turn(value: Value): Value {
  const [steps = 0, count = 0, ...rest] = value.dims;
  const size = rest.reduce((product, dim) => product * dim, 1);
  // One type for all of them: numbers are only moved.
  const from = value.data as Float32Array;
  const to = from.slice();
  for (let step = 0; step < steps; step++) {
    for (let sample = 0; sample < count; sample++) {
      const [source, target] = [(step * count + sample) * size, (sample * steps + step) * size];
      for (let i = 0; i < size; i++) to[target + i] = from[source + i] as number;
    }
  }
  return { ...value, dims: [count, steps, ...rest], data: to };
}
