import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { swap } from '../../src/index.ts';
import { asMeant } from '../../src/inputs/as-meant.ts';
import { openZeroBatch } from '../../src/inputs/zero-batch.ts';
import { type Model, writeModel } from '../../src/onnx/model.ts';
import { typeText } from '../../src/onnx/type-text.ts';

function model(batch: number | string): Model {
  const net = new Net();
  const x = net.conv(net.input('x', [batch, 3, 8, 8]), 3, 16, { kernel: 3 });
  return net.output(net.bn(x, 16), [batch, 16, 8, 8]).model();
}

const shapes = ({ proto: { graph } }: Model) => [...graph.input, ...graph.output].map(({ type }) => typeText(type));

describe('openZeroBatch', () => {
  it('opens a batch that is stored as 0, and nothing else', () => {
    expect(shapes(openZeroBatch(model(0)))).to.deep.equal(['float32 [?, 3, 8, 8]', 'float32 [?, 16, 8, 8]']);
    for (const other of [model(2), model('N')]) expect(openZeroBatch(other)).to.equal(other);
  });

  it('leaves an empty list alone, which may be meant', () => {
    const net = new Net();
    const list = net.output(net.relu(net.input('x', [0]))).model();
    expect(openZeroBatch(list)).to.equal(list);
  });

  it('lets a swap run on samples, not on none', async () => {
    const { verification } = await swap(writeModel(model(0)));
    expect(verification?.inputDims).to.deep.equal({ x: [2, 3, 8, 8] });
    expect(verification?.passed).to.equal(true);
    expect(verification?.drift[0]?.max).to.be.above(0);
  });
});

describe('asMeant', () => {
  it('gives the same model where nothing is to be read otherwise', () => {
    const given = model('N');
    expect(asMeant(given, {})).to.equal(given);
  });
});
