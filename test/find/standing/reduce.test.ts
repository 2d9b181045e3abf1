import { expect } from 'chai';
import { Net } from '../../../fixtures/build.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import { makeTensor } from '../../../src/onnx/tensor.ts';
import { checked, errorsOf } from '../../support/checked.ts';
import { normsOf } from '../../support/foreign.ts';

interface Spelling {
  readonly axes?: readonly number[];
  readonly varianceAxes?: readonly number[];
  /** Of γ and β. */
  readonly dims?: readonly number[];
  readonly input?: readonly number[];
  /** The square as a power, and the quotient before γ, as most exporters have it. */
  readonly usual?: boolean;
  readonly keepdims?: number;
}

/** x → (x − mean)/√(variance + ε) · γ + β by ReduceMean. */
function byMeans({
  axes = [1, 2, 3],
  varianceAxes = axes,
  dims = [8, 1, 1],
  input = [2, 8, 4, 4],
  usual = false,
  keepdims = 1,
}: Spelling): Net {
  const net = new Net();
  const x = net.input('x', input);
  const difference = net.node('Sub', [x, net.node('ReduceMean', [x], { axes, keepdims })]);
  net.add(makeTensor('two', DataType.FLOAT, [], [2]));
  net.add(makeTensor('epsilon', DataType.FLOAT, [], [1e-5]));
  const square = usual ? net.node('Pow', [difference, 'two']) : net.node('Mul', [difference, difference]);
  const variance = net.node('ReduceMean', [square], { axes: varianceAxes, keepdims });
  const root = net.node('Sqrt', [net.node('Add', [variance, 'epsilon'])]);
  const gamma = net.weight('gamma', dims);
  const scaled = usual
    ? net.node('Mul', [gamma, net.node('Div', [difference, root])])
    : net.node('Mul', [difference, net.node('Div', [gamma, root])]);
  return net.output(net.node('Add', [scaled, net.weight('beta', dims)]), input);
}

describe('the recogniser reduce', () => {
  for (const [groups, spelling] of [
    [1, {}],
    [1, { usual: true }],
    [1, { axes: [-1, -2, -3], usual: true }],
    [8, { axes: [2, 3] }],
    [8, { axes: [2, 3], dims: [1, 8, 1, 1], usual: true }],
    [1, { axes: [1], dims: [8], input: [2, 8] }],
  ] as const) {
    it(`knows ${groups} groups in ${JSON.stringify(spelling)}`, async () => {
      const model = byMeans(spelling).model();
      const [norm] = normsOf(model);
      expect(norm).to.deep.include({ recogniser: 'reduce', form: 'reduce', channels: 8, groups, flaws: [] });
      expect([norm?.scale?.name, norm?.bias?.name]).to.deep.equal(['gamma', 'beta']);
      expect(errorsOf(await checked(model, { run: true }))).to.deep.equal([]);
    });
  }

  it('finds flaws in means over other axes', async () => {
    const flawsOf = (spelling: Spelling) =>
      normsOf(byMeans(spelling).model()).flatMap(({ flaws }) => flaws.map(({ what }) => what));
    expect(flawsOf({ axes: [2] })).to.deep.equal(['axes']);
    expect(flawsOf({ axes: [0, 2, 3] })).to.deep.equal(['axes']);
    expect(flawsOf({ axes: [2, 3], varianceAxes: [2] })).to.deep.equal(['axes']);
    // A mean over the batch: what a sample is answered hangs on the others.
    const report = await checked(byMeans({ axes: [0, 2, 3] }).model(), { run: true });
    expect(errorsOf(report)).to.include.members(['axes', 'reference', 'independence']);
  });

  it('does not take the layer norm of a transformer for a norm over channels', () => {
    expect(normsOf(byMeans({ axes: [-1], dims: [8], input: [2, 5, 8], usual: true }).model())).to.deep.equal([]);
  });

  it('takes no means that lose their axes', () => {
    expect(normsOf(byMeans({ axes: [1], dims: [8], input: [2, 8], keepdims: 0 }).model())).to.deep.equal([]);
  });
});
