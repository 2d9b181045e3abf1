import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { FIXTURES, fixtureNamed } from '../../fixtures/index.ts';
import { countFoldedConv } from '../../src/find/index.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { makeTensor } from '../../src/onnx/tensor.ts';

/** Conv → `between` → Relu. */
function conv(between: (net: Net, x: string) => string, bias = false, end = 'Relu', op = 'Conv'): number {
  const net = new Net();
  const inputs = [net.input('x', [1, 3, 4, 4]), net.weight('W', [3, 3, 1, 1])];
  const x = between(net, net.node(op, bias ? [...inputs, net.weight('b', [3])] : inputs));
  return countFoldedConv(net.output(net.node(end, [x]), [1, 3, 4, 4]).model());
}

const nothing = (_: Net, x: string) => x;

describe('find/folded-conv', () => {
  it('counts a Conv with a bias before a nonlinearity', () => {
    for (const end of ['Relu', 'HardSwish', 'Sigmoid', 'Clip']) expect(conv(nothing, true, end), end).to.equal(1);
    expect(conv(nothing, true, 'Relu', 'ConvTranspose')).to.equal(1);
  });

  it('counts a bias that is added: an initializer, a Constant, or one that a Reshape turns', () => {
    const added = (bias: (net: Net) => string) => conv((net, x) => net.node('Add', [x, bias(net)]));
    expect(added((net) => net.weight('b', [3, 1, 1]))).to.equal(1);
    expect(
      added((net) => net.node('Constant', [], { value: makeTensor('', DataType.FLOAT, [3, 1, 1], [1, 2, 3]) })),
    ).to.equal(1);
    expect(
      added((net) => net.node('Reshape', [net.weight('b', [3]), net.weight('s', [3], [3, 1, 1], DataType.INT64)])),
    ).to.equal(1);
  });

  it('does not count what has no bias, no nonlinearity, or adds what is computed', () => {
    expect(conv(nothing)).to.equal(0);
    expect(conv(nothing, true, 'Neg')).to.equal(0);
    expect(conv(nothing, true, 'Relu', 'MaxPool')).to.equal(0);
    expect(conv((net, x) => net.node('Add', [x, net.node('Abs', [x])]))).to.equal(0);
  });

  it('counts in subgraphs too', () => {
    const body = new Net({ prefix: 'b/' });
    const y = body.node('Conv', ['x', body.weight('W', [3, 3, 1, 1]), body.weight('b', [3])]);
    const graph = body.output(body.relu(y), [1, 3, 4, 4]).graph();
    const net = new Net();
    net.input('x', [1, 3, 4, 4]);
    const choice = net.input('choice', [], DataType.BOOL);
    const model = net.output(net.node('If', [choice], { then_branch: { graph }, else_branch: { graph } })).model();
    expect(countFoldedConv(model)).to.equal(2);
  });

  it('tells the fixtures apart', () => {
    expect(countFoldedConv(fixtureNamed('folded-conv').build())).to.equal(2);
    expect(countFoldedConv(fixtureNamed('no-bn').build())).to.equal(0);
    // Where the norm still stands, the Conv before it is not counted.
    const counted = FIXTURES.filter(({ sites }) => sites > 0).filter((it) => countFoldedConv(it.build()) > 0);
    expect(counted.map(({ name }) => name)).to.deep.equal([]);
  });
});
