import { expect } from 'chai';
import { renderMarkdown } from '../../../src/report/gate/markdown.ts';
import { GATES, HOSTILE, hostileGate } from '../../support/gates.ts';

describe('renderMarkdown', () => {
  it('has a section for each file: what was found, then what was checked', () => {
    const [fine = '', bad = '', gone = ''] = renderMarkdown(GATES).split(/^(?=### )/m);
    expect(fine).to.equal(
      [
        '### ✅ models/fine.onnx',
        '',
        '- **note** `no-record`: it has none. Give the source.',
        '',
        '| | check | what was found |',
        '| --- | --- | --- |',
        '| ✅ | record | no record |',
        '| ✅ | reference (2 norms) | within bounds |',
        '\n',
      ].join('\n'),
    );
    expect(bad)
      .to.match(/^### ❌ .\/bad model.onnx$/m)
      .and.match(/^\| ➖ \| drift \| needs the original model&#58; &#45;&#45;against FILE \|$/m);
    expect(bad).to.match(/^- \*\*error\*\* `reference` at b: too far\. Restore the file\.$/m);
    expect(gone).to.match(/\*\*It could not be looked at\*\*: there is no such file\. Give another/);
  });

  it('has as many lines and cells whatever names a model has, and no mark-up of theirs', () => {
    const shape = (text: string) =>
      renderMarkdown([hostileGate(text)])
        .split('\n')
        .map((line) => line.split('|').length);
    for (const text of HOSTILE) {
      expect(shape(text), text).to.deep.equal(shape('plain'));
      const rendered = renderMarkdown([hostileGate(text)]).replace(/&#\d+;/g, '');
      // What is left beside character references is ours.
      const own = rendered
        .replaceAll('**error**', '')
        .replaceAll('`node-changed`', '')
        .replace(/^(### |- )/gm, '');
      expect(own, text).not.to.match(/[<>`*_[\]@$~\\]|https?:|www\.|(?!\n)[\p{Cc}\p{Cf}\p{Cs}]/u);
    }
  });
});
