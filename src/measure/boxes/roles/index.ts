/** Which outputs of a detector hold boxes, and which hold scores. */

import { bySize } from './by-size.ts';
import { distances } from './distances.ts';
import { found } from './found.ts';
import { maps } from './maps.ts';
import { named } from './named.ts';
import { oneTable } from './one-table.ts';
import { twoTables } from './two-tables.ts';
import type { RoleFinder } from './types.ts';

/** In the order that they are asked: what says most comes first. */
const FINDERS: readonly RoleFinder[] = [named, found, oneTable, twoTables, distances, maps, bySize];

/** Finds the roles of a detector's outputs; undefined if these are not the outputs of one. */
export const rolesOf: RoleFinder = (outputs, context, asked) => {
  for (const find of FINDERS) {
    const roles = find(outputs, context, asked);
    if (roles !== undefined) return roles;
  }
  return undefined;
};
