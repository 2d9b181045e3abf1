/** Says why a gradient can't be taken. */
import { GnSwapError } from '../errors.ts';
import { readsWithin } from '../graph/scope.ts';
import { isFloat } from '../onnx/data-type.ts';
import { calledBy, nameAt } from '../onnx/operands.ts';
import type { NodeProto } from '../onnx/schema.ts';
import { heldBy, passingInputs } from '../operators/gradient-rule.ts';
import { GRADIENTS } from '../operators/gradients.ts';
import type { ChosenBy } from './choose.ts';
import type { Forward } from './forward.ts';
import type { Obstacle, Walked } from './walk.ts';

const SHOWN = 5;

/**
 * Nothing, or one error that names every node in the way.
 *
 * @param by the option that chooses parameters
 * @throws GnSwapError `unsupported-model`
 */
export function refuseObstacles(obstacles: readonly Obstacle[], by: ChosenBy = '--wrt'): void {
  const [first] = obstacles;
  if (first === undefined) return;
  const named = obstacles.map(({ node, reason }) => `${node.opType} ${JSON.stringify(calledBy(node))}: ${reason}`);
  const them = obstacles.length === 1 ? 'it' : 'them';
  const more = named.length > SHOWN ? `; and ${named.length - SHOWN} more` : '';
  throw new GnSwapError('unsupported-model', `the gradient can't pass ${named.slice(0, SHOWN).join('; ')}${more}`, {
    remedy:
      first.remedy ??
      `Cut the file in front of ${them}, with onnx.utils.extract_model, and use what is left; or choose only parameters behind ${them}, with ${by} REGEX`,
  });
}

/** Refuses a gradient by nothing: the loss, or without one the outputs, depend on no parameter that was chosen. */
export function refuseNothing(count: number, loss: string | undefined, by: ChosenBy = '--wrt'): void {
  if (count > 0) return;
  if (by === '--train') {
    throw new GnSwapError(
      'unsupported-model',
      'nothing is left to train: the loss depends on no tensor that is chosen',
      { node: '--freeze', remedy: 'Use --train all, or a --freeze that leaves some' },
    );
  }
  const what = loss === undefined ? 'the outputs do' : 'the loss does';
  throw new GnSwapError('unsupported-model', `${what} not depend on any parameter that --wrt selects`, {
    node: '--wrt',
    remedy: 'Use --wrt all, or --wrt inputs for gradients of the inputs',
  });
}

/**
 * Says where the gradient ends, and which sizes on its way are not the same in every run.
 *
 * @param seeds gradients that it begins with, by value
 */
export function passing(
  forward: Forward,
  wrt: ReadonlySet<string>,
  seeds: ReadonlyMap<string, string>,
  { differentiated }: Walked,
): string[] {
  return [...endings(forward, wrt, [...seeds.keys()]), ...unsteadySizes(forward, differentiated)];
}

/** Says where the gradient ends, once: at integers, comparisons and steps between what is wanted and what is differentiated. */
function endings(forward: Forward, wrt: ReadonlySet<string>, from: readonly string[]): string[] {
  const isFloating = (name: string) => isFloat(forward.types.get(name)?.type);
  const passed = new Set(wrt);
  const ended = new Map<string, number>();
  const held = new Set<string>();
  const behind = ancestors(forward.nodes, from);
  for (const node of forward.nodes) {
    const isReached = (name: string) => passed.has(name) && isFloating(name);
    if (!readsWithin(node).some(isReached)) continue;
    const rule = GRADIENTS.get(node.opType);
    const { inputs, what } = heldBy(rule);
    if (behind.has(node) && inputs.some((index) => isReached(nameAt(node.input, index)))) {
      held.add(`the ${what} of ${node.opType}`);
    }
    if (!passingInputs(rule, readsWithin(node)).some(isReached)) continue;
    const floats = node.output.filter((name) => name !== '' && isFloating(name));
    if ((rule !== undefined && 'ends' in rule) || floats.length === 0) {
      if (behind.has(node) && !SIZES_ONLY.has(node.opType)) ended.set(node.opType, (ended.get(node.opType) ?? 0) + 1);
    } else for (const name of floats) passed.add(name);
  }
  const list = [...ended].map(([name, times]) => (times === 1 ? name : `${times} ${name}`)).join(', ');
  return [
    ...(list === '' ? [] : [`the gradient ends at ${list}, which have no slope`]),
    ...[...held].map((name) => `the gradient does not go through ${name}, as in PyTorch`),
  ];
}

/** Operators whose outputs are as long as the values of their inputs make them. */
export const SIZED_BY_VALUES: ReadonlySet<string> = new Set(['NonZero', 'NonMaxSuppression', 'Unique', 'Compress']);
/** Operators whose output has the size of their first input, however many updates there are. */
const SIZED_BY_FIRST = new Set(['ScatterND', 'ScatterElements']);

/** Says that sizes on the way of the gradient change with the values of the input: those of random input are written down. */
function unsteadySizes({ nodes }: Forward, differentiated: Walked['differentiated']): string[] {
  const causes = new Map<string, ReadonlySet<string>>();
  for (const node of nodes) {
    const read = SIZED_BY_FIRST.has(node.opType) ? node.input.slice(0, 1) : readsWithin(node);
    const own = new Set(read.flatMap((name) => [...(causes.get(name) ?? [])]));
    if (SIZED_BY_VALUES.has(node.opType)) own.add(node.opType);
    if (own.size > 0) for (const name of node.output) causes.set(name, own);
  }
  const on = new Set(
    differentiated.flatMap(({ node }) => node.output.flatMap((name) => [...(causes.get(name) ?? [])])),
  );
  if (on.size === 0) return [];
  const list = [...on].sort().join(' and ');
  return [
    `sizes behind ${list} change with the values, and this model is for those of random input: put the loss before that operator`,
  ];
}

const SIZES_ONLY = new Set(['Shape', 'Size']);

/** The nodes that these values are made of. */
function ancestors(nodes: readonly NodeProto[], values: readonly string[]): ReadonlySet<NodeProto> {
  const read = new Set(values);
  const found = new Set<NodeProto>();
  for (const node of [...nodes].reverse()) {
    if (!node.output.some((name) => read.has(name))) continue;
    found.add(node);
    for (const name of readsWithin(node)) read.add(name);
  }
  return found;
}
