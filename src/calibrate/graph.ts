/**
 * The calibration graph: the source's path and the rewritten one side by side, fed the same inputs.
 *
 *     x → … → BN  → y  → …          the source
 *     x → … → x′ ─→ x̂ → γ′x̂ + β′ → …   the rewritten model: γ′ and β′ solved from x̂ and y, in this run, and used at once
 *
 * So every site is solved with everything before it already swapped. Outputs are each site's {@link STATISTICS} per sample
 * and channel. Statistics are taken on [N, C, −1]; only small tensors go into the solution, whose formulas are those of
 * statistics.ts and solve.ts.
 *
 * 1. Nodes that no site comes before serve both paths.
 * 2. A node with subgraphs is doubled with them; a site inside one can't be solved here, and has the `statistics` init in the
 *    rewritten path.
 * 3. 16-bit types are cast to float32 around the statistics.
 */
import type { Site } from '../find/types.ts';
import { Builder, Constants } from '../forms/builder.ts';
import { mapSubgraphs, subgraphsOf } from '../onnx/attributes.ts';
import { DataType, isHalf } from '../onnx/data-type.ts';
import { type Model, opsetVersion, withGraph } from '../onnx/model.ts';
import { type Names, namesOf } from '../onnx/names.ts';
import { create, type GraphProto, type NodeProto, type TensorProto } from '../onnx/schema.ts';
import { countUses } from '../onnx/scope.ts';
import { makeTensor } from '../onnx/tensor.ts';
import type { Plan, SitePlan } from '../plan.ts';
import { rewrite } from '../rewrite.ts';
import { inInference } from '../verify/models.ts';
import { LEAST_SLOPE, LEAST_VARIANCE } from './solve.ts';
import { STATISTICS } from './statistics.ts';

/** The model to run, and which of its outputs are whose. */
export interface CalibrationGraph {
  readonly model: Model;
  /** Output names of each solvable site's statistics, in the order of {@link STATISTICS}. */
  readonly outputs: ReadonlyMap<SitePlan, readonly string[]>;
  /** Sites that this graph can't solve: those in subgraphs. */
  readonly unsolved: readonly SitePlan[];
}

/** @param plan with the `statistics` init, of sites found in `model` */
export function calibrationGraph(model: Model, plan: Plan): CalibrationGraph {
  const { graph } = model.proto;
  const unsolved = plan.sites.filter(({ site }) => site.path !== '');
  const solvable = new Map(plan.sites.filter(({ site }) => site.path === '').map((it) => [it.site.node, it]));
  // (2)
  const rewritten = unsolved.length === 0 ? graph : rewrite(model, { ...plan, sites: unsolved }).model.proto.graph;
  const counterpart = new Map(rewritten.node.map((node) => [node.output.join(), node]));

  const names = namesOf(graph);
  const uses = countUses(graph);
  const constants = new Constants(names.values);
  const parameters: TensorProto[] = [];
  const outputs = new Map<SitePlan, string[]>();
  const renamed = new Map<string, string>();
  const node: NodeProto[] = [];
  /** x′. Where the node stays before the norm, its own result in the rewritten path. */
  const inputOf = (site: Site, own: NodeProto) => {
    const value = site.kept === undefined ? site.input : site.output;
    if (site.kept !== undefined && reads(own, renamed)) node.push(double(own, renamed, names));
    return renamed.get(value) ?? value;
  };
  for (const own of graph.node) {
    const site = solvable.get(own);
    node.push(site === undefined ? own : inInference(own, uses));
    if (site !== undefined) {
      const context = { opset: opsetVersion(model.proto) ?? 0, ...names, constants, parameter: () => '' };
      const builder = new Builder(`gn_swap/calibrate/${site.site.name}`, context);
      const made = addSite(site, inputOf(site.site, own), builder, parameters, names.values);
      renamed.set(site.site.output, made.output);
      outputs.set(site, made.statistics);
      node.push(...builder.nodes);
      continue;
    }
    const twin = counterpart.get(own.output.join()) ?? own;
    // (1)
    if (twin === own && !reads(own, renamed)) continue;
    node.push(double(twin, renamed, names));
  }
  const output = [...outputs.values()].flat().map((name) => create('ValueInfoProto', { name }));
  const needed = {
    ...graph,
    node: neededFor(
      output.map(({ name }) => name),
      node,
    ),
    output,
  };
  const initializer = [...graph.initializer, ...parameters, ...constants.tensors];
  const irVersion = Math.max(4, Number(model.proto.irVersion));
  return { model: withGraph(model, { ...needed, initializer, valueInfo: [] }, { irVersion }), outputs, unsolved };
}

function reads(node: NodeProto, renamed: ReadonlyMap<string, string>): boolean {
  return (
    node.input.some((name) => renamed.has(name)) ||
    subgraphsOf(node).some(({ graph }) => graph.node.some((inner) => reads(inner, renamed)))
  );
}

/** A copy of a node that reads the rewritten path, with outputs of its own, which are noted in `renamed`. */
function double(node: NodeProto, renamed: Map<string, string>, names: { values: Names; nodes: Names }): NodeProto {
  const before = new Map(renamed);
  const inner = (graph: GraphProto): GraphProto => ({
    ...graph,
    // What a subgraph defines itself hides a value of the same name around it; such names were never renamed.
    node: graph.node.map((it) => ({
      ...mapSubgraphs(it, inner),
      input: it.input.map((name) => before.get(name) ?? name),
    })),
    output: graph.output.map((it) => ({ ...it, name: before.get(it.name) ?? it.name })),
  });
  const output = node.output.map((name) => {
    if (name === '') return '';
    const fresh = names.values.fresh(`gn_swap/rewritten/${name}`);
    renamed.set(name, fresh);
    return fresh;
  });
  const input = node.input.map((name) => before.get(name) ?? name);
  return { ...mapSubgraphs(node, inner), input, output, name: names.nodes.fresh(`${node.name}/rewritten`) };
}

/** Adds x′ → its statistics with y → γ′, β′ → the rewritten path's y′. */
function addSite(
  plan: SitePlan,
  input: string,
  builder: Builder,
  parameters: TensorProto[],
  names: Names,
): { output: string; statistics: string[] } {
  const { site, channels, groups, epsilon } = plan;
  const type = isHalf(site.elementType) ? DataType.FLOAT : site.elementType;
  const wide = (value: string, role: string) => (type === site.elementType ? value : builder.cast(role, value, type));
  const rows = (value: string, role: string) => builder.reshape(role, wide(value, `${role}Wide`), [0, channels, -1]);
  const op = (name: string, role: string, ...inputs: string[]) => builder.node(name, role, inputs);
  const constant = (role: string, value: number) => builder.scalar(role, type, value);
  const perChannel = (role: string, values: ArrayLike<number>) => {
    const name = names.fresh(`gn_swap/calibrate/${site.name}/${role}`);
    parameters.push(makeTensor(name, type, [1, channels, 1], values));
    return name;
  };

  const [x, y] = [rows(input, 'X'), rows(site.output, 'Y')];
  const meanX = builder.mean('MeanX', x, 2);
  const meanY = builder.mean('MeanY', y, 2);
  const [dx, dy] = [op('Sub', 'DeltaX', x, meanX), op('Sub', 'DeltaY', y, meanY)];
  const varianceX = builder.mean('VarianceX', op('Mul', 'SquareX', dx, dx), 2);
  const varianceY = builder.mean('VarianceY', op('Mul', 'SquareY', dy, dy), 2);
  const covariance = builder.mean('Covariance', op('Mul', 'Product', dx, dy), 2);

  // [N, C, 1] from here on: m and 1/s of each channel's group.
  const size = channels / groups;
  const ofGroup = (value: string, role: string) => {
    const means = builder.mean(role, builder.reshape(`${role}Rows`, value, [0, groups, size]), 2);
    return builder.reshape(`${role}Back`, repeat(means, role, size, builder), [0, channels, 1]);
  };
  const m = ofGroup(meanX, 'GroupMean');
  const offset = op('Sub', 'Offset', meanX, m);
  const spread = op('Add', 'Spread', varianceX, op('Mul', 'OffsetSquare', offset, offset));
  const s = op(
    'Sqrt',
    'Deviation',
    op('Add', 'AddEpsilon', ofGroup(spread, 'GroupVariance'), constant('epsilon', epsilon)),
  );

  // Over samples, [1, C, 1]: the line.
  const normalized = op('Div', 'Normalized', offset, s);
  const overAll = (value: string, role: string) => builder.mean(role, value, 0);
  const [meanOfX, meanOfY] = [overAll(normalized, 'MeanOfX'), overAll(meanY, 'MeanOfY')];
  const [ex, ey] = [op('Sub', 'SampleX', normalized, meanOfX), op('Sub', 'SampleY', meanY, meanOfY)];
  const within = op('Div', 'Within', op('Div', 'WithinOnce', varianceX, s), s);
  const vx = overAll(op('Add', 'TotalX', within, op('Mul', 'BetweenX', ex, ex)), 'LineX');
  const cov = overAll(
    op('Add', 'TotalXY', op('Div', 'WithinXY', covariance, s), op('Mul', 'BetweenXY', ex, ey)),
    'LineXY',
  );
  const initial = perChannel('scale', plan.scale);
  const signs = Array.from(plan.scale, (value) => Math.sign(value) || 1);
  const least = Array.from(plan.scale, (value) => LEAST_SLOPE * Math.abs(value));
  const slope = op('Div', 'Slope', cov, op('Add', 'SafeX', vx, constant('least', 1e-30)));
  const signed = op('Mul', 'SignedSlope', slope, perChannel('sign', signs));
  const hasVariance = op('Greater', 'HasVariance', vx, constant('least_variance', LEAST_VARIANCE));
  const hasSlope = op('Greater', 'HasSlope', signed, perChannel('least', least));
  // Not Where, which begins with opset 9: initial + usable · (slope − initial).
  const usable = builder.cast('Usable', op('And', 'IsUsable', hasVariance, hasSlope), type);
  const change = op('Mul', 'Change', usable, op('Sub', 'Difference', slope, initial));
  const gain = op('Add', 'Gain', initial, change);
  const bias = op('Sub', 'Bias', meanOfY, op('Mul', 'BiasOfX', gain, meanOfX));

  const factor = op('Div', 'Factor', gain, s);
  const summand = op('Sub', 'Summand', bias, op('Mul', 'Shift', m, factor));
  const answer = op('Add', 'Answer', op('Mul', 'Scaled', x, factor), summand);
  const narrow = type === site.elementType ? answer : builder.cast('Narrow', answer, site.elementType);
  const output = op('Reshape', 'Output', narrow, op('Shape', 'ShapeOf', input));
  return { output, statistics: [meanX, varianceX, meanY, varianceY, covariance] };
}

function repeat(means: string, role: string, size: number, builder: Builder): string {
  return builder.opset < 8
    ? builder.node('Tile', `${role}Repeat`, [means, builder.ints('repeats', [1, 1, size])])
    : builder.node('Expand', `${role}Repeat`, [means, builder.ints('shape', [1, 1, size])]);
}

/** The nodes that the outputs hang on, in their order. */
function neededFor(outputs: readonly string[], nodes: readonly NodeProto[]): NodeProto[] {
  const wanted = new Set(outputs);
  const kept: NodeProto[] = [];
  for (const node of nodes.toReversed()) {
    if (!node.output.some((name) => wanted.has(name))) continue;
    kept.push(node);
    const want = (it: NodeProto) => {
      for (const name of it.input) wanted.add(name);
      for (const { graph } of subgraphsOf(it)) {
        graph.node.forEach(want);
        for (const { name } of graph.output) wanted.add(name);
      }
    };
    want(node);
  }
  return kept.reverse();
}
