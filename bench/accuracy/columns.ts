/** Ways to choose a site's groups that are compared. */
import { type GroupBounds, groupsWithin } from '../../src/norms/group.ts';
import type { Column } from './variant.ts';

/** What a user can ask for by `--groups`. */
export const OPTIONS: readonly Column[] = ([1, 2, 4, 8, 16, 32, 'paper', 'auto'] as const).map((groups) => ({
  title: String(groups),
  groupsFor: () => groups,
}));

/** Rules that `--groups auto` could follow: bounds on the groups and on the channels in one. */
export const RULES: readonly Column[] = [
  within(4, 2),
  within(8, 2),
  within(8, 8),
  within(8, 16),
  within(8, 32),
  within(32, 8),
  within(32, 16),
  within(32, 32),
  within(32, 64),
];

function within(most: number, leastChannels: number): Column {
  const bounds: GroupBounds = { most, leastChannels };
  return { title: `≤${most}, ≥${leastChannels} ch`, groupsFor: ({ channels }) => groupsWithin(channels, bounds) };
}
