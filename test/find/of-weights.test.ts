/** Weight standardization, as timm's NFNet and BiT have it and PyTorch exports it. */
import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { findSites } from '../../src/find/index.ts';
import { swap } from '../../src/jobs/swap.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import type { Model } from '../../src/onnx/model.ts';
import { writeModel } from '../../src/onnx/model.ts';
import { rejection } from '../support/errors.ts';

/** x → Conv → Relu → Conv → mean; the weights of both are normalised first, and if asked a norm stands between. */
function standardised(isMoved: boolean, hasNorm = false): Model {
  const net = new Net({ opset: 17, seed: 2 });
  const shape = (name: string, dims: number[]) => net.weight(name, [dims.length], dims, DataType.INT64);
  const conv = (x: string, from: number, to: number, name: string) => {
    const row = [1, to, from * 9];
    const stored = isMoved
      ? net.node('Reshape', [net.weight(`${name}.w`, [to, from, 3, 3]), shape(`${name}.row`, row)])
      : net.weight(`${name}.w`, row);
    const normed = net.bn(stored, to);
    const weight = net.node('Reshape', [normed, shape(`${name}.shape`, [to, from, 3, 3])]);
    return net.node('Conv', [x, weight, net.weight(`${name}.b`, [to])], { pads: [1, 1, 1, 1] });
  };
  const first = conv(net.input('x', ['n', 3, 8, 8]), 3, 8, 'first');
  const map = conv(net.relu(hasNorm ? net.bn(first, 8) : first), 8, 8, 'second');
  return net.output(net.node('GlobalAveragePool', [net.relu(map)]), ['n', 8, 1, 1]).model();
}

describe('find/of-weights', () => {
  for (const isMoved of [false, true]) {
    it(`leaves the norms of weights, and does not take their Conv for folded: ${isMoved ? 'moved' : 'as stored'}`, async () => {
      const { sites, refusals } = findSites(standardised(isMoved, true), undefined, 'all');
      expect(sites.map(({ input }) => input)).to.have.length(1);
      expect(sites[0]?.input).to.match(/^Conv/);
      expect(refusals.filter(({ code }) => code === 'of-weights')).to.have.length(2);
      expect(refusals.filter(({ op }) => op === 'Conv').map(({ reason }) => reason)).to.deep.equal([
        'its weights are computed, so nothing was multiplied into them',
        'its weights are computed, so nothing was multiplied into them',
      ]);
    });
  }

  it('takes a norm of a sample for one, be the sample scaled by what is stored, and one of a table that is no weight', () => {
    const net = new Net({ opset: 17 });
    const scaled = net.bn(net.node('Mul', [net.weight('s', [1, 8, 1, 1]), net.input('x', ['n', 8, 4, 4])]), 8);
    const table = net.bn(net.weight('table', [1, 8, 4, 4]), 8);
    const model = net.output(net.node('Add', [net.conv(scaled, 8, 8), net.relu(table)])).model();
    expect(findSites(model).sites).to.have.length(2);
  });

  it('says so where there are no others', async () => {
    const { code, message, remedy } = await rejection(swap(writeModel(standardised(true))));
    expect(code).to.equal('nothing-to-swap');
    expect(message).to.equal(
      '2 BatchNormalization nodes, but none can be swapped: it normalises weights of the file (weight standardization), and no sample',
    );
    expect(remedy).to.match(/^Train the file as it is/);
  });

  it('is no reason to refuse with --strict', async () => {
    const { model } = await swap(writeModel(standardised(true, true)), { strict: true });
    expect(model.length).to.be.above(0);
  });
});
