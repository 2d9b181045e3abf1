/**
 * How many of a detector's boxes a swap keeps: a Markdown table.
 *
 *     npx tsx bench/kept.ts --models DIR --photos DIR [--tests 24] [--draw 1] [model …]
 *
 * Models, by file name in DIR (weights of others are not in the repository; where they come from stands in docs/kept.md), and pictures: parts of the
 * photographs in the other DIR, rendered pages, characters and puzzles on photographs. Half of the photographs are for calibrating, the
 * other half for scoring; --draw takes other pictures of them, and an even one exchanges the halves. A cell is recall / precision of the source's boxes with a score of 0.25 or more, overlapping by 0.5 or more, after
 * non-maximum suppression class by class; decoded here, by other code than the product's.
 */
import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { DataType, datasetOf, readModel, type SwapOptions, swap } from '../src/index.ts';
import { withSession } from '../src/runtime/session.ts';
import { type Box, compare, suppress } from './kept/boxes.ts';
import { type Detector, detectors } from './kept/models.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    models: { type: 'string', default: 'out/detectors' },
    photos: { type: 'string', default: 'out/photos' },
    tests: { type: 'string', default: '24' },
    draw: { type: 'string', default: '1' },
  },
});
/** Seeds, apart, so that nothing is scored on what it was calibrated on; of odd and even photographs, or the other way about. */
const SHIFT = 101 * (Number(values.draw) - 1);
const [GIVEN, OTHERS, SCORED] = [1 + SHIFT, 3 + SHIFT, 12 + SHIFT] as const;
const FOUND = 0.25;
/** Bytes; fixed, so that every machine makes the same runs. */
const MEMORY = 2e9;

async function boxesOf(bytes: Uint8Array, { input, size, decode, limit }: Detector, pictures: readonly Float32Array[]) {
  return withSession(readModel(bytes), async (session) => {
    const found: Box[][] = [];
    for (const data of pictures) {
      const outputs = await session.run({ [input]: { type: DataType.FLOAT, dims: [1, 3, size, size], data } });
      found.push(suppress(decode(outputs, FOUND), limit));
    }
    return found;
  });
}

async function dataOf({ input, size, pictures }: Detector, count: number, seed: number) {
  const all = await pictures(count, seed);
  const data = new Float32Array(count * 3 * size * size);
  for (const [index, it] of all.entries()) data.set(it, index * it.length);
  return datasetOf({ [input]: { type: DataType.FLOAT, dims: [count, 3, size, size], data } });
}

console.log(
  '| model | boxes | `statistics` | 24 pictures | 24 others | 8 pictures | 8 others | `--reference adapted`, 24 | `--to instance`, 24 | `--to frozen` |',
);
console.log(`| --- |${' ---: |'.repeat(9)}`);
for (const detector of detectors(values.models, values.photos)) {
  if (positionals.length > 0 && !positionals.includes(detector.name)) continue;
  if (!existsSync(detector.file)) {
    console.log(`| ${detector.name} | not in ${values.models}${' |'.repeat(9)}`);
    continue;
  }
  const bytes = readFileSync(detector.file);
  const scored = await detector.pictures(Number(values.tests), SCORED);
  const before = await boxesOf(bytes, detector, scored);
  const cell = async (options: SwapOptions) => {
    const { model, calibration } = await swap(bytes, { ...options, verify: false, memory: MEMORY });
    const { recall, precision } = compare(before, await boxesOf(model, detector, scored), FOUND);
    const solver = calibration?.choice === undefined ? '' : ` (${calibration.choice.solver})`;
    const text = `${recall.toFixed(3)} / ${precision.toFixed(3)}${solver}`;
    process.stderr.write(`${detector.name}: ${text}\n`);
    return text;
  };
  const sites = detector.isFolded ? 'folded' : 'batchnorm';
  const cells = [
    detector.isFolded ? '–' : await cell({}),
    await cell({ sites, calibrate: await dataOf(detector, 24, GIVEN) }),
    await cell({ sites, calibrate: await dataOf(detector, 24, OTHERS) }),
    await cell({ sites, calibrate: await dataOf(detector, 8, GIVEN) }),
    await cell({ sites, calibrate: await dataOf(detector, 8, OTHERS) }),
    detector.isFolded ? '–' : await cell({ sites, reference: 'adapted', calibrate: await dataOf(detector, 24, GIVEN) }),
    await cell({ sites, to: 'instance', calibrate: await dataOf(detector, 24, GIVEN) }),
    detector.isFolded ? '–' : await cell({ to: 'frozen' }),
  ];
  console.log(`| ${[detector.name, before.flat().length, ...cells].join(' | ')} |`);
}
