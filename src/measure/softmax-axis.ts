/** Along which axis a Softmax made an output. */
import { viewOf } from '../graph/view.ts';
import { intAttribute, permOf } from '../onnx/attributes.ts';
import { type Model, normalDomain } from '../onnx/model.ts';
import { nameAt } from '../onnx/operands.ts';
import { wrapAxis } from '../operators/type-rule.ts';
import { PASSES } from './evidence.ts';

/** The axis of an output along which a Softmax made it, however it was turned since; undefined if none did. */
export function softmaxAxis(model: Model, output: string): number | undefined {
  const { scopes, typeOf } = viewOf(model);
  const [main] = scopes;
  const turns: (readonly number[])[] = [];
  const seen = new Set<string>();
  for (let value = output; main !== undefined && !seen.has(value); ) {
    seen.add(value);
    const node = main.producers.get(value);
    if (node === undefined || normalDomain(node.domain) !== '') return undefined;
    const from = nameAt(node.input, 0);
    const rank = typeOf(main, from).shape?.length ?? 0;
    if (node.opType === 'Softmax') {
      return turns.reduceRight((axis, perm) => perm.indexOf(axis), wrapAxis(intAttribute(node, 'axis', -1), rank));
    }
    if (node.opType === 'Transpose') {
      turns.push(permOf(node, rank));
    } else if (!PASSES.has(node.opType)) return undefined;
    value = from;
  }
  return undefined;
}
