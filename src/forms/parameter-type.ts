import { DataType, isHalf } from '../onnx/data-type.ts';

/** The type of parameters that must not be rounded to 16 bits. */
export function parameterType(elementType: DataType): DataType {
  return isHalf(elementType) ? DataType.FLOAT : elementType;
}
