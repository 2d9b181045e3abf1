import { expect } from 'chai';
import { Net } from '../../../fixtures/build.ts';
import { checked, errorsOf } from '../../support/checked.ts';
import { normsOf } from '../../support/foreign.ts';

function instanceNorm(stored: boolean): Net {
  const net = new Net();
  const x = net.conv(net.input('x', [2, 3, 4, 4]), 3, 8);
  const gamma = stored ? net.weight('gamma', [8]) : net.input('gamma', [8]);
  return net.output(net.node('InstanceNormalization', [x, gamma, net.weight('beta', [8])]), [2, 8, 4, 4]);
}

describe('the recogniser instance-normalization', () => {
  it('knows the operator as a group of each channel', async () => {
    const model = instanceNorm(true).model();
    const [norm] = normsOf(model);
    expect(norm).to.deep.include({
      recogniser: 'instance-normalization',
      norm: 'instance',
      form: 'native',
      channels: 8,
      groups: 8,
    });
    const report = await checked(model, { run: true });
    expect(errorsOf(report)).to.deep.equal([]);
    expect(report.verification?.sites[0]?.failed).to.deep.equal([]);
  });

  it('leaves one alone whose γ the caller gives', () => {
    expect(normsOf(instanceNorm(false).model())).to.deep.equal([]);
  });
});
