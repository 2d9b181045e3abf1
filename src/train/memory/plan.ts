/**
 * How much memory training takes, and how to do with less.
 *
 * The estimate counts: the program and ONNX Runtime; the file, several times while it is loaded and written; vectors as long as the parameters;
 * the values of a step; samples that wait for their step; arrays that are kept. docs/measurements/memory.md compares it with real runs.
 */
import type { TrainedBatchNorm } from '../../gradient/batch-norm.ts';
import type { Example, LabelledData } from '../../inputs/labelled/types.ts';
import { arrayBytes } from '../../inputs/sources.ts';
import type { Model } from '../../onnx/model.ts';
import { declaredType } from '../../onnx/value-type.ts';
import { sizeText } from '../../words.ts';
import { AHEAD } from '../batches.ts';
import { MOST_SIZES } from '../engine.ts';
import type { Trainer } from '../trainer.ts';
import { type Needed, tooLittle } from './refuse.ts';

/** Node and ONNX Runtime, with the code of this program and what its strings and numbers take. */
const PROGRAM = 215e6;
/** Copies of the file: as read, as its sessions hold it, and as it is written and read back. */
const FILE = 6;
/** Vectors as long as the parameters: they, the gradient, two of the optimizer, the first and the best; and a state that is saved. */
const VECTORS = 16;
/** Of what is alive, node by node: kernels need room of their own, and the runtime takes another order. */
const RUNTIME = 1.7;
/** Shapes of inputs that are looked at. */
const MOST_LOOKED_AT = 12;

/** How a run is cut to fit. */
export interface MemoryPlan {
  readonly batch: number;
  readonly accumulate: number;
  /** Steps that are loaded before they are wanted. */
  readonly ahead: number;
  /** Shapes of inputs whose sessions are kept. */
  readonly shapes: number;
  /** Bytes that all of it is expected to take. */
  readonly bytes: number;
  readonly notes: readonly string[];
}

export interface MemoryOptions {
  readonly batch: number;
  readonly accumulate: number;
  readonly batchNorm: TrainedBatchNorm;
  /** Bytes that the process may take; without, a run is planned as it was asked for. */
  readonly memory: number | undefined;
  /** Bytes that the system has to give. */
  readonly available: number;
  readonly model: Model;
  /** Bytes of the file, and of the teacher's. */
  readonly file: number;
  readonly held: LabelledData | undefined;
}

/** What one cut takes. */
interface Cut {
  readonly batch: number;
  readonly ahead: number;
  readonly shapes: number;
}

/**
 * Finds the largest cut of a run that fits: fewer samples that wait, fewer sessions, then fewer samples a run, whose gradients are added up.
 *
 * @throws GnSwapError `invalid-arguments` before anything is trained, with what would fit
 */
export async function planMemory(trainer: Trainer, data: LabelledData, options: MemoryOptions): Promise<MemoryPlan> {
  const { batch, accumulate, batchNorm, memory, available, model } = options;
  const limit = memory ?? available;
  const { example, count } = await largest(data);
  const fixed = fixedBytes(trainer, data, options);
  const single = RUNTIME * (await trainer.peak([example]));
  const needed = async ({ batch: size, ahead, shapes }: Cut) => {
    // What is left over of a shape is run one by one.
    const step = size === 1 ? single : single + RUNTIME * (await trainer.peak(new Array<Example>(size).fill(example)));
    return fixed + shapes * step + (ahead + 2) * accumulate * batch * bytesOfExample(example);
  };
  // A batch that is far too large is not even built.
  const isSane = (size: number) => size === 1 || fixed + size * single <= 1.2 * limit;
  const wanted: Cut = { batch, ahead: AHEAD, shapes: Math.min(count, MOST_SIZES) };
  if (isSane(batch)) {
    const bytes = await needed(wanted);
    if (bytes <= limit) return { ...wanted, accumulate, bytes, notes: [] };
  }
  const asked: Needed = { needed: fixed + batch * single, limit, isTyped: memory !== undefined };
  for (const size of sizesFor(options).filter(isSane)) {
    const cut = { batch: size, ahead: 0, shapes: 1 };
    const bytes = await needed(cut);
    if (bytes > limit) continue;
    const parts = accumulate * (batch / size);
    // Without a limit a run takes as many samples a step as it was told, or does not begin.
    if (memory === undefined && size < batch) throw tooLittle(asked, { batch: size, accumulate: parts });
    const notes = size === batch ? [] : [splitNote(batch, size, limit)];
    return { ...cut, accumulate: parts, bytes, notes };
  }
  // What is refused is the least that would do.
  const least = batchNorm === 'frozen' ? 1 : batch;
  const step = (await needed({ batch: least, ahead: 0, shapes: 1 })) - fixed;
  const examples = new Array<Example>(least).fill(example);
  // A model may have no norms to train.
  const norms = await trainer.peak(examples, ['norms']).then(
    (bytes) => RUNTIME * bytes,
    () => Number.POSITIVE_INFINITY,
  );
  const pictures = isOpen(model, data) ? example.inputs[data.image?.name ?? '']?.dims : undefined;
  throw tooLittle({ ...asked, needed: fixed + step }, { fixed, step, norms, pictures });
}

function splitNote(batch: number, size: number, limit: number): string {
  return `${size} of the ${batch} samples of a step run at a time, to stay in ${sizeText(limit)}: their gradients are averaged`;
}

/** What does not depend on how a run is cut. */
function fixedBytes(trainer: Trainer, data: LabelledData, { file, held }: MemoryOptions): number {
  const vectors = VECTORS * 4 * trainer.first.length;
  const own = data.resident ?? 0;
  // Both parts of one data set keep the same arrays.
  const others = held === undefined || held.resident === data.resident ? 0 : (held.resident ?? 0);
  return PROGRAM + vectors + FILE * file + own + others;
}

/** Sizes of a run that divide a batch, the largest first; the batch alone if the statistics of its samples count. */
function sizesFor({ batch, batchNorm }: MemoryOptions): number[] {
  const sizes = Array.from({ length: batch }, (_, index) => batch - index).filter((size) => batch % size === 0);
  return batchNorm === 'frozen' ? sizes : sizes.slice(0, 1);
}

/** The sample with the largest input, of the first of each shape; and how many shapes there are. */
async function largest(data: LabelledData): Promise<{ example: Example; count: number }> {
  const firsts = new Map<string, number>();
  for (let sample = 0; sample < data.count; sample++) {
    const key = data.keyOf(sample);
    if (!firsts.has(key)) firsts.set(key, sample);
  }
  let example = await data.load(0);
  for (const sample of [...firsts.values()].slice(0, MOST_LOOKED_AT)) {
    const other = await data.load(sample);
    if (bytesOfExample(other) > bytesOfExample(example)) example = other;
  }
  return { example, count: Math.max(1, firsts.size) };
}

/** Whether pictures may have other sizes. */
function isOpen({ proto: { graph } }: Model, { image }: LabelledData): boolean {
  const input = graph.input.find(({ name }) => name === image?.name);
  const { shape } = declaredType(input?.type);
  return image?.layout === 'nchw' && image.squares !== true && (shape?.slice(-2) ?? []).includes(undefined);
}

function bytesOfExample({ inputs, target }: Example): number {
  const values = target.kind === 'values' ? arrayBytes(target.values) : 0;
  const map = target.kind === 'map' ? target.labels.byteLength : 0;
  return arrayBytes(inputs) + values + map;
}
