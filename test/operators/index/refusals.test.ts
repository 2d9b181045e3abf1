import { expect } from 'chai';
import { gradientOf } from '../../../src/gradient/index.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import { type Case, make } from '../support/cases.ts';

const ints = (...values: number[]) => ({ dims: [values.length], values, type: DataType.INT64 });

const REFUSED: readonly (readonly [it: Case, reason: string])[] = [
  [
    {
      title: 'a reduction that multiplies',
      op: 'ScatterND',
      inputs: [{ dims: [3, 2] }, { ...ints(1, 2), dims: [2, 1], constant: true }, { dims: [2, 2] }],
      attributes: { reduction: 'mul' },
    },
    'its reduction is mul; none and add have a gradient',
  ],
  [
    {
      title: 'a reduction that takes the largest',
      op: 'ScatterElements',
      inputs: [{ dims: [3, 2] }, { ...ints(1, 2), dims: [1, 2], constant: true }, { dims: [1, 2] }],
      attributes: { reduction: 'max' },
    },
    'its reduction is max; none and add have a gradient',
  ],
  [
    { title: 'computed starts', op: 'Slice', inputs: [{ dims: [4, 3] }, ints(1), { ...ints(3), constant: true }] },
    'its starts are computed in the run',
  ],
  [{ title: 'computed pads', op: 'Pad', inputs: [{ dims: [4] }, ints(1, 2)] }, 'its pads are computed in the run'],
  [
    {
      title: 'cutting in a mode that repeats',
      op: 'Pad',
      inputs: [{ dims: [4] }, { ...ints(-1, 2), constant: true }],
      attributes: { mode: 'edge' },
    },
    'it cuts and pads in mode edge',
  ],
  [
    {
      title: 'more than one round',
      op: 'Pad',
      inputs: [{ dims: [3] }, { ...ints(0, 4), constant: true }],
      attributes: { mode: 'wrap' },
      opset: 19,
    },
    'it pads 4 positions in mode wrap from 3',
  ],
  [
    { title: 'computed axes', op: 'ReduceSum', inputs: [{ dims: [4, 3] }, ints(1)] },
    'its axes are computed in the run',
  ],
];

describe('operators/index: refusals', () => {
  for (const [it_, reason] of REFUSED) {
    it(`${it_.op} with ${it_.title} is refused with its reason`, async () => {
      const { model, wrt } = make(it_);
      const error = await gradientOf(model, { wrt }).catch((cause: unknown) => cause);
      expect(error).to.have.property('code', 'unsupported-model');
      expect(String(error)).to.include(it_.op).and.to.include(reason);
    });
  }
});
