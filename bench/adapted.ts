/**
 * Calibrating on lines unlike the training data, with the source and with the adapted source as the reference: a Markdown table.
 *
 *     npx tsx bench/adapted.ts [--lines 800]
 *
 * PaddleOCR's orientation classifier. Print is what it was trained on, notes by hand and typewriter in bad light are not. Calibrated on
 * 32 lines of the look that is scored, two draws.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { DataType, datasetOf, readModel, type SwapOptions, swap } from '../src/index.ts';
import { answers } from './accuracy/ocr.ts';
import { accuracy } from './ocr/accuracy.ts';
import { renderLines } from './ocr/lines.ts';
import { MODELS } from './ocr/models.ts';
import { NOTES, PRINT } from './ocr/styles.ts';

const { values } = parseArgs({ options: { lines: { type: 'string', default: '800' } } });
const bytes = readFileSync(MODELS.classifier);
const input = readModel(bytes).proto.graph.input[0]?.name ?? '';
/** Apart from those of the scores. */
const [SCORED, FIRST, SECOND] = [301, 302, 303] as const;

console.log('| lines | source | `statistics` | `--calibrate` | `--to batch` | `--reference adapted` |');
console.log('| --- | ---: | ---: | ---: | ---: | ---: |');
for (const [name, style] of [
  ['print', PRINT],
  ['notes', NOTES],
] as const) {
  const scored = await renderLines({ count: Number(values.lines), seed: SCORED, style });
  const scoreOf = async (model: Uint8Array) =>
    accuracy((await answers(model, scored.data, scored.dims.slice(1), 16)).data, scored.labels).toFixed(3);
  const after = async (options: SwapOptions) => scoreOf((await swap(bytes, { ...options, verify: false })).model);
  const draws = await Promise.all(
    [FIRST, SECOND].map(async (seed) => {
      const { data, dims } = await renderLines({ count: 32, seed, style });
      return datasetOf({ [input]: { type: DataType.FLOAT, dims, data } });
    }),
  );
  const both = async (options: SwapOptions) => {
    const figures: string[] = [];
    for (const calibrate of draws) figures.push(await after({ ...options, calibrate }));
    return figures.join('; ');
  };
  const cells = [
    await scoreOf(bytes),
    await after({}),
    await both({}),
    await both({ to: 'batch' }),
    await both({ reference: 'adapted' }),
  ];
  console.log(`| ${[name, ...cells].join(' | ')} |`);
}
