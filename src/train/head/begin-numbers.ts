/**
 * Where training begins if the answers of a file are worse than one number for all samples, as those of a last layer that never saw these targets: ages,
 * prices and thousandths are hundreds of steps away. Its answers are scaled and shifted to the targets, and what is left is told by what the layer reads (ridge regression); both only as
 * far as they help on samples that they were not fitted on.
 */
import type { Part } from '../../gradient/flat.ts';
import { withOutputs } from '../../graph/extract.ts';
import type { Example, LabelledData } from '../../inputs/labelled/types.ts';
import { Random } from '../../inputs/random.ts';
import type { Model } from '../../onnx/model.ts';
import { numbersIn, type Value, type Values, withSession } from '../../runtime/session.ts';
import { ahead, samplesOf, seedOf } from '../batches.ts';
import { knownTo } from '../judge.ts';
import type { Distance } from '../types.ts';
import { type Beginning, beginningOf, type Gathered } from './begin-fit.ts';
import { type NumberLayer, numberLayer } from './number-layer.ts';
import type { Rows } from './ridge.ts';

/** Rows that a layer is fitted on: the time is that of this many answers, and of its third power. */
const MOST_ROWS = 512;
/** Numbers of the features in all rows: 16 MB. */
const MOST_NUMBERS = 2 ** 21;
/** Fewer samples tell too little to judge by a quarter of them. */
const FEWEST_SAMPLES = 8;

/** What {@link beginNumbers} is told. */
export interface BeginOptions {
  readonly parts: readonly Part[];
  readonly theta: Float32Array;
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
}

/** Parameters to begin with. */
export interface Begun {
  readonly theta: Float32Array;
  readonly notes: readonly string[];
}

/** By the name of a parameter of a last layer, the unit of the output. */
export function unitsOf(model: Model, outputs: readonly Distance[] = []): Map<string, number> {
  return new Map(
    outputs.flatMap(({ output, unit }) => {
      const { weight, bias } = numberLayer(model, output) ?? {};
      return [weight, bias].flatMap((name): [string, number][] => (name === undefined ? [] : [[name, unit]]));
    }),
  );
}

/** A layer whose weight and bias are trained. */
interface Placed {
  readonly layer: NumberLayer;
  readonly weight: Part;
  readonly bias: Part | undefined;
  readonly inputs: number;
  readonly outputs: number;
}

/**
 * Fits the last layers of outputs that are far from their targets.
 *
 * @param outputs those that are learnt by their distance
 * @returns undefined if all are near enough, or nothing fits better
 */
export async function beginNumbers(
  model: Model,
  data: LabelledData,
  outputs: readonly Distance[],
  options: BeginOptions,
): Promise<Begun | undefined> {
  const theta = options.theta.slice();
  const notes: string[] = [];
  for (const { output: name } of outputs) {
    const placed = placedLayer(numberLayer(model, name), options.parts);
    const gathered = placed && (await gather(model, data, placed, options));
    const found = gathered && beginningOf(gathered, placed.bias !== undefined);
    if (placed === undefined || found === undefined) continue;
    write(theta, placed, found);
    const [before, after] = [found.before, found.after].map(shareText);
    notes.push(
      `the last layer of ${name} begins at a least-squares fit: variance explained ${before} → ${after} on training samples that it was not fitted on`,
    );
  }
  return notes.length === 0 ? undefined : { theta, notes };
}

function shareText(share: number): string {
  return (share < -999 ? share.toExponential(1) : share.toFixed(3)).replace('-', '−');
}

function placedLayer(layer: NumberLayer | undefined, parts: readonly Part[]): Placed | undefined {
  const partOf = (name: string | undefined) => parts.find((it) => it.name === name);
  const [weight, bias] = [partOf(layer?.weight), partOf(layer?.bias)];
  if (layer === undefined || weight === undefined || (layer.bias !== undefined && bias === undefined)) return undefined;
  const [rows = 0, columns = 0, ...rest] = weight.dims;
  if (columns === 0 || rest.some((dim) => dim !== 1)) return undefined;
  const [inputs, outputs] = layer.byOutput ? [columns, rows] : [rows, columns];
  if (bias !== undefined && bias.dims.reduce((product, dim) => product * dim, 1) !== outputs) return undefined;
  return { layer, weight, bias, inputs, outputs };
}

/** Rows of some samples: of maps, some places of each. */
async function gather(
  model: Model,
  data: LabelledData,
  { layer, inputs, outputs }: Placed,
  { seed, signal }: BeginOptions,
): Promise<Gathered | undefined> {
  const most = Math.min(MOST_ROWS, Math.floor(MOST_NUMBERS / inputs));
  const samples = new Random(seedOf(seed, -2)).shuffle(samplesOf(data)).slice(0, most);
  if (samples.length < FEWEST_SAMPLES) return undefined;
  const each = Math.floor(most / samples.length);
  const table = (width: number) => ({ width, data: new Float64Array(samples.length * each * width), count: 0 });
  const [x, y, now] = [table(inputs), table(outputs), table(outputs)];
  const random = new Random(seedOf(seed, -3));
  let [fitted, done] = [0, 0];
  const isWhole = await withSession(withOutputs(model, [layer.features]), async (session) => {
    for await (const example of ahead(samples, (sample) => data.load(sample))) {
      if (signal?.aborted === true) return false;
      const answered = await session.run(knownTo(session, example.inputs));
      const wanted = wantedOf(example, layer.output);
      if (wanted === undefined || !take(layer, answered, wanted, [x, y, now], each, random)) return false;
      if (++done === Math.ceil((samples.length * 3) / 4)) fitted = x.count;
    }
    return true;
  });
  if (!isWhole) return undefined;
  const rows = ({ width, count, data: numbers }: Rows): Rows => ({
    width,
    count,
    data: numbers.subarray(0, count * width),
  });
  return { x: rows(x), y: rows(y), now: rows(now), fitted };
}

function wantedOf({ target }: Example, output: string): Value | undefined {
  return target.kind === 'values' ? target.values[output] : undefined;
}

type Growing = { -readonly [K in keyof Rows]: Rows[K] };

/** Adds rows of one sample. @returns false if the numbers are not those of the layer, or not finite */
function take(
  { features, output, channelsFirst }: NumberLayer,
  answered: Values,
  wanted: Value,
  [x, y, now]: readonly [Growing, Growing, Growing],
  each: number,
  random: Random,
): boolean {
  const [read, right, made] = [numbersIn(answered[features]), numbersIn(wanted), numbersIn(answered[output])];
  const places = right.length / y.width;
  if (made.length !== right.length || read.length !== places * x.width || !Number.isInteger(places)) return false;
  const chosen = places <= each ? Array.from({ length: places }, (_, at) => at) : someOf(places, each, random);
  for (const place of chosen) {
    for (const [rows, numbers] of [
      [x, read],
      [y, right],
      [now, made],
    ] as const) {
      for (let k = 0; k < rows.width; k++) {
        const number = numbers[channelsFirst ? k * places + place : place * rows.width + k] as number;
        if (!Number.isFinite(number)) return false;
        rows.data[rows.count * rows.width + k] = number;
      }
      rows.count++;
    }
  }
  return true;
}

function someOf(places: number, count: number, random: Random): Set<number> {
  const chosen = new Set<number>();
  while (chosen.size < count) chosen.add(random.integer(places));
  return chosen;
}

/** Writes a fit: y = scale · (what was answered) + shift + x · weight. */
function write(
  theta: Float32Array,
  { layer, weight, bias, inputs, outputs }: Placed,
  { scale, shift, weight: more }: Beginning,
): void {
  for (let output = 0; output < outputs; output++) {
    for (let input = 0; input < inputs; input++) {
      const at = weight.offset + (layer.byOutput ? output * inputs + input : input * outputs + output);
      const own = (more[input * outputs + output] as number) / layer.factor;
      theta[at] = (scale[output] as number) * (theta[at] as number) + own;
    }
    if (bias === undefined) continue;
    const at = bias.offset + output;
    theta[at] = (scale[output] as number) * (theta[at] as number) + (shift[output] as number) / layer.biasFactor;
  }
}
