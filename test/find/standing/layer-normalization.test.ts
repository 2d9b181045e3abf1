import { expect } from 'chai';
import { type Dims, Net } from '../../../fixtures/build.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import { checked, errorsOf } from '../../support/checked.ts';
import { normsOf } from '../../support/foreign.ts';

/** On a value whose rank the graph does not tell: it has the shape that an input says. */
function ofUnknownRank(axis: number, dims: readonly number[]): Net {
  const net = new Net();
  const x = net.node('Reshape', [net.input('x', ['k']), net.input('shape', ['rank'], DataType.INT64)]);
  return net.output(net.node('LayerNormalization', [x, net.weight('gamma', dims), net.weight('beta', dims)], { axis }));
}

function layerNorm(axis: number, dims: readonly number[], input: Dims = [2, 8, 4, 4]): Net {
  const net = new Net();
  const parameters = [net.weight('gamma', dims), net.weight('beta', dims)];
  return net.output(net.node('LayerNormalization', [net.input('x', input), ...parameters], { axis }), input);
}

describe('the recogniser layer-normalization', () => {
  for (const [axis, dims, input] of [
    [1, [8, 1, 1], undefined],
    [-3, [8, 1, 1], undefined],
    [1, [8], [2, 8]],
    [-1, [8], [2, 8]],
  ] as const) {
    it(`knows it over axis ${axis} with a γ of [${dims}]`, async () => {
      const model = layerNorm(axis, dims, input).model();
      const [norm] = normsOf(model);
      expect(norm).to.deep.include({ recogniser: 'layer-normalization', norm: 'layer', channels: 8, groups: 1 });
      expect(errorsOf(await checked(model, { run: true }))).to.deep.equal([]);
    });
  }

  for (const [what, axis, dims, input] of [
    ['along the last axis, as in a transformer', -1, [8], [2, 5, 8]],
    ['with a γ for each position', 1, [8, 4, 4], undefined],
    ['over positions alone', 2, [4, 4], undefined],
    ['with a γ of the last axis', 1, [4], undefined],
  ] as const) {
    it(`does not take one ${what} for a norm over channels`, () => {
      expect(normsOf(layerNorm(axis, dims, input).model())).to.deep.equal([]);
    });
  }

  it('goes by γ where the rank is not known, but not by one that is counted from the end', () => {
    expect(normsOf(ofUnknownRank(1, [8, 1, 1]).model())[0]?.shape?.length).to.equal(4);
    expect(normsOf(ofUnknownRank(-3, [8, 1, 1]).model())[0]?.shape?.length).to.equal(4);
    expect(normsOf(ofUnknownRank(1, [8]).model())[0]?.shape?.length).to.equal(2);
    // The LayerNormalization of a transformer, on [batch, tokens, channels].
    expect(normsOf(ofUnknownRank(-1, [8]).model())).to.deep.equal([]);
  });
});
