/** Names of losses and optimizers: a list of its own, which the table of options reads without loading the rest. */

/** Name of a loss. */
export type LossName = 'cross-entropy' | 'bce' | 'dice' | 'mse' | 'l1' | 'huber' | 'kl';

/** Losses that can be appended by name. */
export const LOSSES: readonly LossName[] = ['cross-entropy', 'bce', 'dice', 'mse', 'l1', 'huber', 'kl'];

/** Name of an optimizer. */
export type OptimizerName = 'sgd' | 'adamw';

/** Optimizers that can be appended. */
export const OPTIMIZERS: readonly OptimizerName[] = ['sgd', 'adamw'];
