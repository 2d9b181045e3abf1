import { expect } from 'chai';
import { fixtureNamed } from '../../fixtures/index.ts';
import { weight } from '../../src/norms/weight.ts';
import { dimsOf, valuesOf } from '../../src/onnx/tensor.ts';
import { describeSameFunction } from '../support/same-function-tests.ts';
import { searchOf, swapFixture } from '../support/swapped.ts';

describe('norms/weight', () => {
  describeSameFunction({ to: 'weight' }, ['no-layer-before', 'overflow', 'form']);

  it('says of a site why no layer could take it in', async () => {
    const reasonOf = async (name: string) => {
      const { sites } = await searchOf(fixtureNamed(name));
      return sites.map((site) => weight.check(site, site.channels));
    };
    expect(await reasonOf('linear-read-twice')).to.deep.equal([
      {
        code: 'no-layer-before',
        reason: 'the output of the Conv before it has other readers',
        remedy: 'It stays as it is; --to frozen can replace it',
      },
    ]);
    expect((await reasonOf('bn-on-input'))[0]?.reason).to.equal('its input has no producer in the same graph');
    expect((await reasonOf('linear-transpose-groups'))[0]).to.equal(undefined);
  });

  it('has v and g as initializers: v is the weight as it was, g its length times the slope', async () => {
    const { model, search } = await swapFixture(fixtureNamed('linear-transpose-groups'), { to: 'weight' });
    const [site] = search.sites;
    const tensors = new Map(model.proto.graph.initializer.map((it) => [it.name, it]));
    const before = search.model.proto.graph.initializer.find(({ name }) => name === 'W');
    expect(tensors.get('W')).to.equal(before);
    const g = [...tensors.values()].find(({ name }) => name.endsWith('/weight/gain'));
    if (g === undefined || before === undefined || site === undefined) throw new RangeError('no g');
    // [groups, 1, outputs of a group, 1, 1]
    expect(dimsOf(g)).to.deep.equal([2, 1, 16, 1, 1]);
    const [w, lengths] = [valuesOf(before), new Float64Array(32)];
    // W: [6, 16, 2, 2]; the first three inputs make outputs 0–15, the others 16–31.
    for (let i = 0; i < 6; i++) {
      for (let o = 0; o < 16; o++) {
        for (let k = 0; k < 4; k++) {
          const c = (i < 3 ? 0 : 16) + o;
          lengths[c] = (lengths[c] as number) + (w[(i * 16 + o) * 4 + k] as number) ** 2;
        }
      }
    }
    const { scale, variance } = site.statistics;
    for (const [c, value] of valuesOf(g).entries()) {
      const expected =
        ((scale[c] as number) / Math.sqrt((variance[c] as number) + site.epsilon)) * Math.sqrt(lengths[c] as number);
      // Rounded to float32 once.
      expect(value).to.be.closeTo(expected, 2 ** -23 * Math.abs(expected));
    }
  });

  it('gives a dead channel a direction and no length, so that it can be trained', async () => {
    const { model } = await swapFixture(fixtureNamed('linear-dead-channels'), { to: 'weight' });
    const tensor = (end: string) => model.proto.graph.initializer.find(({ name }) => name.endsWith(end));
    const [v, g] = [tensor('W'), tensor('/weight/gain')].map((it) => [...valuesOf(it as NonNullable<typeof it>)]);
    expect(v?.slice(0, 12)).to.deep.equal(new Array(12).fill(1));
    expect(g?.slice(0, 2)).to.deep.equal([0, 0]);
    expect(Math.hypot(...(v?.slice(12, 18) ?? []))).to.be.closeTo(1, 1e-6);
    expect(g?.[2]).to.be.within(1e-26, 1e-24);
  });
});
