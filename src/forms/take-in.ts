/** What forms share that put a norm into the layer before it. */
import type { Linear } from '../find/types.ts';
import { scaledBias } from '../norms/linear.ts';
import type { Builder } from '../onnx/builder.ts';
import type { FormSite } from './types.ts';

/**
 * Adds the layer again, with another weight and bias, so that it makes the norm's output, s x + t of what it made.
 *
 * @param weightOf adds what makes the new weight, and returns its name
 */
export function takeIn(
  site: FormSite,
  builder: Builder,
  weightOf: (linear: Linear, scale: ArrayLike<number>) => string,
): void {
  const { before, scale, bias: shift, channels, output } = site;
  if (before === undefined || typeof before === 'string') throw new RangeError('the form was not checked');
  const { node } = before;
  const weight = weightOf(before, scale);
  const bias = builder.parameter('bias', [channels], scaledBias(before, scale, shift));
  const [x = ''] = node.input;
  if (node.opType === 'MatMul') {
    const product = builder.copy(node, [x, weight]);
    builder.node('Add', 'Add', [product, bias], {}, output);
    return;
  }
  // The bias is what it is to be, whatever the layer multiplied the former one by.
  const attribute = node.attribute.filter(({ name }) => name !== 'beta');
  builder.copy({ ...node, attribute }, [x, weight, bias], output);
}
