/** The norms, by name. */
import { group } from './group.ts';
import type { Norm } from './types.ts';

export const NORMS: readonly Norm[] = [group];
