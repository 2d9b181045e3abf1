/**
 * What norms at folded sites keep of PaddleOCR's text detector: a Markdown table of overlaps with the source's maps.
 *
 *     npx tsx bench/folded.ts [--quick]
 *
 * A row is a way to choose sites and groups, a column a set of calibration pages. --quick takes one set of two pages, to see
 * that everything runs.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { findSites } from '../src/find/index.ts';
import type { SiteKind } from '../src/find/kinds.ts';
import { datasetOf } from '../src/inputs/dataset.ts';
import { type SwapOptions, swap } from '../src/jobs/swap.ts';
import { DataType } from '../src/onnx/data-type.ts';
import { readModel } from '../src/onnx/model.ts';
import { detector } from './accuracy/ocr.ts';
import { FULL, QUICK } from './accuracy/subject.ts';
import { markdownTable } from './accuracy/table.ts';
import { MODELS } from './ocr/models.ts';
import { renderPages } from './ocr/pages.ts';

const { values } = parseArgs({ options: { quick: { type: 'boolean' } } });

/** Samples that are solved on: a swap keeps a fifth of what it is given for measuring. */
const SETS = values.quick
  ? [{ seed: 201, count: 2 }]
  : [
      { seed: 201, count: 10 },
      { seed: 202, count: 10 },
      { seed: 203, count: 10 },
      { seed: 201, count: 5 },
      { seed: 201, count: 20 },
    ];
const source = readFileSync(MODELS.detector);

/** The sites in front of an affine layer of the network's own, which fit worst. */
const affine = findSites(readModel(source), undefined, 'all').sites.filter(({ evidence }) =>
  evidence?.includes('affine'),
);
const WAYS: readonly (readonly [title: string, sites: SiteKind, options: SwapOptions])[] = [
  ['3 BN, auto', 'batchnorm', {}],
  ['folded, auto', 'folded', {}],
  ['all, auto', 'all', {}],
  ['all, 1 group', 'all', { groups: 1 }],
  ['all, 4 groups', 'all', { groups: 4 }],
  ['all, paper', 'all', { groups: 'paper' }],
  ['all, auto, without affine', 'all', { exclude: affine.map(({ name }) => new RegExp(`^${name}$`)) }],
];

const subject = await detector(values.quick ? QUICK : FULL);
const rows: [string, number[]][] = [];
for (const [title, sites, options] of WAYS) {
  const scores: number[] = [];
  let count = 0;
  for (const set of SETS) {
    const { data, dims } = await renderPages(set);
    const calibrate = datasetOf({ x: { type: DataType.FLOAT, dims, data } });
    const { model, plan } = await swap(source, { ...options, sites, calibrate, verify: false });
    count = plan.sites.length;
    scores.push(await subject.score(model));
    process.stderr.write(`${title}, ${JSON.stringify(set)}: ${scores.at(-1)?.toFixed(4)}\n`);
  }
  rows.push([`${title} (${count} sites)`, scores]);
}
const columns = SETS.map(({ seed, count }) => `${count} pages, seed ${seed}`);
console.log(
  `## ${subject.name}\n\nSource 1.000; ${subject.metric}.\n\n${markdownTable('sites, groups', columns, rows)}`,
);
