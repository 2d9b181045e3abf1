/** Names of losses and optimizers: a list of its own, which the table of options reads without loading the rest. */

/** Losses that can be appended by name. */
export const LOSSES = ['cross-entropy', 'bce', 'dice', 'mse', 'l1', 'huber', 'kl'] as const;

/** Name of a loss. */
export type LossName = (typeof LOSSES)[number];

/** Optimizers that can be appended. */
export const OPTIMIZERS = ['sgd', 'adamw'] as const;

/** Name of an optimizer. */
export type OptimizerName = (typeof OPTIMIZERS)[number];
