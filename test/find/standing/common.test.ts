import { expect } from 'chai';
import { Net } from '../../../fixtures/build.ts';
import { inputOf, rowsIn, uncast } from '../../../src/find/standing/common.ts';
import { viewOf } from '../../../src/graph/view.ts';
import { DataType } from '../../../src/onnx/data-type.ts';

function graphOf(net: Net, output: string, type = net.type) {
  const view = viewOf(net.output(output, undefined, type).model());
  const [scope] = view.scopes;
  if (scope === undefined) throw new RangeError('no graph');
  return view.in(scope);
}

const ints = (net: Net, ...values: number[]) =>
  net.weight(`i${net.initializers.length}`, [values.length], values, DataType.INT64);

describe('find/standing/common', () => {
  it('reads R of a Reshape to [N, R, …], constant or put together in the run', () => {
    const net = new Net();
    const x = net.input('x', ['n', 32, 4, 4]);
    const batch = net.node('Slice', [net.node('Shape', [x]), ints(net, 0), ints(net, 1)]);
    const made = net.node('Concat', [batch, ints(net, 8), ints(net, -1)], { axis: 0 });
    const constant = ints(net, 0, 4, -1);
    const computed = net.node('Concat', [batch, batch, ints(net, -1)], { axis: 0 });
    const graph = graphOf(net, net.node('Reshape', [x, made]));
    expect(rowsIn(made, graph)).to.equal(8);
    expect(rowsIn(constant, graph)).to.equal(4);
    expect(rowsIn(computed, graph)).to.equal(undefined);
    expect(rowsIn('no such value', graph)).to.equal(undefined);
  });

  /** A norm in float32 between the Cast that widens a value and, perhaps, the one that narrows it again. */
  function widened(from: DataType, narrows: boolean) {
    const net = new Net({ type: from });
    const x = net.relu(net.input('x', [1, 4, 2, 2]));
    const wide = net.node('Cast', [x], { to: DataType.FLOAT });
    const norm = net.node('Tanh', [wide]);
    const output = narrows ? net.node('Cast', [norm], { to: from }) : norm;
    return { x, wide, output, graph: graphOf(net, output, narrows ? from : DataType.FLOAT) };
  }

  it('finds the 16-bit value before the Cast that widens it, and no value of another width', () => {
    for (const type of [DataType.FLOAT16, DataType.BFLOAT16]) {
      const { x, wide, graph } = widened(type, true);
      expect(uncast(wide, graph)).to.equal(x);
      expect(uncast(x, graph)).to.equal(x);
    }
    const { wide, graph } = widened(DataType.DOUBLE, true);
    expect(uncast(wide, graph)).to.equal(wide);
  });

  it('counts the Cast to a norm if another narrows its output again, and else to what was there before', () => {
    const both = widened(DataType.FLOAT16, true);
    expect(inputOf(both.wide, both.output, both.graph)).to.equal(both.x);
    const one = widened(DataType.FLOAT16, false);
    expect(inputOf(one.wide, one.output, one.graph)).to.equal(one.wide);
  });
});
