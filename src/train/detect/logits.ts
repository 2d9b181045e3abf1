/**
 * Boxes and scores → boxes and the values before the Sigmoid or Softmax that made the scores.
 *
 * A new class starts with scores of 1e-6, and a float32 probability of 1 has no gradient left: before the Sigmoid neither matters. The
 * nodes that lay out the scores are written a second time over its input; whatever else reads its output stays as it is.
 */
import { viewOf } from '../../graph/view.ts';
import { intAttribute } from '../../onnx/attributes.ts';
import { type Model, normalDomain, withGraph } from '../../onnx/model.ts';
import { namesOf } from '../../onnx/names.ts';
import { nameAt } from '../../onnx/operands.ts';
import { create, type NodeProto } from '../../onnx/schema.ts';
import { MOVES } from './moves.ts';

/** A model that gives other values in place of some outputs. */
export interface Unsquashed {
  readonly model: Model;
  /** The name that each output has now. */
  readonly renamed: ReadonlyMap<string, string>;
}

const STEPS = 100;

/**
 * Replaces outputs by the same values before their Sigmoid (or Softmax over the last axis).
 *
 * @param outputs that hold scores, maybe beside boxes
 * @returns undefined if an output has no Sigmoid that can be taken away
 */
export function beforeSquashing(
  model: Model,
  outputs: readonly string[],
  by: 'Sigmoid' | 'Softmax',
): Unsquashed | undefined {
  const { graph } = model.proto;
  const [main] = viewOf(model).scopes;
  const names = namesOf(graph);
  const added: NodeProto[] = [];
  const known = new Map<string, string | undefined>();
  const typeOf = viewOf(model).in(main as NonNullable<typeof main>);

  /** The value without its Sigmoid; undefined if none made it. */
  const plain = (value: string, steps: number): string | undefined => {
    if (known.has(value)) return known.get(value);
    const made = follow(value, steps);
    known.set(value, made);
    return made;
  };
  const follow = (value: string, steps: number): string | undefined => {
    const node = main?.producers.get(value);
    if (node === undefined || steps === 0 || normalDomain(node.domain) !== '') return undefined;
    const { opType, input } = node;
    if (opType === by) return by === 'Sigmoid' || isLastAxis(node) ? input[0] : undefined;
    if (MOVES.has(opType)) {
      const from = plain(nameAt(input, 0), steps - 1);
      return from === undefined ? undefined : again(node, [from, ...input.slice(1)], value);
    }
    if (opType !== 'Concat') return undefined;
    const from = input.map((it) => plain(it, steps - 1));
    if (from.every((it) => it === undefined)) return undefined;
    return again(
      node,
      input.map((it, index) => from[index] ?? it),
      value,
    );
  };
  const again = (node: NodeProto, input: readonly string[], value: string): string => {
    const fresh = node.output.map((name) => (name === '' ? '' : names.values.fresh(`${name}/logit`)));
    added.push({ ...node, input: [...input], output: fresh, name: names.nodes.fresh(`${node.name}/logit`) });
    for (const [index, name] of node.output.entries()) if (name !== '') known.set(name, fresh[index]);
    return fresh[node.output.indexOf(value)] as string;
  };
  const isLastAxis = (node: NodeProto): boolean => {
    const axis = intAttribute(node, 'axis', -1);
    return axis === -1 || axis === (typeOf.type(nameAt(node.output, 0)).shape?.length ?? 0) - 1;
  };

  const renamed = new Map<string, string>();
  for (const output of outputs) {
    const made = plain(output, STEPS);
    if (made === undefined) return undefined;
    renamed.set(output, made);
  }
  const infos = graph.output.map((it) => {
    const name = renamed.get(it.name);
    return name === undefined ? it : create('ValueInfoProto', { ...it, name });
  });
  return { model: withGraph(model, { ...graph, node: [...graph.node, ...added], output: infos }), renamed };
}
