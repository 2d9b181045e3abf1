import { expect } from 'chai';
import { fixtureNamed } from '../../fixtures/index.ts';
import { withOutputs } from '../../src/graph/extract.ts';
import { standardizedWeight } from '../../src/norms/standardize.ts';
import { numbersOf } from '../../src/runtime/session.ts';
import { madeInputs } from '../support/calibration.ts';
import { runModel, valueNamed } from '../support/session.ts';
import { searchOf, swapSearch } from '../support/swapped.ts';

describe('forms/standardized-weight', () => {
  for (const name of ['linear-conv-groups', 'linear-transpose-groups', 'linear-gemm-factors', 'linear-transpose']) {
    it(`${name}: the layer reads the weight with mean 0 and variance 1, computed in the graph`, async () => {
      const search = await searchOf(fixtureNamed(name));
      const { model, sites } = swapSearch(search, { standardizeWeights: true });
      const [it] = sites;
      const before = it?.plan.site.before;
      if (it === undefined || typeof before !== 'object') throw new RangeError('no layer');
      const layer = model.proto.graph.node.find(({ output }) => output.includes(it.plan.site.input));
      const weight = layer?.input[1] ?? '';
      expect(layer?.opType).to.equal(before.node.opType);
      const values = await runModel(withOutputs(model, [weight]), madeInputs(model, 2));
      const answer = numbersOf(valueNamed(values, weight)) ?? [];
      const { values: expected, sizes } = standardizedWeight(before);
      expect(answer.length).to.equal(expected.length);
      for (let i = 0; i < answer.length; i++) {
        // Two means of a few dozen numbers, a difference and a quotient in float32.
        const bound = 32 * 2 ** -24 * (sizes[i] as number);
        expect(Math.abs((answer[i] as number) - (expected[i] as number)), `number ${i}`).to.be.at.most(bound);
      }
    });
  }
});
