/** The layer whose numbers an output is, one by one and in their order: y = x·W + b. */
import { storedValue } from '../../graph/extract.ts';
import type { Scope } from '../../graph/scope.ts';
import { viewOf } from '../../graph/view.ts';
import { floatAttribute, intAttribute, intsAttribute, stringAttribute } from '../../onnx/attributes.ts';
import { type Model, normalDomain } from '../../onnx/model.ts';
import { nameAt } from '../../onnx/operands.ts';
import type { NodeProto } from '../../onnx/schema.ts';

/** A last layer, and where its numbers are. */
export interface NumberLayer {
  readonly output: string;
  /** The value that it reads. */
  readonly features: string;
  readonly weight: string;
  /** Whether the weight has a row for each output, and not a column. */
  readonly byOutput: boolean;
  /** What x·W is multiplied by. */
  readonly factor: number;
  readonly bias: string | undefined;
  /** What the bias is multiplied by. */
  readonly biasFactor: number;
  /** Whether channels come before places, as in maps. */
  readonly channelsFirst: boolean;
}

/** Operators that hand on all numbers in their order. */
const PASSED = new Set(['Identity', 'Reshape', 'Squeeze', 'Unsqueeze', 'Flatten', 'Cast', 'Dropout']);

/** Finds the layer of an output; undefined if there is another function between, or if its weight has other readers. */
export function numberLayer(model: Model, output: string): NumberLayer | undefined {
  const view = viewOf(model);
  const [main] = view.scopes;
  if (main === undefined) return undefined;
  const isOwn = (name: string) => storedValue(main, name) !== undefined && view.readersOf(name).length === 1;
  const last = lastOf(main, output);
  if (last === undefined) return undefined;
  if (last.opType !== 'Add') return linear(last, output, main, isOwn);
  // x·W + b as two nodes.
  for (const [at, other] of [
    [0, 1],
    [1, 0],
  ] as const) {
    const [bias, made] = [nameAt(last.input, at), nameAt(last.input, other)];
    const before = isOwn(bias) ? lastOf(main, made) : undefined;
    if (before?.opType !== 'MatMul' || view.readersOf(nameAt(before.output, 0)).length !== 1) continue;
    const layer = linear(before, output, main, isOwn);
    return layer && { ...layer, bias };
  }
  return undefined;
}

function lastOf(main: Scope, output: string): NodeProto | undefined {
  let node = main.producers.get(output);
  while (node !== undefined && normalDomain(node.domain) === '' && PASSED.has(node.opType)) {
    node = main.producers.get(nameAt(node.input, 0));
  }
  return node !== undefined && normalDomain(node.domain) === '' ? node : undefined;
}

function linear(
  node: NodeProto,
  output: string,
  main: Scope,
  isOwn: (name: string) => boolean,
): NumberLayer | undefined {
  const [features, weight, bias] = [nameAt(node.input, 0), nameAt(node.input, 1), nameAt(node.input, 2)];
  // Without features that are computed, as of a constant, there is nothing to fit.
  if (!isOwn(weight) || (bias !== '' && !isOwn(bias)) || storedValue(main, features) !== undefined) return undefined;
  const plain = { output, features, weight, bias: bias === '' ? undefined : bias, factor: 1, biasFactor: 1 };
  switch (node.opType) {
    case 'MatMul':
      return { ...plain, byOutput: false, channelsFirst: false };
    case 'Gemm': {
      const [factor, biasFactor] = [floatAttribute(node, 'alpha', 1), floatAttribute(node, 'beta', 1)];
      if (intAttribute(node, 'transA', 0) === 1 || factor === 0 || biasFactor === 0) return undefined;
      return { ...plain, factor, biasFactor, byOutput: intAttribute(node, 'transB', 0) === 1, channelsFirst: false };
    }
    case 'Conv':
      return isPointwise(node) ? { ...plain, byOutput: true, channelsFirst: true } : undefined;
    default:
      return undefined;
  }
}

/** Whether a Conv reads one place for each place of its output. */
function isPointwise(node: NodeProto): boolean {
  const all = (name: string, wanted: number) => (intsAttribute(node, name) ?? []).every((it) => it === wanted);
  const isPadded = ['SAME_UPPER', 'SAME_LOWER'].includes(stringAttribute(node, 'auto_pad') ?? '');
  return (
    intAttribute(node, 'group', 1) === 1 && all('kernel_shape', 1) && all('strides', 1) && all('pads', 0) && !isPadded
  );
}
