import { expect } from 'chai';
import { OPTIMIZERS } from '../../../src/train/optimizers/index.ts';
import { placed, vector } from '../../../src/train/optimizers/vectors.ts';

const PAGE = 4096;
/** Where in a page a vector begins, from where its buffer does. */
const place = ({ byteOffset }: Float32Array) => byteOffset % PAGE;

describe('train/optimizers/vectors', () => {
  it('sets what a step reads and writes at different places of a page, none where a buffer begins', () => {
    const theta = placed(Float32Array.of(1, 2, 3), 1);
    for (const name of ['adamw', 'sgd'] as const) {
      const all = [theta, ...OPTIMIZERS[name].begin(3)];
      expect(new Set([0, ...all.map(place)]).size).to.equal(1 + all.length);
    }
  });

  it('gives a vector of zeros, or a copy that changes nothing else', () => {
    expect([...vector(5, 3)]).to.deep.equal([0, 0, 0, 0, 0]);
    const values = Float32Array.of(1, 2, 3);
    const copy = placed(values, 2);
    expect([...copy]).to.deep.equal([1, 2, 3]);
    copy[0] = 7;
    expect([...values]).to.deep.equal([1, 2, 3]);
    expect(placed(new Float32Array(0), 1)).to.have.length(0);
  });
});
