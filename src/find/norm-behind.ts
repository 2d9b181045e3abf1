/**
 * Whether a norm of any kind stands behind a layer: its own BatchNormalization, or the LayerNormalization, InstanceNormalization or
 * GroupNormalization of a network that never had one.
 *
 * What only moves numbers may come between, and a sum: a ConvNeXt turns the channels last before its norm, a causal Conv cuts its
 * end off, a WaveNet adds its shortcut. A norm may be spelled: what is read by a ReduceMean, and by the Sub that takes the mean off.
 */
import type { View } from '../graph/view.ts';
import { normalDomain } from '../onnx/model.ts';
import { nameAt } from '../onnx/operands.ts';
import type { NodeProto } from '../onnx/schema.ts';

/** Operators that are norms. */
export const NORMS = new Set(
  'BatchNormalization GroupNormalization InstanceNormalization LayerNormalization MeanVarianceNormalization'.split(' '),
);
const PASSED = new Set('Add Cast Identity Pad Reshape Slice Sum Transpose'.split(' '));
/** How many of those may come between. */
const MOST_BETWEEN = 4;

/** Tells whether a norm stands behind a value. */
export function hasNormBehind(value: string, view: Pick<View, 'readersOf'>): boolean {
  let values = [value];
  for (let between = 0; between <= MOST_BETWEEN; between++) {
    const next = new Set<string>();
    for (const at of values) {
      const readers = view.readersOf(at);
      if (readers.some((reader) => NORMS.has(reader.opType) || takesMean(reader, at, readers, view))) return true;
      for (const { opType, domain, output } of readers) {
        if (PASSED.has(opType) && normalDomain(domain) === '') next.add(nameAt(output, 0));
      }
    }
    values = [...next];
  }
  return false;
}

/** Whether a node is the ReduceMean of a value, and the mean is taken off that value. */
function takesMean(
  { opType, output }: NodeProto,
  value: string,
  readers: readonly NodeProto[],
  view: Pick<View, 'readersOf'>,
): boolean {
  if (opType !== 'ReduceMean') return false;
  const ofMean = view.readersOf(nameAt(output, 0));
  return readers.some((reader) => reader.opType === 'Sub' && reader.input[0] === value && ofMean.includes(reader));
}
