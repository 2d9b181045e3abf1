/**
 * What a swap with a few unlabelled inputs keeps of a model, beside one without data: a Markdown table.
 *
 *     npx tsx bench/calibrated.ts [--quick] [model …]
 *
 * --quick scores on few samples, to see that everything runs. Models: those of PaddleOCR, the classifier also with its batch
 * fixed to 1, and the four of bench/models/train.py; all if none is named. The inputs that are given are others than those that
 * the models are scored on; a fifth of them is held out by the calibration.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Dataset, DataType, datasetOf, readModel, type SwapOptions, swap, writeModel } from '../src/index.ts';
import { withGraph } from '../src/onnx/model.ts';
import { declaredType, makeValueInfo } from '../src/onnx/value-type.ts';
import { classifier, detector, recogniser } from './accuracy/ocr.ts';
import { FULL, QUICK, type Subject } from './accuracy/subject.ts';
import { calibrationOf, TRAINED_NAMES, trained } from './accuracy/trained.ts';
import { renderLines } from './ocr/lines.ts';
import { renderPages } from './ocr/pages.ts';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { quick: { type: 'boolean' } } });
const amounts = values.quick ? QUICK : FULL;
/** Apart from those of the scores. */
const [FIRST, SECOND] = [201, 202];
/** Bytes; fixed, so that every machine makes the same runs. */
const MEMORY = 4e8;

/** A model to score, and the inputs to calibrate it on, each with a word for them. */
interface Case {
  readonly subject: Subject;
  readonly bytes: Uint8Array;
  readonly draws: readonly (readonly [given: string, data: Dataset])[];
}

type Rendered = { readonly data: Float32Array; readonly dims: readonly number[] };

/** Two draws of a count, and one of twice as many. */
async function rendered(
  subject: Subject,
  count: number,
  render: (count: number, seed: number) => Promise<Rendered>,
  bytes: Uint8Array = readFileSync(subject.source),
): Promise<Case> {
  const input = readModel(bytes).proto.graph.input[0]?.name ?? '';
  const draw = async (given: string, count: number, seed: number) => {
    const { data, dims } = await render(count, seed);
    return [given, datasetOf({ [input]: { type: DataType.FLOAT, dims, data } })] as const;
  };
  const draws = [
    await draw(`${count}`, count, FIRST),
    await draw(`${count} others`, count, SECOND),
    await draw(`${2 * count}`, 2 * count, FIRST),
  ];
  return { subject, bytes, draws };
}

/** The model with its batch fixed to 1, as many are exported. */
function oneAtATime(file: string): Uint8Array {
  const model = readModel(readFileSync(file));
  const { graph } = model.proto;
  const input = graph.input.map((it) => {
    const [, ...dims] = declaredType(it.type).shape ?? [];
    return makeValueInfo(it.name, DataType.FLOAT, [1, ...dims]);
  });
  return writeModel(withGraph(model, { ...graph, input }));
}

const lines = (count: number, seed: number) => renderLines({ count, seed });
const cases: Record<string, () => Promise<Case | undefined>> = {
  classifier: async () => rendered(await classifier(amounts), 32, lines),
  'classifier, batch 1': async () => {
    const subject = await classifier(amounts, 1);
    return rendered(subject, 32, lines, oneAtATime(subject.source));
  },
  detector: async () => rendered(await detector(amounts), 8, (count, seed) => renderPages({ count, seed })),
  recogniser: async () =>
    rendered(await recogniser(amounts), 32, (count, seed) => renderLines({ count, seed, width: 320, turned: 0 })),
  ...Object.fromEntries(
    TRAINED_NAMES.map((name) => [
      name,
      async () => {
        const subject = trained(name, amounts);
        if (subject === undefined) return undefined;
        const value = calibrationOf(name);
        const [input] = readModel(readFileSync(subject.source)).proto.graph.input;
        const data = datasetOf({ [input?.name ?? '']: value });
        return { subject, bytes: readFileSync(subject.source), draws: [[`${value.dims[0]}`, data]] };
      },
    ]),
  ),
};

console.log(
  '| model | score | source | `copy` | `statistics` | inputs given | `--calibrate` | `--reference adapted`, first inputs | `--to instance` | `--to frozen` |',
);
console.log(`| --- | --- |${' ---: |'.repeat(8)}`);
for (const name of positionals.length > 0 ? positionals : Object.keys(cases)) {
  const prepare = cases[name];
  if (prepare === undefined) throw new Error(`no model ${name}; there are ${Object.keys(cases).join(', ')}`);
  const prepared = await prepare();
  if (prepared === undefined) {
    console.log(`| ${name} | not trained here: see bench/models/train.py |${' |'.repeat(8)}`);
    continue;
  }
  const { subject, bytes, draws } = prepared;
  const scoreOf = async (options: SwapOptions) =>
    subject.score((await swap(bytes, { ...options, verify: false, memory: MEMORY })).model);
  const figures = [await subject.score(bytes), await scoreOf({ init: 'copy' }), await scoreOf({})];
  const solved: number[] = [];
  for (const [given, calibrate] of draws) {
    solved.push(await scoreOf({ calibrate }));
    process.stderr.write(`${name}: ${given}: ${solved.at(-1)?.toFixed(3)}\n`);
  }
  const calibrate = draws[0]?.[1];
  const others = [
    await scoreOf({ calibrate, reference: 'adapted' }),
    await scoreOf({ calibrate, to: 'instance' }),
    await scoreOf({ to: 'frozen' }),
  ];
  const given = draws.map(([it]) => it).join('; ');
  const three = (list: readonly number[]) => list.map((it) => it.toFixed(3));
  console.log(
    `| ${[name, subject.metric, ...three(figures), given, three(solved).join('; '), ...three(others)].join(' | ')} |`,
  );
}
