import { expect } from 'chai';
import fc from 'fast-check';
import { parseHTML } from 'linkedom';
import { printable } from '../../../src/report/format.ts';
import { html, trusted } from '../../../src/report/html/markup.ts';
import { HOSTILE } from '../../support/reports.ts';

describe('html', () => {
  it('escapes what is put in, and nothing else', () => {
    expect(html`<b title="${'"<\'&>"'}">${1} ${[html`<i>${'<'}</i>`, trusted('<br>')]}</b>`.text).to.equal(
      '<b title="&quot;&lt;&#39;&amp;&gt;&quot;">1 <i>&lt;</i><br></b>',
    );
  });

  it('spells out what changes the direction of writing, and control characters', () => {
    expect(html`${'a\u202eb\u0000\u2028'}`.text).to.equal('a\\u{202e}b\\u{0}\\u{2028}');
  });

  it('gives any text back through a parser, as text and as an attribute', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.constantFrom(HOSTILE, '&amp;', '<!--', ']]>'),
    );
    const survives = fc.property(text, (value) => {
      const { document } = parseHTML(`<!doctype html><p title="${html`${value}`.text}">${html`${value}`.text}</p>`);
      const paragraph = document.querySelector('p');
      expect(paragraph?.textContent).to.equal(printable(value));
      expect(paragraph?.getAttribute('title')).to.equal(printable(value));
      expect(paragraph?.children.length).to.equal(0);
    });
    fc.assert(survives, { seed: 3, numRuns: 500 });
  });
});
