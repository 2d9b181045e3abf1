/** Names of losses and optimizers: a list of its own, which the table of options reads without loading the rest. */

export const LOSSES = ['cross-entropy', 'bce', 'dice', 'mse', 'l1', 'huber', 'kl'] as const;

export type LossName = (typeof LOSSES)[number];

export const OPTIMIZERS = ['sgd', 'adamw'] as const;

export type OptimizerName = (typeof OPTIMIZERS)[number];
