/**
 * [N, C, D₁, …] → [N, G, …] and back, for tensors that may have no element.
 *
 * A Reshape can't tell what −1 stands for if another dimension is 0, so a detector without proposals would stop there.
 *
 * 1. No dimension is open, or the fusions of a consumer want it (`plain`), or the rank is not known: [0, G, −1].
 * 2. Only N is open, as behind RoiAlign: [0, G, k D₁ …], with k = C/G.
 * 3. Others are open: [N, G, k D₁, D₂, …], computed as Shape(x) · [1, 1, k, 1, …] / [1, k, 1, …]. A group stays one block of
 *    memory.
 */
import type { Builder } from '../onnx/builder.ts';
import type { FormSite } from './types.ts';

/** Adds the Reshape to groups. */
export function toGroups(x: string, site: FormSite, builder: Builder): string {
  const { input, groups, channels, shape = [] } = site;
  const size = channels / groups;
  const spatial = shape.slice(2);
  if (!mayBeEmpty(site)) return builder.reshape('Groups', x, [0, groups, -1]);
  if (spatial.every((dim) => dim !== undefined)) {
    return builder.reshape('Groups', x, [0, groups, spatial.reduce((product, dim) => product * dim, size)]);
  }
  const ones = (at: number) => shape.map((_, axis) => (axis === at ? size : 1));
  const dims = builder.node('Shape', 'Shape', [input]);
  const longer = builder.node('Mul', 'Longer', [dims, builder.ints('shape', ones(2))]);
  const target = builder.node('Div', 'GroupShape', [longer, builder.ints('shape', ones(1))]);
  return builder.node('Reshape', 'Groups', [x, target]);
}

/** Whether x may have no element, and the Reshape to its groups must not fail then. */
export function mayBeEmpty({ shape, plain = false }: FormSite): boolean {
  return !plain && shape !== undefined && shape.some((dim, axis) => axis !== 1 && dim === undefined);
}
