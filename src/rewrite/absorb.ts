/**
 * Merges the arithmetic around each BatchNormalization into its parameters: Model → Model, the same function to rounding.
 *
 *     a (γ (x − μ)/√(σ² + ε) + β) + b        = aγ (x − μ)/√(σ² + ε) + aβ + b
 *     γ (a x + b − μ)/√(σ² + ε) + β,  a ≠ 0  = γ′ (x − μ′)/√(σ′² + ε) + β
 *         with μ′ = (μ − b)/a, σ′² = σ²/a², γ′ = γ a √(σ′² + ε)/√(σ² + ε)
 */

import type { Site, Statistics } from '../find/types.ts';
import { applyEdit } from '../graph/edit.ts';
import type { Patch } from '../graph/patch.ts';
import { viewOf } from '../graph/view.ts';
import { FIRST_IR_WITH_FREE_INITIALIZERS, type Model, withGraph } from '../onnx/model.ts';
import { namesOf } from '../onnx/names.ts';
import { nameAt } from '../onnx/operands.ts';
import type { GraphProto, NodeProto, TensorProto } from '../onnx/schema.ts';
import { makeTensor, valuesOf } from '../onnx/tensor.ts';

/** The model that {@link absorbAffine} made, and what went into which site. */
export interface Absorbed {
  readonly model: Model;
  /** Operators that were merged, by the name of the site, which it keeps. */
  readonly merged: ReadonlyMap<string, readonly string[]>;
}

const ROLES = ['scale', 'bias', 'mean', 'variance'] as const;

/**
 * @param sites of the model whose neighbours are to be merged; others stay as they are
 * @returns the model that the sites are to be looked for in again
 */
export function absorbAffine(model: Model, sites: readonly Site[]): Absorbed {
  const { graph, irVersion } = model.proto;
  const inMainGraph = Number(irVersion) < FIRST_IR_WITH_FREE_INITIALIZERS;
  const view = viewOf(model);
  const { typeOf, uses } = view;
  const { values } = namesOf(graph);
  const replace = new Map<NodeProto, NodeProto[]>();
  const initializers = new Map<GraphProto, TensorProto[]>();
  const redefined = new Set<string>();
  const merged = new Map<string, readonly string[]>();
  for (const site of sites) {
    const { neighbours, node } = site;
    const scope = view.scopeOf(site.graph);
    if (neighbours === undefined || scope === undefined) continue;
    const numbers = mergedStatistics(site);
    // μ and σ² stay what they are where nothing stands before the norm.
    const roles = neighbours.input === site.input ? ROLES.slice(0, 2) : ROLES;
    const tensors = roles.map((role, index) => {
      const former = nameAt(node.input, index + 1);
      const type = typeOf(scope, former).elemType ?? site.elementType;
      return makeTensor(former, type, [site.channels], numbers[role]);
    });
    // What the type can't hold stays apart.
    if (!tensors.every((tensor) => valuesOf(tensor).every(Number.isFinite))) continue;
    const home = inMainGraph ? graph : site.graph;
    const defined = view.scopeOf(home);
    const own = tensors.map((tensor) => {
      const isAlone = uses.get(tensor.name) === 1;
      const isHere = defined?.initializers.has(tensor.name) || defined?.producers.get(tensor.name)?.output.length === 1;
      if (!isAlone || !isHere) return { ...tensor, name: values.fresh(`${tensor.name}/merged`) };
      redefined.add(tensor.name);
      return tensor;
    });
    initializers.set(home, [...(initializers.get(home) ?? []), ...own]);
    const output = [neighbours.output, ...node.output.slice(1)];
    const parameters = own.map(({ name }) => name);
    const input = [neighbours.input, ...parameters, ...node.input.slice(1 + parameters.length)];
    // A site without a name is called by its output, which is another now.
    replace.set(node, [{ ...node, name: site.name, input, output }]);
    for (const it of neighbours.nodes) replace.set(it, []);
    merged.set(
      site.name,
      neighbours.nodes.map(({ opType }) => opType),
    );
  }
  const edit: Patch = {
    replace,
    addInitializers: initializers,
    redefined,
    prepend: new Map(),
    listAsInput: () => inMainGraph,
  };
  return { model: withGraph(model, applyEdit(graph, edit)), merged };
}

function mergedStatistics({ statistics, neighbours, epsilon }: Site): Statistics {
  const merged: Statistics = {
    scale: statistics.scale.slice(),
    bias: statistics.bias.slice(),
    mean: statistics.mean.slice(),
    variance: statistics.variance.slice(),
  };
  if (neighbours === undefined) return merged;
  const { before, after } = neighbours;
  for (let c = 0; c < merged.scale.length; c++) {
    const [a, b] = [before.factor[c] as number, before.summand[c] as number];
    const variance = statistics.variance[c] as number;
    const deviation = Math.sqrt(variance + epsilon);
    merged.mean[c] = ((statistics.mean[c] as number) - b) / a;
    merged.variance[c] = variance / (a * a);
    // With ε = 0 a channel that never varied has no slope of its own, whatever is merged.
    const ratio = deviation === 0 ? 1 : Math.sqrt((merged.variance[c] as number) + epsilon) / deviation;
    const factor = after.factor[c] as number;
    merged.scale[c] = factor * (statistics.scale[c] as number) * a * ratio;
    merged.bias[c] = factor * (statistics.bias[c] as number) + (after.summand[c] as number);
  }
  return merged;
}
