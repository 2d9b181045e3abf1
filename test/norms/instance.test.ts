import { expect } from 'chai';
import { instance } from '../../src/norms/instance.ts';
import { describeNormOnFixtures } from '../support/form-tests.ts';
import { siteOf } from '../support/site.ts';

describe('norms/instance', () => {
  it('has a group for each channel', () => {
    for (const channels of [1, 7, 64]) {
      expect(instance.groupsFor(siteOf({ channels }), {})).to.deep.equal({ groups: channels });
    }
  });

  it('refuses a site where each channel is one number', () => {
    const site = siteOf({ channels: 8, shape: [undefined, 8] });
    expect(instance.check(site, 8)).to.include({
      code: 'single-element-groups',
      remedy: 'Use --to group or --to layer',
    });
    expect(instance.check(siteOf({ channels: 8 }), 8)).to.equal(undefined);
  });

  describeNormOnFixtures(instance);
});
