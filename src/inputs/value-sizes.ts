/** How much memory a model's values take. */

import { inferTypes } from '../graph/infer.ts';
import { scopesOf } from '../graph/scope.ts';
import { type Model, withGraph } from '../onnx/model.ts';
import { isWhole, makeValueInfo } from '../onnx/value-type.ts';
import type { Values } from '../runtime/session.ts';
import { sizeOf } from './generated.ts';

/** Numbers in all values that nodes of the main graph make, and the values whose size only a run can tell. */
export interface ValueSizes {
  readonly elements: number;
  readonly unknown: readonly string[];
}

/** Outputs that are no tensors, or take none of a run's memory. */
const NOT_MEASURED = /^(Sequence|Split|Optional|If$|Loop$|Scan$|Constant)/;

/** What follows from the sizes of the inputs. */
export function valueSizes(model: Model, inputs: Values): ValueSizes {
  const dimsOf = valueDims(model, inputs);
  let elements = 0;
  const unknown: string[] = [];
  for (const { opType, domain, output } of model.proto.graph.node) {
    if (domain === '' && NOT_MEASURED.test(opType)) continue;
    const [name = ''] = output;
    const dims = dimsOf(name);
    if (dims !== undefined) elements += sizeOf({ dims });
    else if (name !== '' && domain === '') unknown.push(name);
  }
  return { elements, unknown };
}

/** Tells the dimensions of values of the main graph, as they follow from those of the inputs; undefined if only a run can tell. */
export function valueDims(model: Model, inputs: Values): (name: string) => readonly number[] | undefined {
  const { graph } = model.proto;
  // The sizes that the file states may be of another batch.
  const input = graph.input.map((it) => {
    const dims = inputs[it.name]?.dims;
    return dims === undefined ? it : makeValueInfo(it.name, it.type?.tensorType?.elemType, dims);
  });
  const sized = withGraph(model, { ...graph, input, output: [], valueInfo: [] });
  const scopes = scopesOf(sized);
  const typeOf = inferTypes(sized, scopes, true);
  return (name) => {
    const shape = scopes[0] && typeOf(scopes[0], name).shape;
    return isWhole(shape) ? shape : undefined;
  };
}
