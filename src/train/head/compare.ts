/** A rebuilt head is tried before it is used: what it kept answers as before. */
import { GnSwapError } from '../../errors.ts';
import { withOutputs } from '../../graph/extract.ts';
import type { Example } from '../../inputs/labelled/types.ts';
import type { Model } from '../../onnx/model.ts';
import { relativeGap } from '../../runtime/gap.ts';
import { numbersIn, type Value, type Values, withSession } from '../../runtime/session.ts';
import { firstAnswer } from '../first-answer.ts';
import { knownTo } from '../judge.ts';
import type { Target } from './layers.ts';
import type { Columns } from './tensors.ts';

/** Sums over channels may be taken in another order; differences of any value are measured by its largest number. */
const SAME = 1e-4;

/**
 * Runs both models on a sample.
 *
 * @throws GnSwapError `unsupported-model` if the rebuilt one does not run, or something else than the new classes changed
 */
export async function compareHeads(
  before: Model,
  after: Model,
  { inputs }: Example,
  targets: readonly Target[],
  columns: Columns,
): Promise<void> {
  const values = targets.map(({ value }) => value);
  const [old, now] = [await run(before, inputs, values), await run(after, inputs, values)];
  // Behind a Softmax every class depends on every other.
  for (const target of targets) {
    const [a, b] = [old[target.value], now[target.value]];
    if (a === undefined || b === undefined) throw wrong(target, 'it is not there any more');
    const more = columns.length - (target.to - target.from);
    const dims = a.dims.map((dim, axis) => (axis === target.axis ? (dim / target.block) * (target.block + more) : dim));
    if (String(b.dims) !== String(dims)) throw wrong(target, `it has dimensions [${b.dims}] in place of [${dims}]`);
    const gap = otherColumns(a, b, target, columns);
    if (gap > SAME) throw wrong(target, `numbers that are not of classes changed by ${gap.toExponential(1)}`);
  }
}

function run(model: Model, inputs: Values, values: readonly string[]): Promise<Values> {
  const outputs = new Set(model.proto.graph.output.map(({ name }) => name));
  const answer = values.every((name) => outputs.has(name))
    ? firstAnswer(model, inputs)
    : withSession(withOutputs(model, values), (session) => session.run(knownTo(session, inputs)), { optimize: false });
  return answer.catch((cause: unknown) => {
    throw new GnSwapError('unsupported-model', 'with other classes the model does not run', {
      node: '--classes',
      remedy: 'Export the model with as many classes as the data has',
      cause,
    });
  });
}

/** The largest difference among columns that are not of classes, relative to the largest number. */
function otherColumns(a: Value, b: Value, target: Target, columns: Columns): number {
  const [before, after] = [numbersIn(a), numbersIn(b)];
  const inner = a.dims.slice(target.axis + 1).reduce((product, dim) => product * dim, 1);
  const more = columns.length - (target.to - target.from);
  const size = a.dims[target.axis] ?? 1;
  const [wanted, made]: [number[], number[]] = [[], []];
  for (let index = 0; index < before.length; index++) {
    const [outer, at, rest] = [Math.floor(index / (inner * size)), Math.floor(index / inner) % size, index % inner];
    const [block, own] = [Math.floor(at / target.block), at % target.block];
    if (own >= target.from && own < target.to) continue;
    const moved = block * (target.block + more) + own + (own >= target.to ? more : 0);
    const to = (outer * (size / target.block) * (target.block + more) + moved) * inner + rest;
    wanted.push(before[index] as number);
    made.push(after[to] as number);
  }
  return relativeGap(made, wanted);
}

function wrong({ value }: Target, what: string): GnSwapError {
  return new GnSwapError('unsupported-model', `with other classes ${what}`, {
    node: value,
    remedy: 'Name the layers that give a number for each class with --head REGEX',
  });
}
