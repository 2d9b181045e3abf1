import { expect } from 'chai';
import { layer } from '../../src/norms/layer.ts';
import { plan } from '../../src/plan/index.ts';
import { thrown } from '../support/errors.ts';
import { describeNormOnFixtures } from '../support/form-tests.ts';
import { siteOf } from '../support/site.ts';

describe('norms/layer', () => {
  it('has one group, however many channels, and lets nobody choose', () => {
    for (const channels of [1, 7, 64]) expect(layer.groupsFor(siteOf({ channels }), {})).to.deep.equal({ groups: 1 });
    const error = thrown(() => plan([], 17, { to: 'layer', groups: 2 }));
    expect(error).to.include({ code: 'invalid-arguments', message: '--to layer has no choice of groups' });
    expect(plan([], 17, { to: 'layer', groups: 'auto' }).tag).to.equal('ln');
  });

  describeNormOnFixtures(layer);
});
