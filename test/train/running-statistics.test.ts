import { expect } from 'chai';
import type { Flat } from '../../src/gradient/flat.ts';
import type { GradientModel } from '../../src/gradient/index.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { firstOf, runningStatistics } from '../../src/train/running-statistics.ts';
import { floats } from '../support/answers.ts';

const type = (...dims: number[]) => ({ type: DataType.FLOAT, dims });
const LAYOUT: Flat = {
  name: 'theta',
  type: type(5),
  parts: [
    { name: 'w', offset: 0, dims: [2, 2] },
    { name: 'b', offset: 4, dims: [] },
  ],
  decayed: 4,
};
const update = (input: string, output: string, dim: number) => ({ input, output, type: type(dim), isState: false });
const MADE = { updates: [update('mean', 'next/mean', 2), update('var', 'next/var', 3)] } as unknown as GradientModel;
const NONE = { updates: [] } as unknown as GradientModel;

describe('train/running-statistics', () => {
  it('lie behind the parameters, in the order of their updates, and do not decay', () => {
    const { layout, next } = runningStatistics(MADE, LAYOUT);
    expect(layout.parts.map(({ name, offset }) => [name, offset])).to.deep.equal([
      ['w', 0],
      ['b', 4],
      ['mean', 5],
      ['var', 7],
    ]);
    expect(layout.decayed).to.equal(4);
    expect(next).to.deep.equal(['next/mean', 'next/var']);
  });

  it('are fed under their own names, and the parameters as one vector without them', () => {
    const fed = runningStatistics(MADE, LAYOUT).feeds(Float32Array.from({ length: 10 }, (_, index) => index));
    const shown = Object.entries(fed).map(([name, { dims, data }]) => [name, dims, [...(data as Float32Array)]]);
    expect(shown).to.deep.equal([
      ['theta', [5], [0, 1, 2, 3, 4]],
      ['mean', [2], [5, 6]],
      ['var', [3], [7, 8, 9]],
    ]);
  });

  it('no gradient moves them, and a run gives their next values wherever its outputs stand', () => {
    const results = { other: floats([1], [9]), 'next/var': floats([3], [7, 8, 9]), 'next/mean': floats([2], [5, 6]) };
    const { gradient, running } = runningStatistics(MADE, LAYOUT).split(Float32Array.of(1, 2, 3, 4, 5), results);
    expect([...gradient]).to.deep.equal([1, 2, 3, 4, 5, 0, 0, 0, 0, 0]);
    expect([...(running ?? [])]).to.deep.equal([5, 6, 7, 8, 9]);
    const plain = Float32Array.of(1, 2, 3, 4, 5);
    expect(runningStatistics(NONE, LAYOUT).split(plain, {})).to.deep.equal({ gradient: plain });
  });

  it('begin as the file has them', () => {
    const values = { theta: floats([5], [1, 2, 3, 4, 5]), mean: floats([2], [6, 7]), var: floats([3], [8, 9, 10]) };
    const running = runningStatistics(MADE, LAYOUT);
    expect([...firstOf(values, running.layout, running)]).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const none = runningStatistics(NONE, LAYOUT);
    expect([...firstOf(values, none.layout, none)]).to.deep.equal([1, 2, 3, 4, 5]);
  });
});
