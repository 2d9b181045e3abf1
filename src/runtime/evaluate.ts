/** Constant expressions, known by running them. */

import { GnSwapError } from '../errors.ts';
import { viewOf } from '../graph/view.ts';
import { isFloat } from '../onnx/data-type.ts';
import { type Model, withGraph } from '../onnx/model.ts';
import { create, type NodeProto, type TensorProto } from '../onnx/schema.ts';
import { inline, makeTensor } from '../onnx/tensor.ts';
import { settled } from '../operators/settled.ts';
import { refuseHazards, refuseLargeValues } from './hazards.ts';
import { numbersOf, withSession } from './session.ts';

/**
 * Values that hang on constants alone, by running the part of the main graph that makes them.
 *
 * @param names of values of the main graph
 * @throws GnSwapError `runtime-failed` where ONNX Runtime can't compute them, or must not try
 */
export async function evaluateConstants(model: Model, names: readonly string[]): Promise<Map<string, TensorProto>> {
  const values = new Map<string, TensorProto>();
  if (names.length === 0) return values;
  const part = constantPart(model, names);
  refuseHazards(part);
  refuseLargeValues(part);
  const results = await withSession(part, (session) => session.run({}));
  for (const [name, value] of Object.entries(results)) {
    const numbers = numbersOf(value);
    if (numbers === undefined || !isFloat(value.type)) {
      throw new GnSwapError('runtime-failed', `the constant ${JSON.stringify(name)} is not a list of floats`);
    }
    values.set(name, makeTensor(name, value.type, value.dims, numbers));
  }
  return values;
}

/** The nodes and initializers that make the values, with the values as outputs and no inputs. */
function constantPart(model: Model, names: readonly string[]): Model {
  const { scopes, typeOf } = viewOf(model);
  const [main] = scopes;
  const { graph } = model.proto;
  const needed = new Map<NodeProto, NodeProto>();
  const read = new Set<string>();
  const pending = [...names];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (read.has(name)) continue;
    read.add(name);
    const producer = main?.producers.get(name);
    if (main === undefined || producer === undefined) continue;
    const own = settled(producer, (value) => typeOf(main, value));
    needed.set(producer, own);
    for (const input of own.input) pending.push(input);
  }
  return withGraph(
    model,
    create('GraphProto', {
      name: 'constants',
      node: graph.node.flatMap((node) => needed.get(node) ?? []),
      initializer: graph.initializer.filter(({ name }) => read.has(name)).map((it) => inline(it, model.home.open)),
      sparseInitializer: graph.sparseInitializer.filter(({ values }) => read.has(values?.name ?? '')),
      output: names.map((name) => create('ValueInfoProto', { name })),
    }),
    { irVersion: Math.max(4, Number(model.proto.irVersion)), trainingInfo: [] },
  );
}
