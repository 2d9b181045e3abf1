/** The ways to initialise γ′ and β′, by name; the first is the default. */
import { copy } from './copy.ts';
import { identity } from './identity.ts';
import { statistics } from './statistics.ts';
import type { Init } from './types.ts';

export const INITS: readonly Init[] = [statistics, copy, identity];
