/** Types as they are shown: `float32 [N, 3, 224, 224]`. */
import { dataTypeName } from './data-type.ts';
import type { TypeProto } from './schema.ts';

/** A type in words; dimensions that are not stated are `?`. */
export function typeText(type: TypeProto | undefined): string {
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
