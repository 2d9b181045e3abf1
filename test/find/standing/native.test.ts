import { expect } from 'chai';
import { Net } from '../../../fixtures/build.ts';
import { valuesOf } from '../../../src/onnx/tensor.ts';
import { checked, errorsOf } from '../../support/checked.ts';
import { changeTensor } from '../../support/damage.ts';
import { normsOf } from '../../support/foreign.ts';

/** Conv → GroupNormalization of 8 channels in 2 groups. */
function groupNorm(opset: number, perGroup: boolean, groups = 2): Net {
  const net = new Net({ opset });
  const x = net.conv(net.input('x', ['n', 3, 4, 4]), 3, 8);
  const count = perGroup ? groups : 8;
  const parameters = [net.weight('gamma', [count]), net.weight('beta', [count])];
  return net.output(net.node('GroupNormalization', [x, ...parameters], { num_groups: groups }), ['n', 8, 4, 4]);
}

describe('the recogniser native', () => {
  it('knows the operator of opset 21, with a γ for each channel', async () => {
    const model = groupNorm(21, false).model();
    const [norm] = normsOf(model);
    expect(norm).to.deep.include({
      recogniser: 'native',
      form: 'native',
      channels: 8,
      groups: 2,
      epsilon: Math.fround(1e-5),
    });
    expect(errorsOf(await checked(model, { run: true }))).to.deep.equal([]);
  });

  it('knows that of opset 18, with a γ for each group', async () => {
    const model = groupNorm(18, true).model();
    const [norm] = normsOf(model);
    const stored = model.proto.graph.initializer.find(({ name }) => name === 'gamma');
    const [a, b] = stored === undefined ? [] : valuesOf(stored);
    expect(norm?.scale?.name).to.equal('gamma');
    expect(norm?.scale && [...valuesOf(norm.scale.tensor)]).to.deep.equal([a, a, a, a, b, b, b, b]);
    expect(errorsOf(await checked(model, { run: true }))).to.deep.equal([]);
  });

  it('takes no groups that do not divide the channels', () => {
    expect(normsOf(groupNorm(21, false, 3).model())).to.deep.equal([]);
  });

  it('takes no β whose numbers are not there', () => {
    const model = groupNorm(21, false).model();
    const strange = changeTensor(model, 'beta', (tensor) => ({ ...tensor, dataType: 117 }));
    expect(normsOf(strange)).to.deep.equal([]);
  });
});
