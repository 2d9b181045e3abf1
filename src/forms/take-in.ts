/** What forms share that put a norm into the layer before it. */
import type { Linear } from '../find/types.ts';
import type { Builder } from './builder.ts';
import type { FormSite } from './types.ts';

/** The layer, and the map s x + t of its output that it is to take in. */
interface Taken {
  readonly linear: Linear;
  readonly scale: ArrayLike<number>;
  readonly bias: ArrayLike<number>;
}

/**
 * Adds the layer again, with another weight and bias, so that it makes the norm's output.
 *
 * @param made name of the new weight, and the numbers of the new bias, one a channel
 */
export function takeIn(
  site: FormSite,
  builder: Builder,
  made: (taken: Taken) => { weight: string; bias: ArrayLike<number> },
): void {
  const { before, scale, bias: shift, channels, output } = site;
  if (before === undefined || typeof before === 'string') throw new RangeError('the form was not checked');
  const { node } = before;
  const { weight, bias: numbers } = made({ linear: before, scale, bias: shift });
  const bias = builder.parameter('bias', [channels], numbers);
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
