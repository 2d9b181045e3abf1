import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { fixtureNamed } from '../../fixtures/index.ts';
import { findSites } from '../../src/find/index.ts';
import type { Linear } from '../../src/find/types.ts';
import { modelOf, searchOf } from '../support/swapped.ts';

async function beforeOf(name: string): Promise<Linear | string | undefined> {
  return (await searchOf(fixtureNamed(name))).sites[0]?.before;
}

async function layer(name: string): Promise<Linear> {
  const found = await beforeOf(name);
  if (found === undefined || typeof found === 'string') throw new RangeError(`${name}: ${found}`);
  return found;
}

function beforeIn(build: (net: Net) => string, channels = 4): Linear | string | undefined {
  const net = new Net();
  net.output(net.bn(build(net), channels));
  return findSites(net.model()).sites[0]?.before;
}

describe('find/linear', () => {
  it('sees a weight so that each axis is of output channels or of what is summed for one', async () => {
    const views = async (name: string) => {
      const { view, reduced } = await layer(name);
      return { view, reduced };
    };
    expect(await views('linear-conv-groups')).to.deep.equal({ view: [32, 3, 3, 3], reduced: [1, 2, 3] });
    expect(await views('linear-transpose')).to.deep.equal({ view: [6, 32, 2, 2], reduced: [0, 2, 3] });
    expect(await views('linear-transpose-groups')).to.deep.equal({ view: [2, 3, 16, 2, 2], reduced: [1, 3, 4] });
    expect(await views('linear-gemm-factors')).to.deep.equal({ view: [32, 5], reduced: [1] });
    expect(await views('linear-gemm-scalar')).to.deep.equal({ view: [5, 32], reduced: [0] });
    expect(beforeIn((net) => net.node('MatMul', [net.input('x', [2, 3]), net.weight('W', [3, 4])]))).to.include({
      isShared: false,
      bias: undefined,
    });
  });

  it('knows the bias, its factor, and whether the weight is shared', async () => {
    expect(await layer('linear-gemm-factors')).to.include({ biasFactor: 2, isShared: false, isInitializer: true });
    expect((await layer('linear-conv-groups')).bias?.name).to.equal('b');
    expect(await layer('linear-shared-weight')).to.include({ isShared: true });
  });

  it('takes a bias that is computed from constants, once it was', async () => {
    const { bias } = await layer('linear-bias-computed');
    expect(bias?.dims).to.deep.equal([32]);
    const { sites, unevaluated } = findSites(modelOf(fixtureNamed('linear-bias-computed')));
    expect(unevaluated).to.deep.equal([bias?.name]);
    expect(sites[0]?.before).to.equal('the bias of the Conv before it must be computed first; drop --no-verify');
  });

  describe('says why there is none', () => {
    it('where the value is none of a layer, or read elsewhere', async () => {
      expect(await beforeOf('bn-on-input')).to.equal('its input has no producer in the same graph');
      expect(await beforeOf('rank-2-matmul')).to.equal(
        'its input comes from Add, not from Conv, ConvTranspose, Gemm or MatMul',
      );
      expect(await beforeOf('linear-read-twice')).to.equal('the output of the Conv before it has other readers');
    });

    it('where the weight or the bias is computed', () => {
      const computed = 'the weight or bias of the Gemm before it is not a constant of the same type';
      const gemm = (inputs: (net: Net) => string[]) =>
        beforeIn((net) => net.node('Gemm', [net.input('x', [2, 3]), ...inputs(net)]));
      expect(gemm((net) => [net.input('W', [3, 4])])).to.equal(computed);
      expect(gemm((net) => [net.weight('W', [3, 4]), net.input('b', [4])])).to.equal(computed);
      expect(gemm((net) => [net.weight('W', [3, 4])])).to.be.an('object');
    });

    it('where the channels are others', () => {
      const wide = (net: Net) => net.node('MatMul', [net.input('x', [2, 4, 3]), net.weight('W', [3, 4])]);
      expect(beforeIn(wide)).to.equal('the MatMul before it has a different number of channels');
      const rows = (net: Net) =>
        net.node('Gemm', [net.input('x', [2, 3]), net.weight('W', [3, 4]), net.weight('b', [2, 4])]);
      expect(beforeIn(rows)).to.equal('the bias of the Gemm before it is not one number per channel');
    });
  });
});
