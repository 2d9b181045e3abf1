/**
 * [N, C, D₁, …] → [N, G, …] and back, for tensors that may have no element.
 *
 * A Reshape can't tell what −1 stands for if another dimension is 0, so a detector without proposals would stop there.
 *
 * 1. No dimension is open, or the fusions of a consumer want it (`plain`): [0, G, −1].
 * 2. Only N is open, as behind RoiAlign: [0, G, k D₁ …], with k = C/G.
 * 3. Others are open: [N, G, k D₁, D₂, …], computed as Shape(x) · [1, 1, k, 1, …] / [1, k, 1, …]. A group stays one block of
 *    memory.
 * 4. The rank is not known: [N, G, k L], computed with L = D₁ D₂ … as the product of what Shape(x) has behind C.
 */
import type { Builder } from '../onnx/builder.ts';
import type { FormSite } from './types.ts';

/** Adds the Reshape to groups. */
export function toGroups(x: string, site: FormSite, builder: Builder): string {
  const { input, groups, channels, shape } = site;
  const size = channels / groups;
  if (!mayBeEmpty(site)) return builder.reshape('Groups', x, [0, groups, -1]);
  if (shape === undefined) return inRows('Groups', x, groups, site, builder);
  const spatial = shape.slice(2);
  if (spatial.every((dim) => dim !== undefined)) {
    return builder.reshape('Groups', x, [0, groups, spatial.reduce((product, dim) => product * dim, size)]);
  }
  const ones = (at: number) => shape.map((_, axis) => (axis === at ? size : 1));
  const dims = builder.node('Shape', 'Shape', [input]);
  const longer = builder.node('Mul', 'Longer', [dims, builder.ints('shape', ones(2))]);
  const target = builder.node('Div', 'GroupShape', [longer, builder.ints('shape', ones(1))]);
  return builder.node('Reshape', 'Groups', [x, target]);
}

/** Adds the Reshape of x, or of its groups, to [N, C, L], where the rank is not known. */
export function toChannels(x: string, site: FormSite, builder: Builder): string {
  return inRows('Channels', x, site.channels, site, builder);
}

/** (4) Adds the Reshape to so many rows for each sample. */
function inRows(role: string, x: string, rows: number, { input, channels }: FormSite, builder: Builder): string {
  const dims = builder.node('Shape', `${role}Shape`, [input]);
  const batch = builder.slice(`${role}Batch`, dims, 0, 1);
  // With a 1 in front, because a sample may be no more than its channels.
  const spatial = [builder.ints('shape', [1]), builder.slice(`${role}Spatial`, dims, 2, END)];
  const area = builder.node(
    'ReduceProd',
    `${role}Area`,
    [builder.node('Concat', `${role}Sides`, spatial, { axis: 0 })],
    {
      keepdims: 1,
    },
  );
  const size = channels / rows;
  const length = size === 1 ? area : builder.node('Mul', `${role}Length`, [area, builder.ints('shape', [size])]);
  const target = builder.node('Concat', `${role}Target`, [batch, builder.ints('shape', [rows]), length], { axis: 0 });
  return builder.node('Reshape', role, [x, target]);
}

/** Behind the last axis of any tensor. */
const END = 2 ** 31 - 1;

/** Whether x may have no element, and the Reshape to its groups must not fail then. */
export function mayBeEmpty({ shape, plain = false }: Pick<FormSite, 'shape' | 'plain'>): boolean {
  return !plain && (shape === undefined || shape.some((dim, axis) => axis !== 1 && dim === undefined));
}
