/** Whether stored floats are finite, read in pieces, so that weights of any size take little memory. */
import { DataType } from './data-type.ts';
import type { TensorProto } from './schema.ts';
import { type ExternalData, rawDataOf } from './tensor.ts';

/** How many numbers of a tensor are not finite. */
export interface NotFinite {
  readonly nans: number;
  readonly infinities: number;
}

/** Bytes of an element, and the bits that are all set where it is no finite number. */
const EXPONENTS = new Map<DataType, readonly [bytes: number, exponent: number, fraction: number]>([
  [DataType.FLOAT, [4, 0x7f800000, 0x007fffff]],
  [DataType.FLOAT16, [2, 0x7c00, 0x03ff]],
  [DataType.BFLOAT16, [2, 0x7f80, 0x007f]],
  [DataType.DOUBLE, [8, 0x7ff00000, 0x000fffff]],
]);

/**
 * Counts NaN and infinities of a float32, float64, float16 or bfloat16 tensor; none for other types.
 *
 * @throws GnSwapError `invalid-model`, `unreadable` where its data is not there
 */
export function notFiniteIn(tensor: TensorProto, external: ExternalData): NotFinite {
  const layout = EXPONENTS.get(tensor.dataType ?? 0);
  const found = { nans: 0, infinities: 0 };
  if (layout === undefined) return found;
  const [width, exponent, fraction] = layout;
  // A piece holds whole elements: its size is a power of two.
  for (const bytes of rawDataOf(tensor, external).chunks()) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = 0; at < bytes.byteLength; at += width) {
      // Of a float64 the upper half says it, but for a NaN whose lower half alone is set.
      const bits = width === 2 ? view.getUint16(at, true) : view.getUint32(at + width - 4, true);
      if ((bits & exponent) !== exponent) continue;
      const rest = (bits & fraction) !== 0 || (width === 8 && view.getUint32(at, true) !== 0);
      if (rest) found.nans++;
      else found.infinities++;
    }
  }
  return found;
}
