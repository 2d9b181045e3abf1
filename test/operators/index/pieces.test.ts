import { DataType } from '../../../src/onnx/data-type.ts';
import { adjointCases, type Case, type Input } from '../support/cases.ts';
import { opsetsFrom } from '../support/opsets.ts';

const ints = (...values: number[]): Input => ({ dims: [values.length], values, type: DataType.INT64, constant: true });
const x = { dims: [4, 3, 6] };

/** A slice by the inputs of opset 10 and later. */
function slice(
  title: string,
  starts: number[],
  ends: number[],
  axes?: number[],
  steps?: number[],
  dims = x.dims,
): Case {
  const inputs = [{ dims }, ints(...starts), ints(...ends), axes && ints(...axes), steps && ints(...steps)];
  while (inputs.at(-1) === undefined) inputs.pop();
  return { title, op: 'Slice', inputs };
}

describe('operators/index: gradients of joining and cutting', () => {
  const parts = [{ dims: [2, 3] }, { dims: [2, 1] }, { dims: [2, 4] }];
  adjointCases([
    ...opsetsFrom(7, 11, 13).map((opset) => ({
      title: `opset ${opset}`,
      op: 'Concat',
      inputs: parts,
      attributes: { axis: 1 },
      opset,
    })),
    { title: 'the last axis', op: 'Concat', inputs: parts, attributes: { axis: -1 } },
    { title: 'one input', op: 'Concat', inputs: [x], attributes: { axis: 0 } },
    { title: 'the same value twice', op: 'Concat', inputs: [x, x], attributes: { axis: 1 } },
    { title: 'only the middle one is wanted', op: 'Concat', inputs: parts, attributes: { axis: 1 }, wrt: [1] },
    { title: 'the first and last are wanted', op: 'Concat', inputs: parts, attributes: { axis: 1 }, wrt: [0, 2] },

    ...[7, 11].map((opset) => ({
      title: `sizes by attribute, opset ${opset}`,
      op: 'Split',
      inputs: [x],
      attributes: { axis: 2, split: [1, 3, 2] },
      outputs: 3,
      opset,
    })),
    ...[7, 13].map((opset) => ({
      title: `equal parts, opset ${opset}`,
      op: 'Split',
      inputs: [x],
      attributes: { axis: 2 },
      outputs: 3,
      opset,
    })),
    ...[13, 18, 26].map((opset) => ({
      title: `sizes by input, opset ${opset}`,
      op: 'Split',
      inputs: [x, ints(1, 3)],
      outputs: 2,
      opset,
    })),
    {
      title: 'a last part that is smaller',
      op: 'Split',
      inputs: [{ dims: [2, 7] }],
      attributes: { axis: -1, num_outputs: 4 },
      outputs: 4,
      opset: 18,
    },
    { title: 'one part', op: 'Split', inputs: [x], attributes: { num_outputs: 1 }, opset: 18 },
  ]);

  adjointCases([
    slice('one axis', [1], [3], [0]),
    slice('two axes', [1, 2], [3, 5], [0, 2]),
    slice('axes left out', [1, 0, 2], [4, 2, 5]),
    slice('from the end', [-4], [-1], [2]),
    slice('to an end beyond the last', [1], [1000], [1]),
    slice('an axis from the end', [1], [5], [-1]),
    slice('all of it', [0], [3], [1]),
    slice('every second', [0], [6], [2], [2]),
    slice('every second from 1', [1], [6], [2], [2]),
    slice('every third', [0], [6], [2], [3]),
    slice('every fourth of six', [0], [6], [2], [4]),
    slice('every fourth of six from 1', [1], [6], [2], [4]),
    slice('every fifth, one comes', [3], [6], [2], [5]),
    slice('two axes by steps', [0, 1], [4, 6], [0, 2], [2, 3]),
    slice('backwards', [-1], [-1000], [2], [-1]),
    slice('backwards, a part', [4], [1], [2], [-1]),
    slice('backwards by two', [5], [0], [2], [-2]),
    slice('backwards by three from the middle', [4], [-1000], [2], [-3]),
    slice('backwards, one comes', [2], [1], [2], [-1]),
    slice('rank 1', [2], [7], [0], [2], [9]),
    ...[7, 9].map((opset) => ({
      title: `by attributes, opset ${opset}`,
      op: 'Slice',
      inputs: [x],
      attributes: { starts: [1, 2], ends: [3, 5], axes: [0, 2] },
      opset,
    })),
    {
      title: 'by attributes, axes left out',
      op: 'Slice',
      inputs: [x],
      attributes: { starts: [1, 0], ends: [3, 2] },
      opset: 9,
    },
    ...[10, 11, 13, 26].map((opset) => ({ ...slice(`opset ${opset}`, [1], [3], [0], [2]), opset })),
  ]);
});
