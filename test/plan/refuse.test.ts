import { expect } from 'chai';
import { block } from '../../fixtures/build.ts';
import { fixtureNamed } from '../../fixtures/index.ts';
import { findSites } from '../../src/find/index.ts';
import { planAll } from '../../src/plan/refuse.ts';
import { computed } from '../support/computed.ts';
import { thrown } from '../support/errors.ts';

describe('planAll', () => {
  const search = (name: string) => findSites(fixtureNamed(name).build());

  it('says what the model has instead where there is nothing to swap', () => {
    const none = thrown(() => planAll(search('no-bn'), {}));
    expect(none.describe()).to.equal('0 BatchNormalization nodes. Choose a model that contains BatchNormalization.');
    const folded = thrown(() => planAll(search('folded-conv'), {}));
    expect(folded.message).to.match(
      /^0 BatchNormalization nodes; 1 Conv layer appears to have absorbed a BatchNormalization$/,
    );
    expect(folded.remedy).to.match(/export the model without folding its norms/i);
  });

  it('says why where all are refused', () => {
    const error = thrown(() => planAll(search('variance-nan'), {}));
    expect([error.code, error.node]).to.deep.equal(['nothing-to-swap', 'BatchNormalization_1']);
    expect(error.message).to.match(/^1 BatchNormalization node, but none can be swapped: .*NaN/);
  });

  it('gives up on one refusal where --strict is set, but not on what was excluded', () => {
    const both = findSites(computed('Mod'));
    expect(planAll(both, {}).sites).to.have.length(1);
    const error = thrown(() => planAll(both, { strict: true }));
    expect(error.code).to.equal('refused');
    expect(error.message).to.match(/^1 cannot be swapped, and --strict is set; /);
    const left = planAll(findSites(block().model()), { strict: true, groups: 1 });
    expect(left.sites).to.have.length(1);
    const two = search('two-bn-one-input');
    const excluded = planAll(two, { strict: true, exclude: [new RegExp(two.sites[0]?.name ?? '')] });
    expect([excluded.sites.length, excluded.refusals.length]).to.deep.equal([1, 1]);
  });
});
