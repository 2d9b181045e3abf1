import { expect } from 'chai';
import { Net } from '../../../fixtures/build.ts';
import { meansOf, namesOfMeans } from '../../../src/find/standing/means.ts';
import { viewOf } from '../../../src/graph/view.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import { numbersOf } from '../../../src/runtime/session.ts';
import { runModel, valueNamed } from '../../support/session.ts';

const DIMS = [2, 6, 3, 4];

/** A mean of x as `write` spells it, and what is read of it. */
function read(write: (net: Net, x: string) => string, { opset = 17, of }: { opset?: number; of?: string } = {}) {
  const net = new Net({ opset });
  const output = write(net, net.input('x', DIMS));
  const model = net.output(output).model();
  const view = viewOf(model);
  const [scope] = view.scopes;
  if (scope === undefined) throw new RangeError('no graph');
  return { net, model, output, found: meansOf(output, view.in(scope), of) };
}

const mean = (net: Net, x: string, axes: readonly number[], keepdims = 1) =>
  net.opset < 18
    ? net.node('ReduceMean', [x], { axes, keepdims })
    : net.node('ReduceMean', [x, ints(net, axes)], { keepdims });
const ints = (net: Net, values: readonly number[]) =>
  net.weight(`i${net.initializers.length}`, [values.length], values, DataType.INT64);

/** Means over 2 groups of 3 channels and all positions, each at its channels, as the form `reduce` writes them. */
function grouped(net: Net, x: string, repeat: 'Expand' | 'Tile'): string {
  const channels = mean(net, mean(net, x, [3]), [2]);
  const groups = mean(net, net.node('Reshape', [channels, ints(net, [0, 2, 3])]), [2]);
  const repeated = net.node(repeat, [groups, ints(net, repeat === 'Expand' ? [1, 1, 3] : [1, 1, 3])]);
  return net.node('Reshape', [repeated, ints(net, [0, 6, 1, 1])]);
}

describe('find/standing/means', () => {
  for (const opset of [17, 18]) {
    it(`reads means over axes, at once and one after the other, at opset ${opset}`, () => {
      const once = read((net, x) => mean(net, x, [2, 3]), { opset }).found;
      expect(once).to.deep.include({ of: 'x', axes: [2, 3], groups: undefined });
      const stepwise = read((net, x) => mean(net, mean(net, mean(net, x, [3]), [2]), [1]), { opset }).found;
      expect(stepwise).to.deep.include({ of: 'x', axes: [1, 2, 3], groups: undefined });
      expect(stepwise?.nodes).to.have.lengthOf(3);
    });
  }

  for (const repeat of ['Expand', 'Tile'] as const) {
    it(`reads means over groups of channels, which ONNX Runtime gives each channel of the group: ${repeat}`, async () => {
      const { model, output, found } = read((net, x) => grouped(net, x, repeat));
      expect(found).to.deep.include({ of: 'x', groups: 2, axes: [2, 3] });
      expect(found?.nodes).to.have.lengthOf(3);
      const data = Float32Array.from({ length: 2 * 6 * 12 }, (_, at) => Math.fround(Math.sin(at * at)));
      const value = valueNamed(await runModel(model, { x: { type: DataType.FLOAT, dims: DIMS, data } }), output);
      const means = Array.from(numbersOf(value) ?? []);
      expect(means).to.have.lengthOf(12);
      for (const [at, own] of means.entries()) {
        const group = Math.floor(at / 3);
        const numbers = data.subarray(group * 36, (group + 1) * 36);
        // Means of 36 numbers below 1 in float32.
        expect(own).to.be.closeTo(numbers.reduce((sum, it) => sum + it, 0) / 36, 1e-6);
      }
    });
  }

  it('stops at the value that is asked about, which may be a mean itself', () => {
    const net = new Net();
    const inner = mean(net, net.input('x', DIMS), [3]);
    const outer = mean(net, inner, [2]);
    const view = viewOf(net.output(outer).model());
    const [scope] = view.scopes;
    const graph = scope && view.in(scope);
    expect(graph && meansOf(outer, graph, inner)).to.deep.include({ of: inner, axes: [2] });
    expect(graph && meansOf(outer, graph)).to.deep.include({ of: 'x', axes: [2, 3] });
    expect(graph && meansOf('x', graph)).to.equal(undefined);
  });

  it('takes nothing for a mean that drops its axes, whose axes a run computes, or that has too many steps', () => {
    expect(read((net, x) => mean(net, x, [2, 3], 0)).found).to.equal(undefined);
    expect(
      read((net, x) => net.node('ReduceMean', [x, net.input('axes', [2], DataType.INT64)]), { opset: 18 }).found,
    ).to.equal(undefined);
    const steps = (count: number) => (net: Net, x: string) => {
      let at = x;
      for (let step = 0; step < count; step++) at = mean(net, at, [3]);
      return at;
    };
    expect(read(steps(8)).found?.axes).to.have.lengthOf(8);
    expect(read(steps(12)).found).to.equal(undefined);
    expect(read((net, x) => net.relu(x)).found).to.equal(undefined);
  });

  it('calls the nodes by their names', () => {
    const { found } = read((net, x) =>
      net.node(
        'ReduceMean',
        [net.node('ReduceMean', [x], { axes: [3] }, { name: 'wide' })],
        { axes: [2] },
        { name: '', outputs: ['high'] },
      ),
    );
    expect(found && namesOfMeans(found)).to.equal('high, wide');
  });
});
