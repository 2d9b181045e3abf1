import { expect } from 'chai';
import { datasetOf } from '../../../src/inputs/dataset.ts';
import { Random } from '../../../src/inputs/random.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import { isVariable, madeFrom } from '../../../src/train/refine/made-inputs.ts';

const random = new Random(4);
const given = datasetOf({
  x: { type: DataType.FLOAT, dims: [3, 3, 6, 5], data: Float32Array.from({ length: 270 }, () => random.normal()) },
});

describe('train/refine/made-inputs', () => {
  it('makes finite inputs of the same shape, each another one', async () => {
    const made = madeFrom(given, [0, 2], 8, 7);
    const seen = new Set<string>();
    for (let index = 0; index < made.count; index++) {
      const { x } = await made.load(index);
      expect(x?.dims).to.deep.equal([1, 3, 6, 5]);
      expect(Array.from(x?.data as Float32Array).every(Number.isFinite)).to.equal(true);
      seen.add(String(x?.data));
    }
    expect(seen.size).to.equal(8);
  });

  it('gives the same for the same seed, and others for another', async () => {
    const first = async (seed: number) => String((await madeFrom(given, [0, 1], 4, seed).load(3)).x?.data);
    expect(await first(1)).to.equal(await first(1));
    expect(await first(1)).to.not.equal(await first(2));
  });

  it('never takes a sample that it was not given', async () => {
    const only = {
      ...given,
      load: (sample: number) => (sample === 1 ? given.load(1) : Promise.reject(new Error(`${sample}`))),
    };
    for (let index = 0; index < 6; index++) await madeFrom(only, [1], 6, 3).load(index);
  });

  it('leaves class numbers and single numbers as they are', async () => {
    const data = datasetOf({ n: { type: DataType.INT64, dims: [2, 1], data: BigInt64Array.from([5n, 6n]) } });
    expect(isVariable(await data.load(0))).to.equal(false);
    expect((await madeFrom(data, [1], 2, 0).load(0)).n?.data[0]).to.equal(6n);
  });
});
