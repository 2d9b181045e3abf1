/**
 * x → Mul s → Add t, or x → Sub μ → Mul s → Add t, with one number for each position of the last axis. Keras and tf2onnx write a
 * BatchNormalization like this behind a Dense layer over steps, and with channels last.
 *
 * x: [N, …, C] of rank 3 or more. Norms here normalise along axis 1, so such a chain is reported, and stays as it is.
 *
 * 1. s and t are constants of [C], and each holds more than one value.
 * 2. The values between x and the Add have no other reader.
 * 3. x comes from a layer (with its bias, if an Add behind it holds it), a nonlinearity, a Concat or a pooling. The last Mul and Add of a layer norm
 *    are not meant: they follow its Div. Between the layer and x, Keras on PyTorch has a Transpose to channels last, and Casts.
 */
import { constantOf } from '../graph/constants.ts';
import type { Scope } from '../graph/scope.ts';
import { isFloat } from '../onnx/data-type.ts';
import { normalDomain } from '../onnx/model.ts';
import { nameAt } from '../onnx/operands.ts';
import type { NodeProto, TensorProto } from '../onnx/schema.ts';
import { dimsOf, elementCount, valuesOf } from '../onnx/tensor.ts';
import type { Reason, SearchContext } from './pattern.ts';

/** (3) What may stand between x and its layer: operators that move numbers or change their type. */
const MOVES = new Set(['Transpose', 'Cast', 'Identity']);
const MOST_MOVES = 8;

const BY_EXPORT = 'export the model with channels first';
const BY_OPTIMIZER =
  'let ONNX Runtime move the Transpose before it out of the way: docs/guide.md#keras-with-channels-last has the command';

/** Explains why the Add at the end of such a chain is not a site; undefined for any other Add. */
export function whyLastAxis(
  node: NodeProto,
  scope: Scope,
  context: SearchContext,
  makers: ReadonlySet<string>,
): Reason | undefined {
  for (const [index, name] of node.input.entries()) {
    const times = ownMaker(name, 'Mul', scope, context);
    if (times === undefined) continue;
    for (const [at, product] of times.input.entries()) {
      const minus = ownMaker(product, 'Sub', scope, context);
      const x = minus?.input[0] ?? product;
      const vectors = [times.input[1 - at], node.input[1 - index], ...(minus === undefined ? [] : [minus.input[1]])];
      const found = vectors.map((it) => vectorOf(it ?? '', x, scope, context));
      if (found.some((it) => it === undefined) || !isMade(x, scope, context, makers)) continue;
      const [factor, shift] = found as TensorProto[];
      // (1)
      if (isAlike(factor as TensorProto, context) || isAlike(shift as TensorProto, context)) continue;
      const count = elementCount(factor as TensorProto);
      return {
        code: 'last-axis',
        reason: `it is Mul and Add of ${count} numbers along the last axis of "${x}", as a BatchNormalization with channels last leaves them; norms stand on axis 1`,
        remedy: `It stays as it is. To swap it, ${isTurned(x, scope) ? BY_OPTIMIZER : BY_EXPORT}`,
      };
    }
  }
  return undefined;
}

/** (2) The node that makes a value, if it is of that operator and the value has one reader. */
function ownMaker(name: string, operator: string, scope: Scope, { uses }: SearchContext): NodeProto | undefined {
  const maker = scope.producers.get(name);
  const isOwn = maker?.opType === operator && normalDomain(maker.domain) === '' && uses.get(name) === 1;
  return isOwn ? maker : undefined;
}

/** (1) The constant of [C] that a value is, C being the last size of x. */
function vectorOf(name: string, x: string, scope: Scope, context: SearchContext): TensorProto | undefined {
  const shape = context.typeOf(scope, x).shape;
  const channels = shape?.at(-1);
  if (shape === undefined || shape.length < 3 || channels === undefined || channels < 2) return undefined;
  const tensor = constantOf(scope, name, context.model.home.open, context.evaluated, channels);
  if (tensor === undefined || !isFloat(tensor.dataType) || elementCount(tensor) !== channels) return undefined;
  const dims = context.typeOf(scope, name).shape ?? dimsOf(tensor);
  return dims.at(-1) === channels ? tensor : undefined;
}

function isAlike(tensor: TensorProto, { model }: SearchContext): boolean {
  const [first, ...others] = valuesOf(tensor, model.home.open);
  return others.every((value) => value === first);
}

/** Whether a Transpose stands between x and its layer. */
function isTurned(x: string, scope: Scope): boolean {
  return moversOf(x, scope).some(({ opType }) => opType === 'Transpose');
}

/** (3) What only moves numbers before x, from x back. */
function moversOf(x: string, scope: Scope): NodeProto[] {
  const movers: NodeProto[] = [];
  let maker = scope.producers.get(x);
  while (maker !== undefined && movers.length < MOST_MOVES && MOVES.has(maker.opType)) {
    movers.push(maker);
    maker = scope.producers.get(nameAt(maker.input, 0));
  }
  return movers;
}

/** (3) Whether x comes from what may have been normalised. */
function isMade(x: string, scope: Scope, context: SearchContext, makers: ReadonlySet<string>): boolean {
  const first = moversOf(x, scope).at(-1);
  const maker = scope.producers.get(first === undefined ? x : nameAt(first.input, 0));
  if (maker === undefined || normalDomain(maker.domain) !== '') return false;
  if (maker.opType !== 'Add') return makers.has(maker.opType);
  return maker.input.some((name, index) => {
    const layer = scope.producers.get(name)?.opType ?? '';
    return makers.has(layer) && vectorOf(nameAt(maker.input, 1 - index), name, scope, context) !== undefined;
  });
}
