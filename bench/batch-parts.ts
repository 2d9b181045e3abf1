/**
 * Which part of the re-estimated statistics costs PaddleOCR's orientation classifier its accuracy: Markdown tables.
 *
 *     npx tsx bench/batch-parts.ts [--quick]
 *
 * The first is the accuracy on lines of several looks, of models that have some of their μ and σ² from other, unlabelled lines of
 * that look, and the others from the source. The second is how far each site's went, everything before it re-estimated already:
 * half the mean over its channels of σ²/σ₀² − 1 − ln(σ²/σ₀²) + (μ − μ₀)²/σ₀², the divergence of two normal distributions.
 * --quick takes few lines, to see that everything runs.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { BatchMoments } from '../src/calibrate/batch-moments.ts';
import { reEstimate } from '../src/calibrate/re-estimate.ts';
import { reEstimatedPlan } from '../src/calibrate/re-estimated.ts';
import { DataType, datasetOf, findSites, opsetVersion, plan, readModel, rewrite, writeModel } from '../src/index.ts';
import { Random } from '../src/inputs/random.ts';
import type { SitePlan } from '../src/plan/index.ts';
import { answers } from './accuracy/ocr.ts';
import { accuracy } from './ocr/accuracy.ts';
import { type Lines, renderLines } from './ocr/lines.ts';
import { LOOKS, type Look } from './ocr/look.ts';
import { MODELS } from './ocr/models.ts';

const { values } = parseArgs({ options: { quick: { type: 'boolean' } } });
const [SCORED, GIVEN, MANY] = values.quick ? [64, 8, 16] : [800, 32, 512];
/** As bench/batch.ts has them. */
const SEEDS = { scored: 301, calibrated: 302 } as const;
/** Bytes; enough for all samples in one run. */
const MEMORY = 8e9;
/** Sites at the beginning and at the end: the last block and what follows it. */
const [FIRST, LAST] = [24, 7];

const ALL = 'all: `--to batch`';

type Moments = ReadonlyMap<SitePlan, BatchMoments>;

const model = readModel(readFileSync(MODELS.classifier));
const search = findSites(model);
const planned = plan(search.sites, opsetVersion(search.model.proto) ?? 0, { to: 'batch' });
const { sites } = planned;
const own: Moments = new Map(
  sites.map((it) => {
    const { mean, variance } = it.site.statistics;
    return [it, { count: new Float64Array(mean.length), mean, variance }];
  }),
);

/** Those of the given sites, with all others as the source has them. */
async function estimated({ data, dims }: Lines, some: readonly SitePlan[] = sites): Promise<Moments> {
  const input = model.proto.graph.input[0]?.name ?? '';
  const dataset = datasetOf({ [input]: { type: DataType.FLOAT, dims, data } });
  const samples = Array.from({ length: dataset.count }, (_, index) => index);
  const options = { data: dataset, memory: MEMORY };
  const { moments } = await reEstimate(search.model, { ...planned, sites: some }, samples, options);
  return new Map([...own, ...moments]);
}

/** From two sets of statistics, channel by channel. */
function mixed(one: Moments, other: Moments, of: (a: number, b: number, role: 'mean' | 'variance') => number): Moments {
  return new Map(
    [...one].map(([it, a]) => {
      const b = other.get(it) as BatchMoments;
      const both = (role: 'mean' | 'variance') => a[role].map((value, c) => of(value, b[role][c] as number, role));
      return [it, { count: a.count, mean: both('mean'), variance: both('variance') }];
    }),
  );
}

/** What became of μ, in σ, and of σ², in itself, given to other channels of the same site. */
function permuted(moments: Moments): Moments {
  const random = new Random(7);
  return new Map(
    [...moments].map(([it, { count, mean, variance }], index) => {
      const before = own.get(it) as BatchMoments;
      const order = random.shuffle(Array.from(mean, (_, c) => c));
      const [m, v] = [before.mean, before.variance];
      const shift = (c: number) => ((mean[c] as number) - (m[c] as number)) / Math.sqrt(v[c] as number);
      const from = (c: number) => (index === 0 ? c : (order[c] as number));
      return [
        it,
        {
          count,
          mean: m.map((value, c) => value + shift(from(c)) * Math.sqrt(v[c] as number)),
          variance: v.map((value, c) => (value * (variance[from(c)] as number)) / (v[from(c)] as number)),
        },
      ];
    }),
  );
}

const only = (moments: Moments, some: readonly SitePlan[]): Moments =>
  new Map([...own].map(([it, before]) => [it, some.includes(it) ? (moments.get(it) as BatchMoments) : before]));

/** By the name of a row: the statistics that its model has. */
async function variants(look: Look | undefined): Promise<Record<string, Moments>> {
  const lines = (count: number, turned = 0.5) =>
    renderLines({ count, seed: SEEDS.calibrated, turned, ...(look && { look }) });
  const given = await lines(GIVEN);
  const all = await estimated(given);
  return {
    'none: the source': own,
    [ALL]: all,
    [`all, ${MANY} lines`]: await estimated(await lines(MANY)),
    'all, upright lines alone': await estimated(await lines(GIVEN, 0)),
    'μ alone': mixed(own, all, (before, after, role) => (role === 'mean' ? after : before)),
    'σ² alone': mixed(own, all, (before, after, role) => (role === 'mean' ? before : after)),
    'half-way': mixed(own, all, (before, after) => (before + after) / 2),
    'the first norm alone': only(all, sites.slice(0, 1)),
    [`the first ${FIRST}`]: only(all, sites.slice(0, FIRST)),
    [`the last ${LAST}`]: await estimated(given, sites.slice(-LAST)),
    'all, but the changes permuted among the channels of each norm behind the first': permuted(all),
  };
}

/** How far the statistics of a site went. */
function divergence(it: SitePlan, moments: Moments): number {
  const [before, after] = [own, moments].map((of) => of.get(it) as BatchMoments) as [BatchMoments, BatchMoments];
  const parts = Array.from(before.mean, (mean, c) => {
    const variance = (before.variance[c] as number) + it.epsilon;
    const ratio = ((after.variance[c] as number) + it.epsilon) / variance;
    return (ratio - 1 - Math.log(ratio) + ((after.mean[c] as number) - mean) ** 2 / variance) / 2;
  });
  return parts.reduce((sum, part) => sum + part, 0) / parts.length;
}

const columns: Record<string, Record<string, string>> = {};
const distances: string[] = [];
const { contrast, dark, bright, colours } = LOOKS;
for (const [name, look] of Object.entries({ 'as it was': undefined, contrast, dark, bright, colours })) {
  const { data, dims, labels } = await renderLines({ count: SCORED, seed: SEEDS.scored, ...(look && { look }) });
  const column: Record<string, string> = {};
  for (const [row, moments] of Object.entries(await variants(look))) {
    if (row === ALL) {
      const [first = 0, ...others] = sites.map((it) => divergence(it, moments));
      const [middle, most] = [others.toSorted((a, b) => a - b)[others.length >> 1] ?? 0, Math.max(...others)];
      distances.push(`| ${[name, ...[first, middle, most].map((it) => it.toFixed(3))].join(' | ')} |`);
    }
    const bytes = writeModel(rewrite(search.model, reEstimatedPlan(planned, moments).plan).model);
    column[row] = accuracy((await answers(bytes, data, dims.slice(1), 16)).data, labels).toFixed(3);
  }
  columns[name] = column;
}
const names = Object.keys(columns);
console.log(`| re-estimated | ${names.join(' | ')} |\n| --- |${' ---: |'.repeat(names.length)}`);
for (const row of Object.keys(Object.values(columns)[0] ?? {})) {
  console.log(`| ${[row, ...names.map((name) => columns[name]?.[row])].join(' | ')} |`);
}
console.log('\n| look | first norm | median of the others | most of the others |\n| --- | ---: | ---: | ---: |');
for (const row of distances) console.log(row);
