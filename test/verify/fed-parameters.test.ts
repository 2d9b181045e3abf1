import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { fedParameters } from '../../src/verify/fed-parameters.ts';

describe('fedParameters', () => {
  it('feeds lists of floats, and leaves single numbers and integers in the model', () => {
    const net = new Net();
    const x = net.input('x', [1, 2]);
    const scaled = net.node('Mul', [x, net.weight('list', [2], [3, 4])]);
    const model = net.output(net.node('Add', [scaled, net.weight('one', [1], [5])])).model();
    const { model: given, feeds } = fedParameters(model);
    expect(Object.keys(feeds)).to.deep.equal(['list']);
    expect(feeds.list).to.deep.equal({ type: DataType.FLOAT, dims: [2], data: Float32Array.of(3, 4) });
    expect(given.proto.graph.input.map(({ name }) => name)).to.deep.equal(['x', 'list']);
    expect(given.proto.graph.initializer.map(({ name }) => name)).to.deep.equal(['one']);
  });
});
