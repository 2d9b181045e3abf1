import { DataType } from '../../../src/onnx/data-type.ts';
import { adjointCases, type Case, type Input } from '../support/cases.ts';

const ints = (...values: number[]): Input => ({ dims: [values.length], values, type: DataType.INT64, constant: true });
const x = { dims: [4, 3, 6] };

/** Padding by inputs; `axes` since opset 18. */
function pad(title: string, mode: string, pads: number[], more: Partial<Case> = {}): Case {
  return { title: `${mode}, ${title}`, op: 'Pad', inputs: [x, ints(...pads)], attributes: { mode }, ...more };
}

describe('operators/index/pad', () => {
  adjointCases([
    pad('all axes', 'constant', [1, 0, 2, 0, 3, 1]),
    pad('nothing', 'constant', [0, 0, 0, 0, 0, 0]),
    pad('cutting', 'constant', [-1, 0, -2, 0, -1, -1]),
    pad('cutting and padding', 'constant', [-1, 0, 2, 1, 0, -3]),
    pad('a computed value', 'constant', [1, 0, 2, 0, 3, 1], {
      inputs: [x, ints(1, 0, 2, 0, 3, 1), { dims: [], values: [0.5] }],
    }),
    pad('axes', 'constant', [], { inputs: [x, ints(1, 2, 3, 0), undefined, ints(0, -1)] }),
    pad('one side', 'edge', [0, 0, 2, 0, 0, 0]),
    pad('all axes', 'edge', [1, 2, 3, 3, 2, 1]),
    pad('more than there is', 'edge', [0, 5, 0, 0, 4, 0]),
    pad('one side', 'reflect', [0, 0, 0, 0, 0, 2]),
    pad('all axes', 'reflect', [1, 2, 3, 3, 2, 1]),
    pad('as far as it goes', 'reflect', [3, 2, 5, 3, 2, 5]),
    pad('axes', 'reflect', [], { inputs: [x, ints(2, 1), undefined, ints(2)] }),
    pad('one side', 'wrap', [0, 0, 2, 0, 0, 0], { opset: 19 }),
    pad('all axes', 'wrap', [1, 2, 3, 3, 2, 1], { opset: 19 }),
    pad('as far as it goes', 'wrap', [4, 0, 6, 4, 0, 6], { opset: 21 }),
    ...['constant', 'edge', 'reflect'].flatMap((mode) =>
      [7, 10].map((opset) => ({
        title: `${mode}, by attributes, opset ${opset}`,
        op: 'Pad',
        inputs: [x],
        attributes: { mode, pads: [1, 0, 2, 0, 1, 1] },
        opset,
      })),
    ),
    ...[11, 13, 19, 26].map((opset) => pad(`opset ${opset}`, 'constant', [1, 0, 2, 0, 1, 1], { opset })),
  ]);
});
