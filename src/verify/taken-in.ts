/**
 * A norm that was put into the layer before it: the layer is the source's but for its weight and bias, and those are what
 * they must be, so what it answers is what the norm would.
 *
 * The new weight is computed by the nodes of the written file, and compared with s w in float64; the new bias with s b + t.
 */

import type { Linear } from '../find/types.ts';
import { formNamed } from '../forms/index.ts';
import { placedNodes, storedValue } from '../graph/extract.ts';
import type { Scope } from '../graph/scope.ts';
import { scaledBias, scaledWeight } from '../norms/linear.ts';
import { floorOf, tolerance } from '../norms/roundoff.ts';
import type { Model } from '../onnx/model.ts';
import { nameAt } from '../onnx/operands.ts';
import { create, type NodeProto } from '../onnx/schema.ts';
import { inline } from '../onnx/tensor.ts';
import type { RewrittenSite } from '../rewrite/index.ts';
import { numbersIn, runtimeFailure, type Value, withSession } from '../runtime/session.ts';
import { type Deviation, NO_DEVIATION, worse } from './bounds.ts';

/** @returns the deviation of the layer's weight and bias, or in words why it is not that layer */
export async function takenInDeviation({ plan, nodes }: RewrittenSite, written: Model): Promise<Deviation | string> {
  const { before, output } = plan.site;
  if (before === undefined || typeof before === 'string') return 'it does not follow a linear layer';
  const { scale, bias } = plan;
  const weight = scaledWeight(before, scale);
  const shift = scaledBias(before, scale, bias);
  const product = scaledBias(before, scale, new Float64Array(shift.length));
  const sizes = shift.map((_, channel) => Math.abs(product[channel] as number) + Math.abs(bias[channel] as number));
  const terms = formNamed(plan.form).weightTerms?.(before) ?? 0;
  return layerDeviation(before, nodes, output, written, {
    weight: { values: weight, sizes: weight, terms },
    bias: { values: shift, sizes, terms: 0 },
  });
}

/** Numbers that there must be, the sizes that roundoff is relative to, and the terms of the sums behind them. */
interface Expected {
  readonly values: Float64Array;
  readonly sizes: Float64Array;
  readonly terms: number;
}

async function layerDeviation(
  before: Linear,
  nodes: readonly NodeProto[],
  output: string,
  written: Model,
  expected: { readonly weight: Expected; readonly bias: Expected },
): Promise<Deviation | string> {
  const placed = placedNodes(
    written,
    nodes.map(({ name }) => name),
  );
  const own = placed.map(({ node }) => node);
  const layer = own.find(({ opType }) => opType === before.node.opType);
  const last = own.at(-1);
  const scope = placed[0]?.scope;
  if (layer === undefined || last === undefined || scope === undefined)
    return `the file has no ${before.node.opType} at this place`;
  const sum = last.opType === 'Add' && last !== layer ? last : undefined;
  const isWired = sum === undefined ? last === layer : sum.input[0] === layer.output[0];
  if (!isAlike(layer, before.node) || !isWired || last.output[0] !== output) {
    return `the ${layer.opType} differs from the source`;
  }
  const [weightName, biasName] = [nameAt(layer.input, 1), (sum ?? layer).input[sum === undefined ? 2 : 1] ?? ''];
  const makers = own.filter((node) => node !== layer && node !== sum);
  const values = await constantsOf(written, scope, makers, [weightName, biasName]).catch(runtimeFailure);
  if (values instanceof Error) return values.message;
  const ofWeight = deviationOf(values[weightName], expected.weight, before);
  return worse(ofWeight, deviationOf(values[biasName], expected.bias, before));
}

function deviationOf(
  value: Value | undefined,
  { values: expected, sizes, terms }: Expected,
  { weight }: Linear,
): Deviation {
  const numbers = numbersIn(value);
  if (numbers.length !== expected.length) return { error: Number.NaN, bound: 0 };
  // A float64 layer is seen through a float32 twin, whose numbers are rounded to that.
  const types = [weight.dataType ?? 0, value?.type ?? 0];
  const [unit, floor] = [Math.max(...types.map((type) => tolerance(type, terms))), Math.max(...types.map(floorOf))];
  return expected.reduce<Deviation>((worst, reference, index) => {
    const error = Math.abs((numbers[index] as number) - reference);
    return worse(worst, { error, bound: unit * Math.abs(sizes[index] as number) + floor });
  }, NO_DEVIATION);
}

/** The same operator on the same x with the same attributes, but for the factor of a bias that is new. */
function isAlike(node: NodeProto, source: NodeProto): boolean {
  const text = ({ attribute, opType, input }: NodeProto) =>
    JSON.stringify([
      opType,
      input[0],
      attribute.filter(({ name }) => name !== 'beta').sort((a, b) => (a.name < b.name ? -1 : 1)),
    ]);
  return text(node) === text(source);
}

/** Values that nodes of a graph make of constants alone. */
async function constantsOf(
  written: Model,
  scope: Scope,
  makers: readonly NodeProto[],
  names: readonly string[],
): Promise<Record<string, Value>> {
  const read = new Set([...names, ...makers.flatMap(({ input }) => input)]);
  const stored = [...read].map((name) => storedValue(scope, name)).filter((it) => it !== undefined);
  const graph = create('GraphProto', {
    name: 'weight',
    node: [...stored.flatMap((it) => ('node' in it ? [it.node] : [])), ...makers],
    initializer: stored.flatMap((it) => ('tensor' in it ? [inline(it.tensor, written.home.open)] : [])),
    output: [...new Set(names)].map((name) => create('ValueInfoProto', { name })),
  });
  const { irVersion, opsetImport } = written.proto;
  const proto = { ...create('ModelProto', { irVersion: Math.max(4, Number(irVersion)), opsetImport }), graph };
  return withSession({ proto, home: written.home }, (session) => session.run({}));
}
