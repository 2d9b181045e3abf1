/**
 * The graph that μ and σ² are re-estimated with: the model with other statistics in its BatchNormalization, and what some of
 * its sites normalise told sample by sample.
 *
 *     x → … → x′ → γ (x′ − μ)/√(σ² + ε) + β → …
 *              └→ mean and variance of x′ per sample and channel, and its shape
 *
 * 1. Where a site's statistics are known by now, its node has them; else they are those of this run's samples, used at once.
 * 2. Differences are taken before they are squared: x′ may lie far from 0.
 * 3. 16-bit types are cast to float32.
 * 4. Sites in subgraphs stay as they are.
 * 5. Where the rank is known, numbers of a channel get it, and not the answer the shape of x′: ONNX Runtime 1.30 follows sizes that are computed from
 *    those of an open batch through the whole chain for each site, which takes 50 s for 1,000 of them.
 */

import { inInference } from '../graph/inference-mode.ts';
import { Builder, Constants } from '../onnx/builder.ts';
import { DataType, isHalf } from '../onnx/data-type.ts';
import { type Model, opsetOf } from '../onnx/model.ts';
import { namesOf } from '../onnx/names.ts';
import type { NodeProto, TensorProto } from '../onnx/schema.ts';
import { makeTensor } from '../onnx/tensor.ts';
import type { SitePlan } from '../plan/index.ts';
import type { Values } from '../runtime/session.ts';
import type { BatchMoments } from './batch-moments.ts';
import { withOnly } from './graph.ts';

/** Names of a site's outputs: mean and variance, [N, C, 1], and the shape of x′ as [N, C, positions]. */
export interface BatchOutputs {
  readonly mean: string;
  readonly variance: string;
  readonly shape: string;
}

/**
 * @param sites of the main graph of `model`
 * @param known statistics of those that are re-estimated already
 * @param wanted those that the graph is to tell of
 * @param inputs of every run, where they have one size
 */
export function batchGraph(
  model: Model,
  sites: readonly SitePlan[],
  known: ReadonlyMap<SitePlan, BatchMoments>,
  wanted: readonly SitePlan[],
  inputs?: Values,
): { readonly model: Model; readonly outputs: ReadonlyMap<SitePlan, BatchOutputs> } {
  const { graph } = model.proto;
  const names = namesOf(graph);
  const constants = new Constants(names.values);
  const parameters: TensorProto[] = [];
  const atNode = new Map(sites.map((it) => [it.site.node, it]));
  const outputs = new Map<SitePlan, BatchOutputs>();
  const node = graph.node.flatMap((own): NodeProto[] => {
    const it = atNode.get(own);
    if (it === undefined) return [own];
    const { site, channels } = it;
    const context = { opset: opsetOf(model), ...names, constants, parameter: () => '' };
    const builder = new Builder(`gn_swap/batch/${site.name}`, context);
    const stored = (role: string, type: DataType, dims: readonly number[], values: ArrayLike<number>) => {
      const name = names.values.fresh(`gn_swap/batch/${site.name}/${role}`);
      parameters.push(makeTensor(name, type, dims, values));
      return name;
    };
    const statistics = known.get(it);
    // (1)
    if (statistics !== undefined) {
      const type = site.parameterTypes?.statistics ?? site.elementType;
      const [mean, variance] = (['mean', 'variance'] as const).map((role) =>
        stored(role, type, [channels], statistics[role]),
      ) as [string, string];
      if (own.opType === 'BatchNormalization') {
        return [{ ...inInference(own, new Map()), input: [...own.input.slice(0, 3), mean, variance] }];
      }
      // A frozen norm is spelled by other nodes.
      const [scale, bias] = (['scale', 'bias'] as const).map((role) => stored(role, type, [channels], it[role]));
      const inputs = [site.input, scale as string, bias as string, mean, variance];
      builder.node('BatchNormalization', 'Norm', inputs, { epsilon: { float: it.epsilon } }, site.output);
      return builder.nodes;
    }
    const type = isHalf(site.elementType) ? DataType.FLOAT : site.elementType;
    const affine = (role: 'scale' | 'bias') => stored(role, type, [channels, 1], it[role]);
    outputs.set(it, addSite(it, type, builder, { scale: affine('scale'), bias: affine('bias') }));
    return builder.nodes;
  });
  const initializer = [...graph.initializer, ...parameters, ...constants.tensors];
  const fields = { node, initializer, sparseInitializer: graph.sparseInitializer };
  const told = new Map(wanted.map((it) => [it, outputs.get(it) as BatchOutputs]));
  const list = [...told.values()].flatMap(({ mean, variance, shape }) => [mean, variance, shape]);
  return { model: withOnly(model, list, fields, inputs), outputs: told };
}

function addSite(
  { site, channels, epsilon }: SitePlan,
  type: DataType,
  builder: Builder,
  affine: { readonly scale: string; readonly bias: string },
): BatchOutputs {
  const op = (name: string, role: string, ...inputs: string[]) => builder.node(name, role, inputs);
  // (3)
  const wide = type === site.elementType ? site.input : builder.cast('Wide', site.input, type);
  const x = builder.reshape('X', wide, [0, channels, -1]);
  const mean = builder.mean('Mean', x, 2);
  // (2)
  const delta = op('Sub', 'Delta', x, mean);
  const variance = builder.mean('Variance', op('Mul', 'Square', delta, delta), 2);
  const shape = op('Shape', 'Positions', x);

  const ofRun = builder.mean('RunMean', mean, 0);
  const offset = op('Sub', 'Offset', mean, ofRun);
  const spread = op('Add', 'Spread', variance, op('Mul', 'OffsetSquare', offset, offset));
  const v = op('Add', 'AddEpsilon', builder.mean('RunVariance', spread, 0), builder.scalar('epsilon', type, epsilon));
  const factor = op('Div', 'Factor', affine.scale, op('Sqrt', 'Deviation', v));
  const line = (value: string, [m, f, b]: readonly [string, string, string], output?: string) =>
    builder.node('Add', 'Answer', [op('Mul', 'Scaled', op('Sub', 'Centred', value, m), f), b], {}, output);
  const isNarrow = type !== site.elementType;
  const rank = site.shape?.length;
  if (rank === undefined) {
    const answer = line(x, [ofRun, factor, affine.bias]);
    const narrow = isNarrow ? builder.cast('Narrow', answer, site.elementType) : answer;
    builder.node('Reshape', 'Output', [narrow, op('Shape', 'ShapeOf', site.input)], {}, site.output);
  } else {
    // (5)
    const dims = [channels, ...new Array<number>(rank - 2).fill(1)];
    const widened = (role: string, value: string) => (rank === 3 ? value : builder.reshape(role, value, dims));
    const numbers = [
      widened('WideMean', ofRun),
      widened('WideFactor', factor),
      widened('WideBias', affine.bias),
    ] as const;
    if (isNarrow) builder.cast('Narrow', line(wide, numbers), site.elementType, site.output);
    else line(wide, numbers, site.output);
  }
  return { mean, variance, shape };
}
