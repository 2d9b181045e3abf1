/** Looks at a trained file as a user would: it must differ from its source in trained tensors alone, and answer as the trainer did. */
import { GnSwapError } from '../errors.ts';
import { twinnedTypes } from '../graph/float32.ts';
import { batchOf } from '../inputs/batch.ts';
import type { LabelledData } from '../inputs/labelled/types.ts';
import { isFloat, unitRoundoff } from '../onnx/data-type.ts';
import type { Model } from '../onnx/model.ts';
import { nameAt } from '../onnx/operands.ts';
import type { GraphProto, TensorProto } from '../onnx/schema.ts';
import { rawDataOf } from '../onnx/tensor.ts';
import { relativeGap } from '../runtime/gap.ts';
import { numbersOf, type Session, type Values, withSession } from '../runtime/session.ts';
import { type Judged, judgeIn, knownTo } from './judge.ts';
import type { Trainer } from './trainer.ts';
import type { PreparedTask } from './types.ts';

/** Of the largest number of an output: what another spelling of a norm and another order of float32 operations change, many times over. */
const LIMIT = 2e-3;
/** The same where values are rounded on the way: what is as good as halfway between two steps falls to either. */
const ROUNDED_LIMIT = 5e-2;
/** In units of roundoff of a 16-bit type: each layer rounds once more than the trainer, which computes in float32. A classifier of 35 norms in float16 differs by 6. */
const HALF_LIMIT = 100;
const ROUNDING = new Set(['QuantizeLinear', 'DynamicQuantizeLinear', 'Round', 'Floor', 'Ceil']);

/** What was found in the written file. */
export interface Confirmed {
  /** Tensors whose numbers changed. */
  readonly changed: number;
  /** Largest difference from the trainer's outputs, relative to the largest number of the output. */
  readonly difference: number;
  /** On held-out samples, by the file itself; `undefined` if there are none. */
  readonly judged: Judged | undefined;
}

/**
 * Checks a written model against the model that it was trained from.
 *
 * @param held held-out samples, to score
 * @param shown numbers of those whose answers are wanted
 * @param data the first of these is compared number by number
 * @throws GnSwapError `verification-failed` naming what differs
 */
export async function confirm(
  source: Model,
  written: Model,
  trainer: Trainer,
  task: PreparedTask,
  data: LabelledData,
  held: LabelledData | undefined,
  shown: ReadonlySet<number>,
): Promise<Confirmed> {
  const changed = changedTensors(source, written, new Set(trainer.layout.parts.map(({ name }) => name)));
  const model = task.ending?.(written) ?? written;
  const rounds = model.proto.graph.node.some(({ opType }) => ROUNDING.has(opType));
  const halves = twinnedTypes(model).map((type) => HALF_LIMIT * unitRoundoff(type));
  const limit = Math.max(rounds ? ROUNDED_LIMIT : LIMIT, ...halves);
  const compare = async (session: Session) => {
    const example = await data.load(0);
    const outputs = await session.run(knownTo(session, example.inputs));
    return differenceOf(outputs, (await trainer.answer([example])).outputs, limit);
  };
  // Optimised, what stands between QuantizeLinear and DequantizeLinear is computed in whole numbers, which round elsewhere.
  const rounded = rounds ? await withSession(model, compare, { optimize: false }) : undefined;
  return withSession(model, async (session) => {
    const difference = rounded ?? (await compare(session));
    return { changed, difference, judged: held && (await judgeIn(session, task, held, shown)) };
  });
}

/** Number of tensors that differ; all of them must have been trained, and everything else must be as it was. */
function changedTensors(source: Model, written: Model, trained: ReadonlySet<string>): number {
  const [a, b] = [source.proto.graph, written.proto.graph];
  const [before, after] = [storedIn(a), storedIn(b)];
  const sameNodes =
    a.node.length === b.node.length &&
    a.node.every((node, index) => {
      const other = b.node[index];
      return (
        node.opType === other?.opType &&
        node.input.join('\n') === other.input.join('\n') &&
        node.output.join('\n') === other.output.join('\n')
      );
    });
  if (!sameNodes || before.size !== after.size) throw failed('its graph is not the graph that was trained');
  let changed = 0;
  for (const [name, tensor] of before) {
    const other = after.get(name);
    if (other === undefined || other.dims.join() !== tensor.dims.join()) {
      throw failed(`the tensor ${JSON.stringify(name)} has another shape than in the source`);
    }
    if (sameData(source, tensor, written, other)) continue;
    if (!trained.has(name)) throw failed(`the tensor ${JSON.stringify(name)} changed, and was not trained`);
    changed++;
  }
  return changed;
}

function storedIn({ initializer, node }: GraphProto): Map<string, TensorProto> {
  const constants = node.flatMap(({ opType, output, attribute }) => {
    const tensor = opType === 'Constant' ? attribute.find(({ name }) => name === 'value')?.t : undefined;
    return tensor === undefined ? [] : [[nameAt(output, 0), tensor] as const];
  });
  return new Map([...initializer.map((tensor) => [tensor.name, tensor] as const), ...constants]);
}

function sameData(source: Model, a: TensorProto, written: Model, b: TensorProto): boolean {
  if (a === b) return true;
  if (a.stringData.length > 0) return true;
  const [x, y] = [rawDataOf(a, source.home.open).bytes(), rawDataOf(b, written.home.open).bytes()];
  return x.length === y.length && x.every((byte, index) => byte === y[index]);
}

function differenceOf(outputs: Values, expected: Values, limit: number): number {
  let most = 0;
  for (const [name, value] of Object.entries(outputs)) {
    const other = expected[name];
    const [a, b] = [numbersOf(value), other && numbersOf(other)];
    // Whole numbers are choices, such as the class of a pixel: one flips where two floats are as good as equal.
    if (a === undefined || b === undefined || !isFloat(value.type)) continue;
    if (a.length !== b.length) throw failed(`output ${JSON.stringify(name)} has another shape than in training`);
    const gap = relativeGap(a, b);
    if (gap > limit)
      throw failed(`output ${JSON.stringify(name)} differs from the trained model's by ${gap.toExponential(1)}`);
    most = Math.max(most, gap);
  }
  return most;
}

function failed(message: string): GnSwapError {
  return new GnSwapError('verification-failed', `the trained file was read back, and ${message}`, {
    remedy: 'Please report this, with the model if you can',
  });
}

/** Whether a model takes more than one sample at a time. */
export function takesBatches(model: Model): boolean {
  const { inputs, size } = batchOf(model);
  return inputs.size > 0 && size !== 1;
}
