import { expect } from 'chai';
import { parseHTML } from 'linkedom';
import { chartOf } from '../../../examples/finetune/chart.ts';
import { type Cell, METHODS, type Method } from '../../../examples/finetune/results.ts';

const cells = (Object.keys(METHODS) as Method[]).flatMap((method, index) =>
  [1, 2, 4].map((batch): Cell => {
    const mean = 0.5 + 0.1 * index;
    return {
      method,
      batch,
      rate: 1e-3,
      before: 0.5,
      mean,
      least: mean - 0.02,
      most: mean + 0.02,
      seeds: 3,
      byBatch: 0,
    };
  }),
);
const drawn = () => chartOf([{ title: 'A <task>', quality: 'accuracy', cells }]);
const { document } = parseHTML(drawn());

describe('examples/finetune/chart', () => {
  it('is one SVG, the same each time', () => {
    expect(drawn()).to.match(/^<svg [\s\S]*<\/svg>\n$/);
    expect(drawn()).to.equal(drawn());
  });

  it('names every method, the task and the batches', () => {
    const words = [...document.querySelectorAll('text')].map(({ textContent }) => textContent);
    for (const name of Object.values(METHODS)) expect(words.join('\n')).to.include(name.replaceAll('`', ''));
    expect(words.join('\n')).to.include('A <task>: accuracy').and.to.include('the source, untrained');
    expect(words).to.include.members(['1', '2', '4']);
  });

  it('has a line a method, and a point a cell', () => {
    const [, panel] = document.querySelectorAll('svg > svg');
    const count = (mark: string) => panel?.querySelectorAll(`g[aria-label="${mark}"] > *`).length;
    expect([count('line'), count('dot')]).to.deep.equal([5, 15]);
  });

  it('can be read on light and on dark', () => {
    expect(document.querySelector('style')?.textContent).to.include('prefers-color-scheme: dark');
    expect(document.querySelector('.ground')).to.not.equal(null);
  });
});
