/**
 * What `--refine` takes back of what a swap lost: a Markdown table.
 *
 *     npx tsx bench/finetune/refine.ts --models DIR --photos DIR [--steps 200] [--tests 24] [--seed 0] [name …]
 *
 * Names: those of the detectors (bench/kept.ts says how models and photographs are had), `classifier 32`, `classifier 320` (PaddleOCR's, from
 * so many rendered lines), and `resnet`, `mobilenet`, `densenet`, `unet` (of bench/models/train.py). All if none is given. Detectors: recall /
 * precision of the source's boxes with a score of 0.25 or more, and AP at an overlap of 0.75 with those boxes as the truth. Inputs that are
 * scored are others than those that are given. The last column is what the run itself reports.
 */
import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Dataset, DataType, datasetOf, readModel, type SwapOptions, swap } from '../../src/index.ts';
import { refinedText } from '../../src/report/chosen.ts';
import { withSession } from '../../src/runtime/session.ts';
import { answers, classifier } from '../accuracy/ocr.ts';
import { FULL, QUICK } from '../accuracy/subject.ts';
import { calibrationOf, heldOutOf, TRAINED_NAMES, trained } from '../accuracy/trained.ts';
import { averagePrecision, type Box, compare, suppress } from '../kept/boxes.ts';
import { type Detector, detectors } from '../kept/models.ts';
import { renderLines } from '../ocr/lines.ts';
import type { Output } from '../ocr/models.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    models: { type: 'string', default: 'out/detectors' },
    photos: { type: 'string', default: 'out/photos' },
    steps: { type: 'string', default: '200' },
    tests: { type: 'string', default: '24' },
    seed: { type: 'string', default: '0' },
    quick: { type: 'boolean', default: false },
  },
});
/** Apart, so that nothing is scored on what was learnt from. */
const [GIVEN, SCORED, LINES] = [1, 12, 201] as const;
const [FOUND, LEAST] = [0.25, 0.01] as const;
/** Bytes; fixed, so that every machine makes the same runs. */
const MEMORY = 2e9;

interface Case {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly options: SwapOptions;
  readonly isFolded: boolean;
  score(model: Uint8Array): Promise<string>;
}

async function row({ name, bytes, options, isFolded, score }: Case): Promise<void> {
  const swapped = async (more: SwapOptions) =>
    swap(bytes, { ...more, verify: false, memory: MEMORY, seed: Number(values.seed), onProgress });
  const onProgress = (step: string, done: number, of: number) => {
    if (process.stderr.isTTY) process.stderr.write(`\r${name}: ${step} ${done}/${of}   `);
  };
  const plain = isFolded ? '–' : await score((await swapped({})).model);
  const before = await score((await swapped(options)).model);
  const { model, calibration } = await swapped({ ...options, refine: Number(values.steps) });
  const after = await score(model);
  console.log(
    `| ${[name, await score(bytes), plain, before, after, calibration && refinedText(calibration)].join(' | ')} |`,
  );
}

async function detected(detector: Detector): Promise<Case> {
  const { name, file, input, size, decode, limit, isFolded, pictures } = detector;
  const bytes = readFileSync(file);
  const scored = await pictures(Number(values.tests), SCORED);
  const boxesOf = (model: Uint8Array) =>
    withSession(readModel(model), async (session) => {
      const found: Box[][] = [];
      for (const data of scored) {
        const outputs = await session.run({ [input]: { type: DataType.FLOAT, dims: [1, 3, size, size], data } });
        found.push(suppress(decode(outputs, LEAST), limit));
      }
      return found;
    });
  const truth = (await boxesOf(bytes)).map((boxes) => boxes.filter(({ score }) => score >= FOUND));
  const count = name.startsWith('RetinaFace') ? 8 : 40;
  const given = await pictures(count, GIVEN);
  const data = new Float32Array(count * 3 * size * size);
  for (const [index, it] of given.entries()) data.set(it, index * it.length);
  const calibrate = datasetOf({ [input]: { type: DataType.FLOAT, dims: [count, 3, size, size], data } });
  return {
    name: `${name}, ${count} pictures, ${truth.flat().length} boxes`,
    bytes,
    options: { calibrate, sites: isFolded ? 'folded' : 'batchnorm' },
    isFolded,
    async score(model) {
      const found = await boxesOf(model);
      const { recall, precision } = compare(truth, found, FOUND);
      return `${recall.toFixed(3)} / ${precision.toFixed(3)}, AP75 ${averagePrecision(truth, found, 0.75).toFixed(3)}`;
    },
  };
}

async function lines(count: number): Promise<Case> {
  const subject = await classifier(values.quick ? QUICK : FULL);
  const bytes = readFileSync(subject.source);
  const { data, dims } = await renderLines({ count, seed: LINES });
  const calibrate = datasetOf({ [inputOf(bytes)]: { type: DataType.FLOAT, dims, data } });
  const score = async (model: Uint8Array) => (await subject.score(model)).toFixed(4);
  return { name: `classifier, ${count} lines`, bytes, options: { calibrate }, isFolded: false, score };
}

/** Scored by labels, and by the share of pictures or pixels that get the class that the source gives them. */
async function ofTrained(name: (typeof TRAINED_NAMES)[number]): Promise<Case | undefined> {
  const subject = trained(name, FULL);
  if (subject === undefined) return undefined;
  const bytes = readFileSync(subject.source);
  const calibrate: Dataset = datasetOf({ [inputOf(bytes)]: calibrationOf(name) });
  const { data, dims } = heldOutOf(name);
  const classesOf = async (model: Uint8Array) => largest(await answers(model, data as Float32Array, dims.slice(1), 50));
  const right = await classesOf(bytes);
  const score = async (model: Uint8Array) => {
    const same = (await classesOf(model)).filter((label, index) => label === right[index]).length / right.length;
    return `${(await subject.score(model)).toFixed(4)}, as the source ${same.toFixed(4)}`;
  };
  return { name, bytes, options: { calibrate }, isFolded: false, score };
}

/** The class with the largest number, of each picture or pixel: axis 1 counts classes. */
function largest({ data, dims: [count = 0, classes = 1] }: Output): number[] {
  const area = data.length / (count * classes);
  return Array.from({ length: count * area }, (_, index) => {
    const [sample, pixel] = [Math.floor(index / area), index % area];
    const at = (label: number) => data[(sample * classes + label) * area + pixel] as number;
    let best = 0;
    for (let label = 1; label < classes; label++) if (at(label) > at(best)) best = label;
    return best;
  });
}

function inputOf(bytes: Uint8Array): string {
  return readModel(bytes).proto.graph.input[0]?.name ?? '';
}

const cases = new Map<string, () => Promise<Case | undefined> | Case | undefined>([
  ...detectors(values.models, values.photos).map(
    (it) => [it.name, () => (existsSync(it.file) ? detected(it) : undefined)] as const,
  ),
  ['classifier 32', () => lines(32)],
  ['classifier 320', () => lines(320)],
  ...TRAINED_NAMES.map((name) => [name, () => ofTrained(name)] as const),
]);

console.log('| model | source | without data | calibrated | refined | what the run says |');
console.log('| --- | ---: | ---: | ---: | ---: | --- |');
for (const name of positionals.length > 0 ? positionals : cases.keys()) {
  const prepare = cases.get(name);
  if (prepare === undefined) throw new Error(`no model ${name}; there are ${[...cases.keys()].join(', ')}`);
  const prepared = await prepare();
  if (prepared === undefined) console.log(`| ${name} | not here | | | | |`);
  else await row(prepared);
}
