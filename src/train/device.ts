/** Whether a device other than the CPU may be trusted with training. */
import { GnSwapError } from '../errors.ts';
import type { Device } from '../runtime/device.ts';

/**
 * Largest distance between two gradients, relative to the CPU's. Another order of float32 sums gave 1e-6 to 3e-3 on the models that were
 * compared with float64, and up to 2e-2 leaves room for kernels of less precision; a kernel that drops or doubles a term is off by far more.
 */
const LIMIT = 2e-2;

interface Computed {
  readonly loss: number;
  readonly gradient: Float32Array;
}

/**
 * Compares the gradient of a step with the CPU's.
 *
 * @returns a sentence that says how near they are
 * @throws GnSwapError `verification-failed` if they are not
 */
export function agreement(device: Device, found: Computed, expected: Computed): string {
  const distance = distanceOf(found.gradient, expected.gradient);
  const loss = Math.abs(found.loss - expected.loss) / Math.max(Math.abs(expected.loss), Number.MIN_VALUE);
  // Comparisons with NaN are false.
  if (distance <= LIMIT && loss <= LIMIT) {
    return `The first step on ${device} has the CPU's gradient within ${distance.toExponential(1)}.`;
  }
  const what = distance <= LIMIT ? `loss differs by ${percent(loss)}` : `gradient differs by ${percent(distance)}`;
  throw new GnSwapError('verification-failed', `on ${device} the ${what} from the CPU's`, {
    node: '--device',
    remedy: 'Leave --device out: the CPU trains it',
  });
}

function percent(share: number): string {
  return Number.isFinite(share) ? `${Number((100 * share).toPrecision(2))} %` : 'more than can be said';
}

/** Of two vectors, relative to the length of the second. */
function distanceOf(found: Float32Array, expected: Float32Array): number {
  let [difference, length] = [0, 0];
  for (let at = 0; at < expected.length; at++) {
    const of = expected[at] as number;
    difference += ((found[at] as number) - of) ** 2;
    length += of ** 2;
  }
  return difference === 0 ? 0 : Math.sqrt(difference / length);
}
