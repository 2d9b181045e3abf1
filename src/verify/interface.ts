/** Whether two models have the same inputs and outputs. */
import { dataTypeName } from '../onnx/data-type.ts';
import type { Model } from '../onnx/model.ts';
import type { TypeProto, ValueInfoProto } from '../onnx/schema.ts';
import { requiredInputs } from './inputs.ts';

/** How the interface of `written` differs from that of `source`, in words; empty where it does not. */
export function interfaceDifferences(source: Model, written: Model): string[] {
  return [
    ...differences('input', requiredInputs(source), requiredInputs(written)),
    ...differences('output', source.proto.graph.output, written.proto.graph.output),
  ];
}

function differences(kind: string, before: readonly ValueInfoProto[], after: readonly ValueInfoProto[]): string[] {
  const [a, b] = [before, after].map((list) => list.map(signature));
  const count = Math.max(before.length, after.length);
  return Array.from({ length: count }, (_, index) => index)
    .filter((index) => a?.[index] !== b?.[index])
    .map((index) => `${kind} ${index} was ${a?.[index] ?? 'absent'} and is ${b?.[index] ?? 'absent'}`);
}

/** `"x" float32 [N, 3, 224, 224]`. */
function signature({ name, type }: ValueInfoProto): string {
  return `${JSON.stringify(name)} ${typeText(type)}`;
}

function typeText(type: TypeProto | undefined): string {
  const { tensorType, sparseTensorType, sequenceType, optionalType, mapType } = type ?? {};
  const tensor = tensorType ?? sparseTensorType;
  if (tensor !== undefined) {
    const dims = tensor.shape?.dim.map(({ dimValue, dimParam }) => String(dimValue ?? dimParam ?? '?'));
    const text = `${dataTypeName(tensor.elemType)}${dims === undefined ? '' : ` [${dims.join(', ')}]`}`;
    return tensorType === undefined ? `sparse ${text}` : text;
  }
  if (sequenceType !== undefined) return `sequence of ${typeText(sequenceType.elemType)}`;
  if (optionalType !== undefined) return `optional ${typeText(optionalType.elemType)}`;
  if (mapType !== undefined) return `map of ${dataTypeName(mapType.keyType)} to ${typeText(mapType.valueType)}`;
  return 'of no stated type';
}
