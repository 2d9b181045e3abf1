/** The check of norms that are in a layer's weight, seen to fail on a model that is damaged in one place. */
import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { fixtureNamed } from '../../fixtures/index.ts';
import { fixture } from '../../fixtures/types.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import type { Model } from '../../src/onnx/model.ts';
import type { RewrittenSite } from '../../src/rewrite/index.ts';
import { isWithin } from '../../src/verify/bounds.ts';
import { takenInDeviation } from '../../src/verify/taken-in.ts';
import { changeNodes, rewire, setAttribute, setValues } from '../support/damage.ts';
import { swapFixture } from '../support/swapped.ts';
import { failedChecks, verifyFixture } from '../support/verified.ts';

const FLOAT64 = fixture('conv-float64', 'A Conv of float64, which ONNX Runtime has no kernel for', 1, () => {
  const net = new Net({ type: DataType.DOUBLE });
  return net.output(net.bn(net.conv(net.input('x', [2, 3, 4, 4]), 3, 8, { kernel: 3 }), 8), [2, 8, 4, 4]).model();
});
const FOLD = { to: 'frozen', fold: true } as const;
const WEIGHT = { to: 'weight' } as const;
const unequal = (values: Float64Array) => values.map((value, i) => (i === 5 ? value * 1.001 : value));
const last = ({ proto }: Model) =>
  proto.graph.initializer.find(({ name }) => name.endsWith('/weight/gain'))?.name ?? '';

async function found(name: string, options: typeof FOLD | typeof WEIGHT, damage: (model: Model) => Model = (it) => it) {
  const { model, sites } = await swapFixture(fixtureNamed(name), options);
  return takenInDeviation(sites[0] as RewrittenSite, damage(model));
}

describe('verify/taken-in', () => {
  for (const name of ['linear-conv-groups', 'linear-transpose-groups', 'linear-gemm-factors', 'linear-gemm-scalar']) {
    for (const options of [FOLD, WEIGHT]) {
      it(`passes ${name} with ${JSON.stringify(options)}, within a small share of its own size`, async () => {
        const deviation = await found(name, options);
        expect(typeof deviation === 'object' && isWithin(deviation)).to.equal(true);
        expect(typeof deviation === 'object' && deviation.bound).to.be.below(1e-5);
      });
    }
  }

  for (const options of [FOLD, WEIGHT]) {
    it(`sees a Conv that only a float32 twin can run, with ${JSON.stringify(options)}`, async () => {
      expect(failedChecks(await verifyFixture(FLOAT64, options))).to.deep.equal([]);
    });
  }

  describe('catches', () => {
    const cases: Readonly<Record<string, [typeof FOLD | typeof WEIGHT, (model: Model) => Model]>> = {
      'a folded weight that is a thousandth off': [FOLD, (it) => setValues(it, 'W', unequal)],
      'a folded bias that is a thousandth off': [FOLD, (it) => setValues(it, 'b', unequal)],
      'g that is a thousandth off': [WEIGHT, (it) => setValues(it, last(it), unequal)],
      'v that is a thousandth off': [WEIGHT, (it) => setValues(it, 'W', unequal)],
      'a length that lacks its root': [
        WEIGHT,
        (it) => changeNodes(it, 'Length', (node) => ({ ...node, opType: 'Identity' })),
      ],
      'a sum over other axes': [WEIGHT, (it) => setValues(it, 'gn_swap/axes_1_2_3', () => [1, 2], [2])],
    };
    for (const [what, [options, damage]] of Object.entries(cases)) {
      it(what, async () => {
        const deviation = await found('linear-conv-groups', options, damage);
        expect(typeof deviation === 'object' && isWithin(deviation)).not.to.equal(true);
      });
    }

    it('a layer with another attribute, or on another input, in words', async () => {
      const strides = (it: Model) => setAttribute(it, 'Conv_0', 'strides', [1, 1]);
      expect(await found('linear-conv-groups', FOLD, strides)).to.equal('the Conv differs from the source');
      const elsewhere = (it: Model) => rewire(it, 'Conv_0', 0, 'other');
      expect(await found('linear-conv-groups', WEIGHT, elsewhere)).to.equal('the Conv differs from the source');
      const gone = (it: Model) => changeNodes(it, 'Conv_0', () => []);
      expect(await found('linear-conv-groups', FOLD, gone)).to.equal('the file has no Conv at this place');
    });
  });

  it('fails the whole verification by name', async () => {
    const damage = (model: Model) => setValues(model, 'W', unequal);
    const verification = await verifyFixture(fixtureNamed('linear-conv-groups'), FOLD, damage);
    expect(failedChecks(verification)).to.include('reference');
    expect(verification.sites[0]?.failed).to.deep.equal(['reference']);
  });
});
