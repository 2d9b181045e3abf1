/**
 * What re-estimating BatchNormalization's statistics brings where pictures look otherwise than in training: Markdown tables.
 *
 *     npx tsx bench/batch.ts [--quick] [model …]
 *
 * The first is the accuracy of PaddleOCR's orientation classifier, and of the networks that bench/models/train.py trained (where
 * out/models has them), on pictures of another look: as they are, with `--to batch`, and with `--to group`, both given unlabelled
 * pictures of that look, others than those that are scored. The second is how far the
 * statistics of runs of few samples are from those of all samples as one batch. --quick takes few lines, to see that
 * everything runs. Models: classifier, resnet, mobilenet, densenet; all if none is named.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { BatchMoments } from '../src/calibrate/batch-moments.ts';
import { reEstimate } from '../src/calibrate/re-estimate.ts';
import { DataType, datasetOf, findSites, opsetVersion, plan, readModel, swap } from '../src/index.ts';
import { readNpz } from '../src/inputs/npz.ts';
import type { Value } from '../src/runtime/session.ts';
import { answers } from './accuracy/ocr.ts';
import { FOLDER } from './accuracy/trained.ts';
import { accuracy } from './ocr/accuracy.ts';
import { type Lines, renderLines } from './ocr/lines.ts';
import { LOOKS, type Look, lookedAt } from './ocr/look.ts';
import { MODELS } from './ocr/models.ts';
import { Random } from './ocr/random.ts';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { quick: { type: 'boolean' } } });
const [LINES, GIVEN] = values.quick ? [64, [8, 16]] : [800, [32, 256]];
/** Apart from each other. */
const [SCORED, CALIBRATED] = [301, 302];
/** Bytes; enough for all samples in one run. */
const MEMORY = 4e9;

/** Pictures with what they show. */
interface Pictures extends Pick<Lines, 'data' | 'dims'> {
  readonly labels: ArrayLike<number>;
}

interface Subject {
  readonly name: string;
  readonly source: string;
  readonly classes: number;
  /** How many unlabelled pictures are given. */
  readonly given: readonly number[];
  scored(look: Look | undefined): Promise<Pictures>;
  calibrated(count: number, look: Look | undefined): Promise<Pick<Lines, 'data' | 'dims'>>;
}

function subjects(): Subject[] {
  const lines = (count: number, seed: number) => (look: Look | undefined) =>
    renderLines({ count, seed, ...(look && { look }) });
  const classifier: Subject = {
    name: 'classifier',
    source: MODELS.classifier,
    classes: 2,
    given: GIVEN,
    scored: lines(LINES, SCORED),
    calibrated: (count, look) => lines(count, CALIBRATED)(look),
  };
  const nets = (['resnet', 'mobilenet', 'densenet'] as const).filter((name) =>
    existsSync(join(FOLDER, `${name}.onnx`)),
  );
  return [classifier, ...nets.map(trainedNet)];
}

/** One of bench/models/train.py, on the pictures that it held out; (x / 255 − 0.5) / 0.25. */
function trainedNet(name: string): Subject {
  const file = join(FOLDER, `${name}.npz`);
  const arrays = readNpz(readFileSync(file), file);
  const pictures = (array: string, count: number, look: Look | undefined, seed: number) => {
    const { dims: all, data } = arrays.get(array) as Value;
    const [, channels, height, width] = all as [number, number, number, number];
    const dims = [count, channels, height, width] as const;
    const own = (data as Float32Array).subarray(0, count * channels * height * width);
    return { dims, data: look === undefined ? own : lookedAt(own, dims, look, new Random(seed, 0), [-2, 2]) };
  };
  const count = values.quick ? 64 : 600;
  const labels = Array.from(arrays.get('labels')?.data as ArrayLike<number | bigint>, Number).slice(0, count);
  return {
    name,
    source: join(FOLDER, `${name}.onnx`),
    classes: 12,
    given: [values.quick ? 16 : 64],
    scored: async (look) => ({ ...pictures('inputs', count, look, SCORED), labels }),
    calibrated: async (given, look) => pictures('calibration', given, look, CALIBRATED),
  };
}

const datasetFor = (bytes: Uint8Array, { dims, data }: Pick<Lines, 'dims' | 'data'>) =>
  datasetOf({ [readModel(bytes).proto.graph.input[0]?.name ?? '']: { type: DataType.FLOAT, dims, data } });

console.log('| model | look | source | inputs given | `--to batch` | `--to group` |');
console.log('| --- | --- | ---: | ---: | ---: | ---: |');
for (const subject of subjects()) {
  if (positionals.length > 0 && !positionals.includes(subject.name)) continue;
  const bytes = readFileSync(subject.source);
  for (const [name, look] of [['as it was', undefined], ...Object.entries(LOOKS)] as const) {
    const { data, dims, labels } = await subject.scored(look);
    const score = async (scored: string | Uint8Array) =>
      accuracy((await answers(scored, data, dims.slice(1), 16)).data, labels, subject.classes).toFixed(3);
    const source = await score(subject.source);
    const swapped: string[][] = [[], []];
    for (const count of subject.given) {
      const calibrate = datasetFor(bytes, await subject.calibrated(count, look));
      for (const [index, to] of ['batch', 'group'].entries()) {
        swapped[index]?.push(await score((await swap(bytes, { to, calibrate, verify: false, memory: MEMORY })).model));
      }
    }
    const row = [subject.name, name, source, subject.given.join('; '), ...swapped.map((list) => list.join('; '))];
    console.log(`| ${row.join(' | ')} |`);
  }
}

const bytes = readFileSync(MODELS.classifier);
const model = readModel(bytes);
const search = findSites(model);
const planned = plan(search.sites, opsetVersion(search.model.proto) ?? 0, { to: 'batch' });
const data = datasetFor(bytes, await renderLines({ count: 64, seed: CALIBRATED }));
const samples = Array.from({ length: data.count }, (_, index) => index);
const estimated = async (memory: number, partly: boolean) => {
  const found = await reEstimate(search.model, planned, samples, { data, memory, partly });
  return { ...found, list: [...found.moments.values()] };
};
const whole = await estimated(MEMORY, false);
const sizes = { 16: MEMORY, 1: 1 };
console.log('\n| statistics | passes over the inputs | μ off by σ, median | largest |\n| --- | ---: | ---: | ---: |');
for (const [name, { passes, list }] of [
  ['site by site, 16 inputs a run', await estimated(2e8, false)],
  ['run by run, 16 inputs a run', await estimated(sizes[16], true)],
  ['run by run, 1 input a run', await estimated(sizes[1], true)],
] as const) {
  const off = list.flatMap((own, site) => offBy(own, whole.list[site] as BatchMoments)).sort((a, b) => a - b);
  const figures = [off[off.length >> 1], off.at(-1)].map((it) => (it as number).toExponential(1));
  console.log(`| ${[name, passes, ...figures].join(' | ')} |`);
}

function offBy(own: BatchMoments, exact: BatchMoments): number[] {
  return Array.from(own.mean, (mean, channel) => {
    const deviation = Math.sqrt((exact.variance[channel] as number) + 1e-5);
    return Math.abs(mean - (exact.mean[channel] as number)) / deviation;
  });
}
