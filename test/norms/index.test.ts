import { expect } from 'chai';
import { FORMS } from '../../src/forms/index.ts';
import { NORMS } from '../../src/norms/index.ts';

describe('norms', () => {
  it('have names and tags of their own', () => {
    expect(new Set(NORMS.map(({ name }) => name)).size).to.equal(NORMS.length);
    expect(new Set(NORMS.map(({ tag }) => tag)).size).to.equal(NORMS.length);
  });

  it('name forms that there are', () => {
    const known = FORMS.map(({ name }) => name);
    for (const { name, forms } of NORMS) expect(known, name).to.include.members([...forms]);
  });
});
