/** The optimizers, by name. */
import type { OptimizerName } from '../../gradient/losses.ts';
import { adamw } from './adamw.ts';
import { sgd } from './sgd.ts';
import type { Optimizer } from './types.ts';

export const OPTIMIZERS: Readonly<Record<OptimizerName, Optimizer>> = { adamw, sgd };
