/**
 * Several nodes that are one function ⇒ one node, whose gradient takes fewer passes over the large tensors.
 *
 * 1. x · Clip(x + 3, 0, 6) / 6, x · HardSigmoid(x) with slope 1/6 ⇒ HardSwish(x); Clip(x + 3, 0, 6) / 6 ⇒ HardSigmoid(x).
 * 2. x · Sigmoid(x) ⇒ Swish(x).
 * 3. A norm over groups of channels, whatever it is spelled with ⇒ GroupNormalization.
 * Only float32, and only if nothing else reads what lies between. The nodes themselves stay known: rules are proven against them.
 */
import { standingNorms } from '../find/standing/index.ts';
import type { StandingNorm } from '../find/standing/types.ts';
import { readsWithin } from '../graph/scope.ts';
import { floatAttribute, makeNode } from '../onnx/attributes.ts';
import { DataType } from '../onnx/data-type.ts';
import type { Model } from '../onnx/model.ts';
import { nameAt } from '../onnx/operands.ts';
import type { NodeProto } from '../onnx/schema.ts';
import { elementCount, valuesOf } from '../onnx/tensor.ts';
import { assemble } from './assemble.ts';
import { type Forward, fixedOf } from './forward.ts';

/** What the patterns ask of the graph. */
interface Wiring {
  readonly forward: Forward;
  readonly makers: ReadonlyMap<string, NodeProto>;
  /** How often a value is read or returned. */
  readonly uses: ReadonlyMap<string, number>;
}

/** A node, and those that it stands for; the last of them makes its output. */
interface Fused {
  readonly node: NodeProto;
  readonly of: readonly NodeProto[];
}

/**
 * (1) and (2).
 *
 * @param wrt the values that gradients are taken for: a number that is trained can't be a constant of an activation
 */
export function fuseActivations(forward: Forward, wrt: ReadonlySet<string> = new Set()): Forward {
  const constants = new Map([...forward.constants].filter(([name]) => !wrt.has(name)));
  const seen = { ...forward, constants };
  const sigmoids = apply(seen, found(seen, hardSigmoid));
  const fused = apply(sigmoids, found(sigmoids, gated));
  return fused === seen ? forward : { ...fused, constants: forward.constants };
}

/** (3). It comes first, because it also shows which tensors are the scale and bias of a norm. */
export function fuseNorms(source: Model, forward: Forward): Forward {
  return apply(forward, normsIn(source, forward));
}

function apply(forward: Forward, all: readonly Fused[]): Forward {
  if (all.length === 0) return forward;
  const origins = new Map(forward.origins);
  const replaced = new Map<NodeProto, readonly NodeProto[]>();
  for (const { node, of } of all) {
    if (of.some((it) => replaced.has(it))) continue;
    for (const it of of) replaced.set(it, []);
    replaced.set(of.at(-1) as NodeProto, [node]);
    origins.set(
      node,
      of.flatMap((it) => origins.get(it) ?? [it]),
    );
  }
  return { ...forward, nodes: forward.nodes.flatMap((node) => replaced.get(node) ?? [node]), origins };
}

function found(forward: Forward, pattern: (last: NodeProto, wiring: Wiring) => Fused | undefined): Fused[] {
  const makers = new Map(forward.nodes.flatMap((node) => node.output.map((name) => [name, node] as const)));
  const uses = new Map<string, number>();
  for (const name of [...forward.nodes.flatMap(readsWithin), ...forward.outputs])
    uses.set(name, (uses.get(name) ?? 0) + 1);
  const wiring = { forward, makers, uses };
  return forward.nodes.flatMap((node) => {
    const isFloat = forward.types.get(nameAt(node.output, 0))?.type === DataType.FLOAT;
    return (isFloat && pattern(node, wiring)) || [];
  });
}

/** The node that makes a value that one node alone reads. */
function soleMaker(value: string | undefined, opType: string, { makers, uses }: Wiring): NodeProto | undefined {
  const maker = makers.get(value ?? '');
  return maker?.opType === opType && uses.get(value ?? '') === 1 ? maker : undefined;
}

function number(value: string | undefined, { forward }: Wiring): number | undefined {
  const tensor = forward.constants.get(value ?? '');
  return tensor !== undefined && elementCount(tensor) === 1 ? valuesOf(tensor, forward.external)[0] : undefined;
}

/** x of Clip(x + 3, 0, 6). */
function clipped(clip: NodeProto | undefined, wiring: Wiring): { x: string; of: readonly NodeProto[] } | undefined {
  const add = clip && soleMaker(clip.input[0], 'Add', wiring);
  if (add === undefined || number(clip?.input[1], wiring) !== 0 || number(clip?.input[2], wiring) !== 6)
    return undefined;
  const at = add.input.findIndex((name) => number(name, wiring) === 3);
  return at < 0 ? undefined : { x: add.input[1 - at] as string, of: [add, clip as NodeProto] };
}

/** What a node divides by 6. */
function sixth(node: NodeProto, wiring: Wiring): string | undefined {
  if (node.opType === 'Div' && number(node.input[1], wiring) === 6) return node.input[0];
  if (node.opType !== 'Mul') return undefined;
  const at = node.input.findIndex((name) => Math.abs((number(name, wiring) ?? 0) - 1 / 6) < 1e-7);
  return at < 0 ? undefined : node.input[1 - at];
}

/** (1), the second half. */
function hardSigmoid(last: NodeProto, wiring: Wiring): Fused | undefined {
  const inner = clipped(soleMaker(sixth(last, wiring), 'Clip', wiring), wiring);
  if (inner === undefined) return undefined;
  const attributes = { alpha: { float: 1 / 6 }, beta: { float: 0.5 } };
  return { node: replacing(last, 'HardSigmoid', [inner.x], attributes), of: [...inner.of, last] };
}

/** (1), the first half, and (2). */
function gated(last: NodeProto, wiring: Wiring): Fused | undefined {
  const inner = sixth(last, wiring);
  const product = inner === undefined ? last : soleMaker(inner, 'Mul', wiring);
  if (product?.opType !== 'Mul') return undefined;
  for (const [at, name] of product.input.entries()) {
    const x = product.input[1 - at] as string;
    if (inner !== undefined) {
      const clip = clipped(soleMaker(name, 'Clip', wiring), wiring);
      if (clip?.x === x) return { node: replacing(last, 'HardSwish', [x]), of: [...clip.of, product, last] };
      continue;
    }
    const sigmoid = soleMaker(name, 'Sigmoid', wiring);
    if (sigmoid?.input[0] === x) return { node: replacing(last, 'Swish', [x]), of: [sigmoid, last] };
    const hard = soleMaker(name, 'HardSigmoid', wiring);
    const isSixth = hard && Math.abs(floatAttribute(hard, 'alpha', 0.2) - 1 / 6) < 1e-7;
    if (hard?.input[0] === x && isSixth && floatAttribute(hard, 'beta', 0.5) === 0.5)
      return { node: replacing(last, 'HardSwish', [x]), of: [hard, last] };
  }
  return undefined;
}

function replacing(
  last: NodeProto,
  opType: string,
  inputs: readonly string[],
  attributes: Parameters<typeof makeNode>[4] = {},
): NodeProto {
  return makeNode(opType, inputs, last.output, last.name, attributes);
}

/** (3). */
function normsIn(source: Model, forward: Forward): Fused[] {
  const isAnchor = ({ opType }: NodeProto) => opType === 'Sqrt' || opType === 'InstanceNormalization';
  if (!forward.nodes.some(isAnchor)) return [];
  const outputs = forward.outputs.map((name) => ({ name, type: fixedOf(forward.types, name) }));
  const model = assemble(source, { forward, nodes: forward.nodes, added: [], inputs: [], outputs });
  const makers = new Map(forward.nodes.flatMap((node) => node.output.map((name) => [name, node] as const)));
  const readers = readersIn(forward);
  return standingNorms(model).norms.flatMap((norm) => asGroup(norm, forward, makers, readers) ?? []);
}

/** Who reads each value; `undefined` stands for whoever runs the graph. */
type Readers = ReadonlyMap<string, readonly (NodeProto | undefined)[]>;

function readersIn({ nodes, outputs }: Forward): Readers {
  const readers = new Map<string, (NodeProto | undefined)[]>(outputs.map((name) => [name, [undefined]]));
  for (const node of nodes) {
    for (const name of readsWithin(node)) {
      const known = readers.get(name);
      if (known === undefined) readers.set(name, [node]);
      else known.push(node);
    }
  }
  return readers;
}

function asGroup(
  norm: StandingNorm,
  forward: Forward,
  makers: ReadonlyMap<string, NodeProto>,
  readers: Readers,
): Fused | undefined {
  const { input, output, scale, bias, groups, epsilon, flaws, path } = norm;
  const of = [...new Set(norm.nodes.flatMap((node) => makers.get(nameAt(node.output, 0)) ?? []))];
  const isFloat = [input, output].every((name) => forward.types.get(name)?.type === DataType.FLOAT);
  if (scale === undefined || bias === undefined || flaws.length > 0 || path !== '' || of.length < 2 || !isFloat)
    return undefined;
  const last = makers.get(output);
  if (last === undefined || of.at(-1) !== last || isReadElsewhere(of, last, readers)) return undefined;
  const attributes = { num_groups: groups, epsilon: { float: epsilon } };
  return { node: replacing(last, 'GroupNormalization', [input, scale.name, bias.name], attributes), of };
}

function isReadElsewhere(of: readonly NodeProto[], last: NodeProto, readers: Readers): boolean {
  const own = new Set<NodeProto | undefined>(of);
  const between = of.filter((node) => node !== last).flatMap(({ output }) => output);
  return between.some((name) => readers.get(name)?.some((reader) => !own.has(reader)));
}
