/**
 * x₀ → a x₀ + b → norm → a y + b: arithmetic with one constant a channel right before or behind a norm, as Caffe's Scale
 * layers and learned affine layers leave it. It can be merged into γ, β, μ and σ².
 *
 * 1. Nothing else reads what lies between.
 * 2. A constant is a number, or one a channel, that broadcasts to no larger shape than the norm's.
 * 3. Before the norm no factor is 0: what the norm's input was could not be told from x₀.
 */
import { constantOf } from '../graph/constants.ts';
import type { Scope } from '../graph/scope.ts';
import { normalDomain } from '../onnx/model.ts';
import { nameAt } from '../onnx/operands.ts';
import type { NodeProto, TensorProto } from '../onnx/schema.ts';
import { dimsOf, elementCount, valuesOf } from '../onnx/tensor.ts';
import type { SearchContext } from './pattern.ts';
import type { AffineNeighbours, ChannelLine, Site } from './types.ts';

/** More than exporters write in a row. */
const MOST_STEPS = 4;

/**
 * @param taken nodes that are another norm's neighbours; those that are found are added
 * @returns `undefined` where there are none
 */
export function affineNeighbours(
  site: Site,
  scope: Scope,
  context: SearchContext,
  taken: Set<NodeProto>,
): AffineNeighbours | undefined {
  const { channels } = site;
  // Most norms have none, and each list takes memory of its own.
  const hasAny = readerOf(site.output, scope, context) ?? producerOf(site.input, scope, context);
  if (hasAny === undefined) return undefined;
  const after: NodeProto[] = [];
  let afterLine: ChannelLine | undefined;
  let output = site.output;
  for (let next = readerOf(output, scope, context); next !== undefined; next = readerOf(output, scope, context)) {
    const line = after.length < MOST_STEPS && !taken.has(next) && lineOf(next, output, site, scope, context);
    if (!line) break;
    afterLine = compose(line, afterLine ?? identityLine(channels));
    after.push(next);
    output = nameAt(next.output, 0);
  }
  const before: NodeProto[] = [];
  let beforeLine: ChannelLine | undefined;
  let input = site.input;
  for (let next = producerOf(input, scope, context); next !== undefined; next = producerOf(input, scope, context)) {
    const read = next.input.find((name) => keepsShape(name, site, scope, context)) ?? '';
    const line = before.length < MOST_STEPS && !taken.has(next) && lineOf(next, read, site, scope, context);
    // (3)
    if (!line || line.factor.includes(0)) break;
    beforeLine = compose(beforeLine ?? identityLine(channels), line);
    before.unshift(next);
    input = read;
  }
  const nodes = [...before, ...after];
  for (const node of nodes) taken.add(node);
  if (nodes.length === 0) return undefined;
  return {
    input,
    output,
    nodes,
    before: beforeLine ?? identityLine(channels),
    after: afterLine ?? identityLine(channels),
  };
}

/** (1) The only reader of a value, where it stands in the same graph. */
function readerOf(value: string, { producers }: Scope, { uses, readersOf }: SearchContext): NodeProto | undefined {
  const [reader] = readersOf(value);
  // First what costs nothing: most norms are read by something else.
  if (reader === undefined || !LINES.has(reader.opType)) return undefined;
  return uses.get(value) === 1 && reader === producers.get(reader.output[0] ?? '') ? reader : undefined;
}

/** (1) What makes a value that nothing else reads. */
function producerOf(value: string, scope: Scope, { uses }: SearchContext): NodeProto | undefined {
  const producer = scope.producers.get(value);
  return producer !== undefined && LINES.has(producer.opType) && uses.get(value) === 1 ? producer : undefined;
}

/** Whether a value is known to be as large as the norm's input, so that leaving the arithmetic out changes no shape. */
function keepsShape(name: string, { shape, channels }: Site, scope: Scope, { typeOf }: SearchContext): boolean {
  const found = typeOf(scope, name).shape;
  return found !== undefined && shape !== undefined && found.length === shape.length && found[1] === channels;
}

/** What a node makes of one of its inputs, where the other is constant. */
function lineOf(
  { opType, domain, input, attribute }: NodeProto,
  value: string,
  site: Site,
  scope: Scope,
  context: SearchContext,
): ChannelLine | undefined {
  if (normalDomain(domain) !== '' || input.length !== 2 || attribute.length > 0 || input[0] === input[1])
    return undefined;
  const position = input.indexOf(value);
  if (position < 0) return undefined;
  const numbers = perChannel(nameAt(input, 1 - position), site, scope, context);
  if (numbers === undefined) return undefined;
  const line = LINES.get(opType)?.(numbers, position === 0);
  return line !== undefined && [line.factor, line.summand].every((list) => list.every(Number.isFinite))
    ? line
    : undefined;
}

/** By operator: the line for a constant operand c, which is the second where the value is `first`. */
const LINES = new Map<string, (c: Float64Array, first: boolean) => ChannelLine | undefined>([
  ['Mul', (c) => ({ factor: c, summand: new Float64Array(c.length) })],
  ['Div', (c, first) => (first ? { factor: c.map((it) => 1 / it), summand: new Float64Array(c.length) } : undefined)],
  ['Add', (c) => ({ factor: c.map(() => 1), summand: c })],
  ['Sub', (c, first) => ({ factor: c.map(() => (first ? 1 : -1)), summand: first ? c.map((it) => -it) : c })],
]);

/** (2) The numbers of a constant, one a channel. */
function perChannel(name: string, site: Site, scope: Scope, context: SearchContext): Float64Array | undefined {
  const { channels, shape } = site;
  const { open } = context.model.home;
  const tensor = constantOf(scope, name, open, context.evaluated, channels);
  if (tensor?.dataType !== site.elementType) return undefined;
  // Behind a Reshape the tensor has lost its dimensions; the types tell them.
  const dims = context.typeOf(scope, name).shape ?? dimsOf(tensor);
  const count = elementCount(tensor);
  if (dims.length > (shape?.length ?? 0)) return undefined;
  if (count === 1) return repeated(tensor, channels, context);
  // Counted from the right, as broadcasting does, the channels' axis is the second from the left.
  const axis = dims.length - ((shape?.length ?? 0) - 1);
  const fits =
    shape !== undefined && count === channels && dims.every((dim, at) => dim === (at === axis ? channels : 1));
  return fits ? valuesOf(tensor, open) : undefined;
}

function repeated(tensor: TensorProto, channels: number, { model }: SearchContext): Float64Array {
  return new Float64Array(channels).fill(valuesOf(tensor, model.home.open)[0] as number);
}

function identityLine(channels: number): ChannelLine {
  return { factor: new Float64Array(channels).fill(1), summand: new Float64Array(channels) };
}

/** outer(inner(v)) */
function compose(outer: ChannelLine, inner: ChannelLine): ChannelLine {
  return {
    factor: outer.factor.map((a, c) => a * (inner.factor[c] as number)),
    summand: outer.summand.map((b, c) => (outer.factor[c] as number) * (inner.summand[c] as number) + b),
  };
}
