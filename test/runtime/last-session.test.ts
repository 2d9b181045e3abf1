import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { LastSession } from '../../src/runtime/last-session.ts';

const modelOf = () => {
  const net = new Net();
  return net.output(net.relu(net.input('x', [1, 2]))).model();
};

describe('LastSession', () => {
  it('opens a model anew only if it, or its key, is another one, and closes what was open', async () => {
    const [a, b] = [modelOf(), modelOf()];
    const last = new LastSession({ optimize: false });
    try {
      const first = await last.of(a);
      expect(await last.of(a)).to.equal(first);
      const second = await last.of(b);
      expect(second).not.to.equal(first);
      const keyed = await last.of(a, 'same');
      expect(keyed).not.to.equal(second);
      expect(await last.of(b, 'same')).to.equal(keyed);
      expect(await last.of(a)).not.to.equal(keyed);
    } finally {
      await last.close();
    }
  });
});
