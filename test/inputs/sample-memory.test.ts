import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { datasetOf } from '../../src/inputs/dataset.ts';
import { sampleMemory } from '../../src/inputs/sample-memory.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import type { Model } from '../../src/onnx/model.ts';

/** Samples of three numbers each, of which two are not 0. */
const data = datasetOf({ x: { type: DataType.FLOAT, dims: [2, 3], data: Float32Array.of(0, 1, 2, 3, 0, 4) } });

async function bytesOf(model: Model): Promise<number[]> {
  return [...(await sampleMemory(model, data, [0, 1])).values()];
}

describe('sampleMemory', () => {
  it('counts all values for one sample, in bytes', async () => {
    const net = new Net();
    net.output(net.relu(net.input('x', ['N', 3])), ['N', 3]);
    expect(await bytesOf(net.model())).to.deep.equal([4 * 3]);
  });

  it('shares a fixed batch among its samples', async () => {
    const net = new Net();
    net.output(net.relu(net.input('x', [2, 3])), [2, 3]);
    expect(await bytesOf(net.model())).to.deep.equal([4 * 3]);
  });

  it('runs the model for sizes that the file does not tell', async () => {
    const net = new Net();
    const found = net.node('NonZero', [net.input('x', ['N', 3])]);
    net.output(net.node('Cast', [found], { to: DataType.FLOAT }));
    // Two places of two coordinates each, as integers and as floats.
    expect(await bytesOf(net.model())).to.deep.equal([4 * 2 * (2 * 2)]);
  });
});
