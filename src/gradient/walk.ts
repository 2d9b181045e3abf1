/**
 * The backward walk: from gradients of values to those of the values that they were made of.
 *
 * 1. Forward, a value is reached if it hangs on a wanted one through operators that pass a gradient.
 * 2. Backward over the nodes, last first: a node with a gradient at an output writes those of its reached inputs.
 * 3. A value that several nodes read gets the sum, written when the walk comes to the node that makes it.
 * Nothing is written for what is not reached, or does not reach the loss.
 */
import { readsWithin } from '../graph/scope.ts';
import { isFloat } from '../onnx/data-type.ts';
import { normalDomain } from '../onnx/model.ts';
import { calledBy, nameAt } from '../onnx/operands.ts';
import type { NodeProto, TensorProto } from '../onnx/schema.ts';
import { type Gradient, passingInputs } from '../operators/gradient-rule.ts';
import { GRADIENTS } from '../operators/gradients.ts';
import { NodeContext, RuleRefusal } from './context.ts';
import type { Forward } from './forward.ts';
import type { NameSpaces } from './writer.ts';
import { Writer } from './writer.ts';

/** A node that the gradient would have to go through, and why it can't. */
export interface Obstacle {
  readonly node: NodeProto;
  readonly reason: string;
  readonly remedy: string | undefined;
}

/** A node whose rule was used, and the inputs whose gradients it wrote. */
export interface Differentiated {
  readonly node: NodeProto;
  readonly wanted: ReadonlySet<string>;
}

export interface Walked {
  /** The forward nodes, some with more outputs than before. */
  readonly forward: readonly NodeProto[];
  readonly backward: readonly NodeProto[];
  /** Name of the gradient of each wanted value; those that the loss does not hang on are absent. */
  readonly gradients: ReadonlyMap<string, string>;
  readonly obstacles: readonly Obstacle[];
  /** Nodes whose rule was used, first in the graph last. */
  readonly differentiated: readonly Differentiated[];
}

/**
 * @param seeds names of the gradients of values to begin with, by value
 * @param wrt names of the values to end with: inputs and parameters
 */
export function walk(
  forward: Forward,
  seeds: ReadonlyMap<string, string>,
  wrt: ReadonlySet<string>,
  names: NameSpaces,
  constants: Map<string, TensorProto>,
  rules: ReadonlyMap<string, Gradient> = GRADIENTS,
): Walked {
  const writer = new Writer('gradient', names, constants);
  const reached = reachedFrom(forward, wrt, rules);
  const varying = varyingIn(forward, wrt);
  const terms = new Map<string, string[]>([...seeds].map(([value, gradient]) => [value, [gradient]]));
  const obstacles: Obstacle[] = [];
  const differentiated: Differentiated[] = [];
  const more = new Map<NodeProto, string[]>();
  const spelled = new Map<NodeProto, Spelled>();
  for (const node of forward.nodes) {
    const written = spell(forward, node, ruleOf(node, rules), varying, names, constants);
    if (written !== undefined) spelled.set(node, written);
  }
  const total = (value: string): string | undefined => {
    const all = terms.get(value);
    if (all === undefined || all.length <= 1) return all?.[0];
    const sum = all.reduce((one, other) => writer.op('Add', [one, other]));
    terms.set(value, [sum]);
    return sum;
  };

  for (const node of [...forward.nodes].reverse()) {
    if (!node.output.some((name) => terms.has(name))) continue;
    const known = ruleOf(node, rules);
    const passed = passingInputs(known, readsWithin(node));
    const wanted = new Set(passed.filter((name) => reached.has(name) && isFloating(forward, name)));
    if (wanted.size === 0) continue;
    if (known === undefined || 'ends' in known) {
      if (known === undefined) obstacles.push({ node, reason: 'it has no gradient rule', remedy: undefined });
      continue;
    }
    const gradients = node.output.map(total);
    const context = new NodeContext({
      forward,
      writer,
      node,
      gradients,
      wanted,
      saved: spelled.get(node)?.saved ?? {},
      isConstant: (value) => !varying.has(value),
      addOutput: (index) => addOutput(more, node, index, names),
    });
    try {
      const written = known.rule(context);
      differentiated.push({ node, wanted });
      for (const [index, gradient] of written.entries()) {
        const input = nameAt(node.input, index);
        if (gradient === undefined || !wanted.has(input)) continue;
        const list = terms.get(input);
        if (list === undefined) terms.set(input, [gradient]);
        else list.push(gradient);
      }
    } catch (error) {
      if (!(error instanceof RuleRefusal)) throw error;
      obstacles.push({ node, reason: error.message, remedy: error.remedy });
    }
  }
  const gradients = new Map(
    [...wrt].flatMap((name) => {
      const gradient = total(name);
      return gradient === undefined ? [] : [[name, gradient] as const];
    }),
  );
  return {
    forward: forward.nodes.flatMap((node) => spelled.get(node)?.nodes ?? [withOutputs(node, more.get(node))]),
    backward: needed(writer.nodes, new Set(gradients.values())),
    gradients,
    obstacles,
    differentiated,
  };
}

/** The nodes that stand for a forward node, and what they make for its rule. */
interface Spelled {
  readonly nodes: readonly NodeProto[];
  readonly saved: Readonly<Record<string, string>>;
}

function spell(
  forward: Forward,
  node: NodeProto,
  known: Gradient | undefined,
  varying: ReadonlySet<string>,
  names: NameSpaces,
  constants: Map<string, TensorProto>,
): Spelled | undefined {
  if (known === undefined || 'ends' in known || known.spelling === undefined) return undefined;
  const writer = new Writer(calledBy(node), names, constants);
  const context = new NodeContext({
    forward,
    writer,
    node,
    gradients: [],
    saved: {},
    wanted: new Set(),
    isConstant: (value) => !varying.has(value),
    addOutput: (index) => nameAt(node.output, index),
  });
  const saved = known.spelling(context);
  return saved && { nodes: writer.nodes, saved };
}

function ruleOf(node: NodeProto, rules: ReadonlyMap<string, Gradient>): Gradient | undefined {
  return normalDomain(node.domain) === '' ? rules.get(node.opType) : undefined;
}

function isFloating({ types }: Forward, value: string): boolean {
  return isFloat(types.get(value)?.type);
}

/** (1). What has no rule passes: whether it lies on the way shows when the walk comes to it. */
function reachedFrom(
  forward: Forward,
  wrt: ReadonlySet<string>,
  rules: ReadonlyMap<string, Gradient>,
): ReadonlySet<string> {
  const reached = new Set(wrt);
  for (const node of forward.nodes) {
    const rule = ruleOf(node, rules);
    if (rule !== undefined && 'ends' in rule) continue;
    if (!passingInputs(rule, readsWithin(node)).some((name) => reached.has(name) && isFloating(forward, name)))
      continue;
    for (const name of node.output) {
      if (name !== '' && isFloating(forward, name) && !forward.stops?.has(name)) reached.add(name);
    }
  }
  return reached;
}

/** Values that differ from run to run, because they hang on an input or on what is wanted. */
function varyingIn({ nodes, inputs, constants }: Forward, wrt: ReadonlySet<string>): ReadonlySet<string> {
  const varying = new Set([...inputs.map(({ name }) => name), ...wrt]);
  for (const node of nodes) for (const name of node.output) if (!constants.has(name)) varying.add(name);
  return varying;
}

function addOutput(more: Map<NodeProto, string[]>, node: NodeProto, index: number, { values }: NameSpaces): string {
  const outputs = more.get(node) ?? [...node.output];
  more.set(node, outputs);
  while (outputs.length <= index) outputs.push('');
  outputs[index] ||= values.fresh(`${nameAt(node.output, 0)}/${index}`);
  return outputs[index] as string;
}

function withOutputs(node: NodeProto, output: readonly string[] | undefined): NodeProto {
  return output === undefined ? node : { ...node, output };
}

/** The nodes that these values hang on, in order. */
export function needed(nodes: readonly NodeProto[], values: ReadonlySet<string>): NodeProto[] {
  const wanted = new Set(values);
  const kept: NodeProto[] = [];
  for (const node of [...nodes].reverse()) {
    if (!node.output.some((name) => wanted.has(name))) continue;
    kept.push(node);
    for (const name of readsWithin(node)) wanted.add(name);
  }
  return kept.reverse();
}
