/** The norms, by name; the first is the default. */
import { batch } from './batch.ts';
import { batchRenorm } from './batch-renorm.ts';
import { frozen } from './frozen.ts';
import { group } from './group.ts';
import { instance } from './instance.ts';
import { layer } from './layer.ts';
import type { Norm } from './types.ts';
import { weight } from './weight.ts';

export const NORMS: readonly Norm[] = [group, layer, instance, frozen, weight, batch, batchRenorm];

/** The norm of that name, which must be one of {@link NORMS}. */
export function normNamed(name: string): Norm {
  return NORMS.find((norm) => norm.name === name) as Norm;
}
