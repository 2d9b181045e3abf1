import { expect } from 'chai';
import {
  ends,
  heldBy,
  linear,
  passingInputs,
  sizeOf,
  smooth,
  spelled,
  wanted,
  wrapAxis,
} from '../../src/operators/gradient-rule.ts';
import { Written } from './support/written.ts';

describe('operators/gradient-rule', () => {
  const rule = linear(() => []);

  it('a gradient goes through all inputs of a node but those that its rule holds', () => {
    const held = { ...rule, held: { inputs: [1, 3], what: 'sizes' } };
    expect(passingInputs(held, ['x', 'sizes', 'y', 'more'])).to.deep.equal(['x', 'y']);
    expect(passingInputs(rule, ['x', 'y'])).to.deep.equal(['x', 'y']);
    expect(heldBy(held).what).to.equal('sizes');
  });

  it('nothing is held where the gradient ends, or the operator has no rule', () => {
    for (const it of [ends, undefined]) {
      expect(heldBy(it).inputs).to.deep.equal([]);
      expect(passingInputs(it, ['x'])).to.deep.equal(['x']);
    }
  });

  it('a rule of one output is asked only if a gradient arrives there, and told its name', () => {
    const asked: string[] = [];
    for (const make of [linear, smooth]) {
      const { rule: own } = make((g, dy) => {
        asked.push(dy);
        return [g.input(0)];
      });
      const node = { input: ['x'], output: ['y', 'indices'] };
      expect(own(new Written(node, [undefined, 'd']))).to.deep.equal([]);
      expect(own(new Written(node, ['dy']))).to.deep.equal(['x']);
    }
    expect(asked).to.deep.equal(['dy', 'dy']);
    expect([linear, smooth].map((make) => make(() => []).proof)).to.deep.equal(['linear', 'differences']);
  });

  it('gradients that nobody wants are not written', () => {
    const g = new Written();
    g.wants = (index) => index === 1;
    const written: number[] = [];
    const writer = (index: number) => () => {
      written.push(index);
      return `d${index}`;
    };
    expect(wanted(g, writer(0), writer(1), writer(2))).to.deep.equal([undefined, 'd1', undefined]);
    expect(written).to.deep.equal([1]);
  });

  it('a rule that other nodes are written for keeps how those are written, and is proven by differences', () => {
    const spelling = () => ({ root: 'r' });
    expect(spelled(spelling, () => [])).to.include({ spelling, proof: 'differences' });
    expect(rule).to.include({ proof: 'linear' }).and.not.to.have.property('spelling');
  });

  it('a scalar has a size of 1, and a value without a position 0', () => {
    expect([sizeOf([]), sizeOf([2, 3, 4]), sizeOf([5, 0, 2])]).to.deep.equal([1, 24, 0]);
  });

  it('negative axes are counted from the end', () => {
    expect([-1, -4, 0, 3].map((axis) => wrapAxis(axis, 4))).to.deep.equal([3, 0, 0, 3]);
  });
});
