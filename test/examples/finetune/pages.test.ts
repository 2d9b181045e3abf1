import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { chartOf } from '../../../examples/finetune/chart.ts';
import { longerOf, PICTURE, pagesOf, panelsOf, RESULTS } from '../../../examples/finetune/pages.ts';
import { cellsOf, METHODS } from '../../../examples/finetune/results.ts';

const panels = panelsOf(RESULTS);
const longer = longerOf(RESULTS);

/** The picture as report.ts draws it: Plot moves every mark by half a pixel where it finds mocha's `it`. */
function drawnOutside(): string {
  const [chart, pages] = ['chart', 'pages'].map((name) =>
    JSON.stringify(new URL(`../../../examples/finetune/${name}.ts`, import.meta.url).href),
  );
  const code = `import { chartOf } from ${chart}; import { panelsOf, RESULTS } from ${pages};
    process.stdout.write(chartOf(panelsOf(RESULTS)));`;
  return execFileSync(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', code], {
    encoding: 'utf8',
  });
}

describe('examples/finetune/pages', () => {
  it('has the results of both tasks: every method at every batch, three seeds', () => {
    expect(panels.map(({ name }) => name)).to.deep.equal(['classifier', 'detector']);
    for (const { cells } of panels) {
      const batches = new Set(cells.map(({ batch }) => batch));
      expect(cells).to.have.length(batches.size * Object.keys(METHODS).length);
      expect(cells.every(({ seeds }) => seeds === 3)).to.equal(true);
    }
  });

  it('has longer runs of those that could be best at a batch of 1, and of what fails there', () => {
    const cells = cellsOf(longer);
    expect(cells.map(({ method }) => method)).to.deep.equal(['bn', 'bn-frozen', 'calibrate']);
    expect(cells.every(({ seeds, batch }) => seeds === 3 && batch === 1)).to.equal(true);
  });

  it('shows the results that are kept: `tsx examples/finetune/report.ts` was not forgotten', () => {
    for (const [page, render] of pagesOf(panels, longer)) {
      const text = readFileSync(page, 'utf8');
      expect(render(text) === text, page).to.equal(true);
    }
    expect(drawnOutside() === readFileSync(PICTURE, 'utf8'), PICTURE).to.equal(true);
  });

  it('would notice another figure', () => {
    const [first, ...rest] = panels;
    const other = first?.cells.map((cell) => ({ ...cell, mean: cell.mean + 0.001 })) ?? [];
    const changed = [{ ...first, cells: other } as (typeof panels)[0], ...rest];
    for (const [page, render] of pagesOf(changed, longer)) {
      const text = readFileSync(page, 'utf8');
      expect(render(text) === text, page).to.equal(false);
    }
    expect(chartOf(changed) === chartOf(panels)).to.equal(false);
  });
});
