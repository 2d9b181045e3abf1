import { expect } from 'chai';
import { fixed } from '../../src/norms/fixed.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { byElement } from '../support/by-element.ts';
import { siteOf } from '../support/site.ts';

describe('norms/fixed', () => {
  const statistics = {
    scale: Float64Array.of(2, -3),
    bias: Float64Array.of(1, 0.5),
    mean: Float64Array.of(4, -1),
    variance: Float64Array.of(8.75, 0),
  };
  const site = siteOf({ channels: 2, epsilon: 0.25, statistics });

  it('is s = γ/√(σ² + ε) and t = β − μ s', () => {
    const { scale, bias, notes } = fixed.parameters(site);
    expect([...scale]).to.deep.equal([2 / 3, -6]);
    expect([...bias]).to.deep.equal([1 - (4 * 2) / 3, 0.5 - 6]);
    expect(notes).to.deep.equal([]);
  });

  it('takes each channel by itself, and nothing that was folded away', () => {
    expect(fixed.groupsFor(site)).to.deep.equal({ groups: 2 });
    expect(fixed.check(site)).to.equal(undefined);
    expect(fixed.check({ ...site, needsData: true, kept: site.node })).to.include({ code: 'form' });
    expect(fixed.check({ ...site, needsData: true })).to.include({ code: 'no-statistics' });
  });

  it('visits every element with its value, and a bound that grows with it and with the type’s roundoff', () => {
    const visits = (type: DataType) => {
      const found: [number, number, number][] = [];
      const norm = { channels: 2, groups: 2, epsilon: 0.25, scale: [2, -6], bias: [1, 0] };
      const x = [1, 100, 3, 0];
      const computed = { norm, x, dims: [1, 2, 2], type, oneStage: true, bySquares: false };
      fixed.elements(
        computed,
        byElement((...visit) => found.push(visit)),
      );
      return found;
    };
    const found = visits(DataType.FLOAT);
    expect(found.map(([index, y]) => [index, y])).to.deep.equal([
      [0, 3],
      [1, 201],
      [2, -18],
      [3, 0],
    ]);
    const [small, large] = found.map(([, , bound]) => bound) as [number, number];
    // Four roundings of 2⁻²⁴ of |s x| + |y|; the floor is for numbers next to 0.
    expect(large).to.be.closeTo(4 * 2 ** -24 * (200 + 201), 1e-12);
    expect(small).to.be.lessThan(large);
    expect(visits(DataType.FLOAT16)[1]?.[2]).to.be.greaterThan(1000 * large);
  });
});
