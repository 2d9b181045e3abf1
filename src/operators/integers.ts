/**
 * What operators make of small lists of whole numbers: exporters compute sizes so, as of `x.view(x.size(0), -1)`. Of a model whose
 * inputs are of known sizes, these are known, too.
 */
import { intAttribute, intsAttribute } from '../onnx/attributes.ts';
import { normalDomain } from '../onnx/model.ts';
import type { NodeProto } from '../onnx/schema.ts';
import { HIGHEST_RANK } from '../onnx/tensor.ts';
import { isWhole } from '../onnx/value-type.ts';
import { type Inputs, wrapAxis } from './type-rule.ts';

/** Whole numbers; one alone is a list of one. */
type Integers = readonly number[];
type IntegerRule = (node: NodeProto, inputs: Inputs) => Integers | undefined;

/** The list that a node makes; `undefined` if it makes none, or it is not known. */
export function integersOf(node: NodeProto, inputs: Inputs): Integers | undefined {
  const rule = normalDomain(node.domain) === '' ? RULES.get(node.opType) : undefined;
  const found = rule?.(node, inputs);
  return found !== undefined && found.length <= HIGHEST_RANK && found.every(Number.isSafeInteger) ? found : undefined;
}

const same: IntegerRule = (_, { ints }) => ints(0);

const shape: IntegerRule = (node, { type }) => {
  const dims = type(0).shape;
  if (!isWhole(dims)) return undefined;
  return dims.slice(intAttribute(node, 'start', 0), intAttribute(node, 'end', dims.length));
};

const gather: IntegerRule = (_, { ints }) => {
  const [list, places] = [ints(0), ints(1)];
  if (list === undefined || places === undefined) return undefined;
  return places.map((at) => list[wrapAxis(at, list.length)] ?? Number.NaN);
};

const slice: IntegerRule = (node, { ints }) => {
  const list = ints(0);
  const [start] = intsAttribute(node, 'starts') ?? ints(1) ?? [];
  const [end] = intsAttribute(node, 'ends') ?? ints(2) ?? [];
  // Left out, each element counts; given and not known, nothing is.
  const [step] = node.input[4] ? (ints(4) ?? []) : [1];
  return start === undefined || end === undefined || step !== 1 ? undefined : list?.slice(start, end);
};

const concat: IntegerRule = (node, { ints }) => {
  const parts = node.input.map((_, index) => ints(index));
  return parts.includes(undefined) ? undefined : parts.flatMap((part) => part ?? []);
};

/** Of two lists of one length, or of a list and a number. */
function elementwise(of: (a: number, b: number) => number): IntegerRule {
  return (_, { ints }) => {
    const [left, right] = [ints(0), ints(1)];
    if (left === undefined || right === undefined) return undefined;
    const length = Math.max(left.length, right.length);
    const at = (list: Integers, index: number) => list[list.length === 1 ? 0 : index] ?? Number.NaN;
    return Array.from({ length }, (_, index) => of(at(left, index), at(right, index)));
  };
}

const RULES: ReadonlyMap<string, IntegerRule> = new Map([
  ['Add', elementwise((a, b) => a + b)],
  ['Cast', same],
  ['Concat', concat],
  ['Div', elementwise((a, b) => Math.trunc(a / b))],
  ['Gather', gather],
  ['Identity', same],
  ['Mul', elementwise((a, b) => a * b)],
  ['Reshape', same],
  ['Shape', shape],
  ['Slice', slice],
  ['Squeeze', same],
  ['Sub', elementwise((a, b) => a - b)],
  ['Unsqueeze', same],
]);
