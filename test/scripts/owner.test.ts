import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { filesWithAddresses, owner, ownersIn, withOwner } from '../../scripts/owner.ts';

const ROOT = new URL('../../', import.meta.url);

describe('the owner of the repository', () => {
  it('is the same in package.json and on every page', () => {
    const found = filesWithAddresses().flatMap((file) => ownersIn(readFileSync(new URL(file, ROOT), 'utf8')));
    expect(found.length).to.be.above(3);
    expect(new Set(found)).to.deep.equal(new Set([owner()]));
  });

  it('can be set', () => {
    const text = 'git+https://github.com/OWNER/gn-swap.git, uses: OWNER/gn-swap@v1, https://github.com/other/thing';
    const set = withOwner(text, 'someone');
    expect(ownersIn(set)).to.deep.equal(['someone', 'someone']);
    expect(set).to.include('github.com/other/thing');
    expect(withOwner('https://OWNER.github.io/gn-swap/', 'someone')).to.equal('https://someone.github.io/gn-swap/');
    expect(withOwner('https://example.com/gn-swap/', 'someone')).to.equal('https://example.com/gn-swap/');
  });
});
