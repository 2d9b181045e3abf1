import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { valueSizes } from '../../src/inputs/value-sizes.ts';
import { DataType } from '../../src/onnx/data-type.ts';

function floats(dims: readonly number[]) {
  return { type: DataType.FLOAT, dims, data: new Float32Array(dims.reduce((n, dim) => n * dim, 1)) };
}

describe('valueSizes', () => {
  it('counts the numbers of every value, for inputs of these sizes', () => {
    const net = new Net();
    const x = net.conv(net.input('x', ['N', 3, 'H', 'W']), 3, 8, { kernel: 3 });
    net.output(net.relu(x), ['N', 8, 'H', 'W']);
    expect(valueSizes(net.model(), { x: floats([2, 3, 4, 5]) })).to.deep.equal({
      elements: 2 * (2 * 8 * 20),
      unknown: [],
    });
  });

  it('does not believe a file that states another batch', () => {
    const net = new Net();
    net.output(net.relu(net.input('x', [4, 3])), [4, 3]);
    const model = net.model({ graph: { ...net.graph(), valueInfo: net.outputs } });
    expect(valueSizes(model, { x: floats([7, 3]) }).elements).to.equal(21);
  });

  it('follows sizes that nodes compute of known ones, as flattening by x.view(x.size(0), -1) does', () => {
    const net = new Net();
    const x = net.relu(net.input('x', ['N', 3, 'H', 'W']));
    const of = (value: number) => net.weight(`i${value}`, [1], [value], DataType.INT64);
    const first = net.node('Gather', [net.node('Shape', [x]), net.weight('zero', [], [0], DataType.INT64)]);
    const target = net.node('Concat', [net.node('Unsqueeze', [first, of(0)]), of(-1)], { axis: 0 });
    net.output(net.node('MatMul', [net.node('Reshape', [x, target]), net.weight('w', [60, 7])]));
    const { elements, unknown } = valueSizes(net.model(), { x: floats([2, 3, 4, 5]) });
    expect(unknown).to.deep.equal([]);
    // Relu, Shape, Gather, Unsqueeze, Concat, Reshape, MatMul.
    expect(elements).to.equal(120 + 4 + 1 + 1 + 2 + 120 + 14);
  });

  it('names values whose size only a run can tell', () => {
    const net = new Net();
    const found = net.node('NonZero', [net.input('x', ['N', 3])], {}, { outputs: ['found'] });
    net.output(net.node('Cast', [found], { to: DataType.FLOAT }, { outputs: ['floats'] }));
    expect(valueSizes(net.model(), { x: floats([2, 3]) })).to.deep.equal({ elements: 0, unknown: ['found', 'floats'] });
  });

  it('leaves out what holds no tensors of a run: constants, sequences, results of subgraphs', () => {
    const net = new Net();
    const x = net.input('x', ['N', 3]);
    net.node('Constant', [], { value_float: { float: 1 } });
    net.node('SequenceConstruct', [x]);
    net.output(net.relu(x));
    expect(valueSizes(net.model(), { x: floats([2, 3]) })).to.deep.equal({ elements: 6, unknown: [] });
  });
});
