/**
 * Whether each gradient rule is right on the nodes of a file, at their own shapes, attributes and values.
 *
 * A node stands alone in a small model with what its rule writes. Along random directions u, with a random gradient v of its outputs,
 * 1. ⟨v, (f(x + h u) − f(x − h u)) / 2h⟩ of the node in float64 must be ⟨u, dx⟩;
 * 2. where ONNX Runtime has no float64 kernel and the node is linear in an input, ⟨v, f(u) − f(0)⟩ must be ⟨u, dx⟩.
 * Values are those of a run, moved by a hundredth of their spread: ties and kinks that exporters like (exact zeros behind a Relu) have no
 * slope. Nodes that differ in nothing are tried once. The error is taken relative to what such a product is for a random pair.
 */
import { GnSwapError } from '../errors.ts';
import { filled } from '../filled.ts';
import { Random } from '../inputs/random.ts';
import { DataType, isFloat } from '../onnx/data-type.ts';
import type { Model } from '../onnx/model.ts';
import { calledBy } from '../onnx/operands.ts';
import type { NodeProto } from '../onnx/schema.ts';
import type { Gradient } from '../operators/gradient-rule.ts';
import { GRADIENTS } from '../operators/gradients.ts';
import { typed } from '../runtime/half.ts';
import { numbersIn, type Session, type Value, type Values, withSession } from '../runtime/session.ts';
import type { Forward } from './forward.ts';
import { type Alone, alone } from './proof-node.ts';
import type { Differentiated } from './walk.ts';

/** What was tried, and what came of it. */
export interface GradientProof {
  /** How many nodes, and how many that differ. */
  readonly nodes: number;
  readonly kinds: number;
  /** The largest error, and the node that has it. */
  readonly error: number;
  readonly worst: string;
  /** Operators that could not be tried: no float64 kernel, and not linear. */
  readonly untried: readonly string[];
}

/** A right rule stays below 1e-4; a wrong factor of one part in 500 is seen. */
const LIMIT = 2e-3;
/** Small, so that hardly any element crosses a kink; float64 has digits enough. */
const STEP = 1e-7;
/** Of float64, twice. */
const ROUNDING = 2 ** -52;
/** Of float32, of functions that a runtime approximates: its Sigmoid is right to 2⁻²³ of 1, not of its own small values. */
const OWN_ROUNDING = 2 ** -21;

/** Far from what float32 ends at. */
const MOST_DOUBLINGS = 60;

/** f ahead and behind, and v. */
type Lists = [ArrayLike<number>, ArrayLike<number>, ArrayLike<number>];

/**
 * @param values of a run, by name; others are random
 * @throws GnSwapError `verification-failed` naming each node whose rule is wrong, or the one that gives NaN by itself
 */
export async function proveRules(
  source: Model,
  forward: Forward,
  differentiated: readonly Differentiated[],
  values: ReadonlyMap<string, Value>,
  rules: ReadonlyMap<string, Gradient> = GRADIENTS,
): Promise<GradientProof> {
  const kinds = new Map<string, Differentiated>();
  for (const it of differentiated) {
    const kind = kindOf(it, forward);
    if (!kinds.has(kind)) kinds.set(kind, it);
  }
  let [error, worst] = [0, ''];
  const untried = new Set<string>();
  const wrong: string[] = [];
  const random = new Random(1);
  for (const it of kinds.values()) {
    const found = await errorOf(alone(source, forward, it, values, random, rules), rules, random);
    const name = `${it.node.opType} ${JSON.stringify(calledBy(it.node))}`;
    if (found === undefined) untried.add(it.node.opType);
    else if (!(found <= LIMIT)) wrong.push(`${name} (error ${found.toExponential(1)})`);
    else if (found > error) [error, worst] = [found, name];
  }
  if (wrong.length > 0) {
    throw new GnSwapError('verification-failed', `the gradient rule is wrong for ${wrong.slice(0, 5).join(', ')}`, {
      remedy: 'Please report this, with the model if you can',
    });
  }
  return { nodes: differentiated.length, kinds: kinds.size, error, worst, untried: [...untried] };
}

/** What two nodes must share to be tried once. */
function kindOf({ node, wanted }: Differentiated, { types, constants }: Forward): string {
  const inputs = node.input.map((name) => [
    types.get(name),
    constants.has(name),
    wanted.has(name),
    node.input.indexOf(name),
  ]);
  const attributes = node.attribute.map(({ name, i, f, s, ints, floats }) => [
    name,
    String(i),
    f,
    s && [...s],
    ints.map(String),
    floats,
  ]);
  return JSON.stringify([node.opType, inputs, attributes, node.output.map((name) => types.get(name)?.type ?? null)]);
}

/** The largest error of all directions and inputs; undefined if the node could not be tried. */
async function errorOf(it: Alone, rules: ReadonlyMap<string, Gradient>, random: Random): Promise<number | undefined> {
  if (it.gradients.size === 0) return 0;
  const ys = await withSession(it.own, (session) => session.run(it.feeds));
  const vs: Record<string, Value> = {};
  for (const [value, seed] of it.seeds) {
    const { type, dims, data } = ys[value] as Value;
    vs[seed] = {
      type,
      dims,
      data: typed(
        type,
        filled(new Float32Array(data.length), () => random.normal()),
      ),
    };
  }
  const dxs = await withSession(it.gradient, (session) => session.run({ ...it.feeds, ...vs }));
  for (const [index, model] of it.wide.entries()) {
    const wide = await attempt(() =>
      withSession(model, async (session) => {
        const isApart = it.isSpelled && index === 0 && (await spelledGap(session, it, ys)) > LIMIT;
        return isApart ? Number.POSITIVE_INFINITY : byDifferences(session, it, vs, dxs, random);
      }),
    );
    if (wide !== undefined && !Number.isNaN(wide)) return wide;
  }
  const rule = rules.get(it.node.opType);
  if (rule === undefined || 'ends' in rule || rule.proof !== 'linear') return undefined;
  const error = await withSession(it.own, (session) => byAdjoint(session, it, vs, dxs, random));
  const isOwn = Number.isNaN(error) && Object.values(ys).some((y) => Array.from(numbersIn(y)).some(Number.isNaN));
  if (isOwn) throw notANumber(it.node);
  return error;
}

/** No rule can be tried on it, and none is to blame. */
function notANumber(node: NodeProto): GnSwapError {
  const name = `${node.opType} ${JSON.stringify(calledBy(node))}`;
  return new GnSwapError('verification-failed', `${name} gives NaN on random input, in the model itself`, {
    remedy: 'Check its weights for NaN and for negative variances, or use --no-verify',
  });
}

/** How far what stands for a node is from the node, relative to the largest number: as far as the runtime's own kernel is right. */
async function spelledGap(session: Session, it: Alone, ys: Values): Promise<number> {
  const results = await session.run(widenedFeeds(it, () => (value) => value));
  let [gap, largest] = [0, 1e-30];
  for (const [name, value] of Object.entries(results)) {
    const own = numbersIn(ys[name]);
    const numbers = numbersIn(value);
    for (let i = 0; i < numbers.length; i++) {
      gap = Math.max(gap, Math.abs((numbers[i] as number) - (own[i] as number)));
      largest = Math.max(largest, Math.abs(numbers[i] as number));
    }
  }
  return gap / largest;
}

/** The feeds in float64, each float changed by what is made for its input. */
function widenedFeeds(
  it: Alone,
  changeOf: (name: string) => (value: number, index: number) => number,
): Record<string, Value> {
  const entries = Object.entries(it.feeds).map(([name, own]): [string, Value] => {
    const { type, dims } = own;
    if (!isFloat(type)) return [name, own];
    const [numbers, change] = [numbersIn(own), changeOf(name)];
    const data = filled(new Float64Array(numbers.length), (index) => change(numbers[index] as number, index));
    return [name, { type: DataType.DOUBLE, dims, data }];
  });
  return Object.fromEntries(entries);
}

/** a − b; 0 of two equal infinities: what a mask holds at −∞ does not move. */
function gap(a: number, b: number): number {
  return a === b ? 0 : a - b;
}

/** Undefined if ONNX Runtime has no kernel. */
async function attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof GnSwapError && error.code === 'runtime-failed') return undefined;
    throw error;
  }
}

/** (1), in all inputs at once. */
async function byDifferences(session: Session, it: Alone, vs: Values, dxs: Values, random: Random): Promise<number> {
  let most = 0;
  for (const aligned of [false, true]) {
    const us = new Map(
      it.wanted.map((name) => [name, direction(it.feeds[name] as Value, gradientOf(it, dxs, name), aligned, random)]),
    );
    const along = (step: number) =>
      session.run(
        widenedFeeds(it, (name) => {
          const u = us.get(name);
          return (value, index) => value + step * (u?.[index] ?? 0);
        }),
      );
    const [ahead, behind] = [await along(STEP), await along(-STEP)];
    let [left, highest, squares] = [0, 1, 0];
    for (const [value, seed] of it.seeds) {
      const [a, b, v] = [ahead[value], behind[value], vs[seed]].map((one) => numbersIn(one)) as Lists;
      for (let i = 0; i < v.length; i++) {
        left += ((v[i] as number) * gap(a[i] as number, b[i] as number)) / (2 * STEP);
        if (Number.isFinite(a[i])) highest = Math.max(highest, Math.abs(a[i] as number));
        squares += (v[i] as number) ** 2;
      }
    }
    // What the rounding of f itself, or of 1 + a small number in it, makes of the difference.
    // Along the gradient the errors of an approximation add up, in a random direction they do not.
    const length = aligned ? Math.sqrt([...us.values()].reduce((sum, u) => sum + u.length, 0)) : 1;
    const noise = ((ROUNDING * highest) / STEP + OWN_ROUNDING * length) * Math.sqrt(squares);
    const pairs = [...us].map(([name, u]) => [u, gradientOf(it, dxs, name)] as const);
    most = Math.max(most, relative(left, pairs, noise));
  }
  return most;
}

/** (2), input by input. */
async function byAdjoint(session: Session, it: Alone, vs: Values, dxs: Values, random: Random): Promise<number> {
  let most = 0;
  for (const name of it.wanted) {
    const own = it.feeds[name] as Value;
    const at = (data: Float64Array) => session.run({ ...it.feeds, [name]: { ...own, data: typed(own.type, data) } });
    const zero = await at(new Float64Array(own.data.length));
    for (const aligned of [false, true]) {
      const u = direction(own, gradientOf(it, dxs, name), aligned, random);
      const one = await at(u);
      const step = stepBeside(it, zero, one);
      const ahead = step === 1 ? one : await at(u.map((value) => step * value));
      let left = 0;
      for (const [value, seed] of it.seeds) {
        const [a, b, v] = [ahead[value], zero[value], vs[seed]].map((part) => numbersIn(part)) as Lists;
        for (let i = 0; i < v.length; i++) left += ((v[i] as number) * gap(a[i] as number, b[i] as number)) / step;
      }
      most = Math.max(most, relative(left, [[u, gradientOf(it, dxs, name)]]));
    }
  }
  return most;
}

/**
 * How many times u is gone, so that f moves by as much as it is: a bias of 1 beside products of a million would drown in their rounding.
 * A power of two, which rounds nothing.
 */
function stepBeside(it: Alone, zero: Values, one: Values): number {
  let [own, moved] = [0, 0];
  for (const value of it.seeds.keys()) {
    const [a, b] = [one[value], zero[value]].map((part) => numbersIn(part)) as [ArrayLike<number>, ArrayLike<number>];
    for (let i = 0; i < b.length; i++) {
      if (!Number.isFinite(b[i]) || !Number.isFinite(a[i])) continue;
      own = Math.max(own, Math.abs(b[i] as number));
      moved = Math.max(moved, Math.abs((a[i] as number) - (b[i] as number)));
    }
  }
  return moved === 0 ? 1 : 2 ** Math.min(MOST_DOUBLINGS, Math.max(0, Math.round(Math.log2(own / moved))));
}

function gradientOf({ gradients }: Alone, dxs: Values, name: string): ArrayLike<number> {
  const value = dxs[gradients.get(name) ?? ''];
  return numbersIn(value);
}

/** A random direction, which any error shows in; or one along the gradient, which a wrong factor shows in. */
function direction({ data }: Value, dx: ArrayLike<number>, aligned: boolean, random: Random): Float64Array {
  let squares = 0;
  for (let i = 0; i < dx.length; i++) squares += (dx[i] as number) ** 2;
  const size = Math.sqrt(squares / Math.max(1, dx.length));
  const isRandom = !aligned || size === 0;
  return filled(new Float64Array(data.length), (index) =>
    Math.fround(isRandom ? random.normal() : (dx[index] ?? 0) / size),
  );
}

/** |left − Σ ⟨u, dx⟩|, less the noise of `left`, against what the sum is for random u: √(Σ dx²). */
function relative(left: number, pairs: readonly (readonly [Float64Array, ArrayLike<number>])[], noise = 0): number {
  let [right, squares] = [0, 0];
  for (const [u, dx] of pairs) {
    for (let i = 0; i < dx.length; i++) {
      right += (u[i] as number) * (dx[i] as number);
      squares += (dx[i] as number) ** 2;
    }
  }
  const scale = Math.max(Math.sqrt(squares), Math.abs(left), Math.abs(right));
  return scale === 0 ? 0 : Math.max(0, Math.abs(left - right) - noise) / scale;
}
