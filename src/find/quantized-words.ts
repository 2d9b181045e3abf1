/** What is said of a quantized model. A file of its own, which reports read without loading the codec. */

/** How a model is quantized, and how much of it. */
export interface Quantized {
  readonly format: 'QDQ' | 'QOperator' | 'dynamic';
  /** Layers with quantized weights. */
  readonly layers: number;
  /** All layers with weights: Conv, ConvTranspose, Gemm and MatMul, and what stands for them. */
  readonly of: number;
}

/** What to do with a quantized file. */
export const UNQUANTIZE = 'Swap the float model that it was made from, then quantize the result again';

/**
 * Says that a file is quantized, and how, in a sentence without the full stop.
 *
 * @param hasNorms whether norms stand between its layers all the same
 */
export function quantizedWords({ format, layers, of }: Quantized, hasNorms = false): string {
  const how = format === 'dynamic' ? 'dynamically' : format;
  const so = hasNorms ? 'which are not trained' : 'and their norms are in the scales';
  return `the file is quantized (INT8, ${how}): ${layers} of ${of} layers have integer weights, ${so}`;
}
