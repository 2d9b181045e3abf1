/** Model + loss → an ordinary model that also computes the gradient. */
import { isFloat } from '../onnx/data-type.ts';
import type { Model } from '../onnx/model.ts';
import { create, type TensorProto, type ValueInfoProto } from '../onnx/schema.ts';
import { makeValueInfo } from '../graph/infer.ts';
import { inMemory, type Materialize } from '../runtime/materialize.ts';
import { fold } from './fold.ts';
import type { Forward } from './forward.ts';
import { prepare } from './prepare.ts';
import { refuseObstacles } from './refuse.ts';
import { needed, walk } from './walk.ts';

export interface GradientOptions {
  /** Names of the inputs and stored tensors to differentiate by. */
  readonly wrt: readonly string[];
  /** Dimensions of inputs, by name; needed for those that the file leaves open. */
  readonly sizes?: Readonly<Record<string, readonly number[]>>;
  /** For a first dimension that the file leaves open. */
  readonly batch?: number;
  readonly materialize?: Materialize;
}

export interface GradientModel {
  readonly model: Model;
  /** Name of the gradient of each value in `wrt` that the outputs hang on. */
  readonly gradients: ReadonlyMap<string, string>;
}

/**
 * Writes a model that takes `d/OUTPUT` for each float output beside the inputs and parameters, and gives `d/NAME` for each
 * name in `wrt`.
 *
 * @throws GnSwapError `unsupported-model` naming each node that has no gradient and lies between a parameter and an output
 */
export async function gradientOf(source: Model, options: GradientOptions): Promise<GradientModel> {
  const { wrt, sizes = {}, batch = 1, materialize = inMemory } = options;
  const { forward: whole, names } = await prepare(source, { sizes, batch, materialize });
  const wanted = new Set(wrt);
  const forward = fold(whole, wanted);
  const seeds = new Map<string, string>();
  for (const name of forward.outputs) {
    if (isFloat(forward.types.get(name)?.type)) seeds.set(name, names.values.fresh(`d/${name}`));
  }
  const added = new Map<string, TensorProto>();
  const walked = walk(forward, seeds, wanted, names, added);
  refuseObstacles(walked.obstacles);
  const outputs = [...forward.outputs, ...walked.gradients.values()];
  const node = needed([...walked.forward, ...walked.backward], new Set(outputs));
  const read = new Set([...node.flatMap(({ input }) => input), ...outputs]);
  const stored = [...forward.constants.values(), ...added.values()].filter(({ name }) => read.has(name));
  const parameters = wrt.filter((name) => !forward.inputs.some((input) => input.name === name));
  const typed = (name: string, like: string): ValueInfoProto => {
    const known = forward.types.get(like);
    return makeValueInfo(name, known?.type, known?.dims ?? []);
  };
  const graph = create('GraphProto', {
    name: `${source.proto.graph.name || 'model'}/gradient`,
    node,
    initializer: stored,
    input: [
      ...forward.inputs,
      ...parameters.map((name) => typed(name, name)),
      ...[...seeds].map(([value, name]) => typed(name, value)),
    ],
    output: [
      ...forward.outputs.map((name) => typed(name, name)),
      ...[...walked.gradients].map(([value, name]) => typed(name, value)),
    ],
  });
  return { model: asModel(source, graph, forward), gradients: walked.gradients };
}

function asModel(source: Model, graph: Model['proto']['graph'], { opset }: Forward): Model {
  const opsetImport = [
    create('OperatorSetIdProto', { domain: '', version: opset }),
    ...source.proto.opsetImport.filter(({ domain }) => domain !== '' && domain !== 'ai.onnx'),
  ];
  const irVersion = Math.max(8, Number(source.proto.irVersion));
  return { ...source, proto: { ...create('ModelProto', { irVersion, producerName: 'gn-swap', opsetImport }), graph } };
}
