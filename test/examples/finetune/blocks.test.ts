import { expect } from 'chai';
import { withBlocks } from '../../../examples/finetune/blocks.ts';

const PAGE = 'a\n<!-- x -->\nold\n<!-- /x -->\nb\n<!-- y -->\n<!-- /y -->\n';

describe('examples/finetune/blocks', () => {
  it('replaces what stands between the marks, and nothing else; again, nothing', () => {
    const once = withBlocks(PAGE, { x: 'new', y: '$&' });
    expect(once).to.equal('a\n<!-- x -->\nnew\n<!-- /x -->\nb\n<!-- y -->\n$&\n<!-- /y -->\n');
    expect(withBlocks(once, { x: 'new', y: '$&' })).to.equal(once);
  });

  it('refuses a page without the place', () => {
    expect(() => withBlocks(PAGE, { z: '' })).to.throw(RangeError, 'the page has no place for z');
    expect(() => withBlocks('<!-- z -->\n', { z: '' })).to.throw(RangeError, 'the page has no place for z');
  });
});
