/** Model → sites, with constant expressions among their parameters computed by ONNX Runtime. */
import { GnSwapError } from '../errors.ts';
import type { Model } from '../onnx/model.ts';
import { findSites, type Search } from './index.ts';
import type { SiteKind } from './kinds.ts';

/** How {@link findEvaluated} goes about it. */
export interface EvaluateOptions {
  /** Whether ONNX Runtime may be loaded. */
  readonly run: boolean;
  readonly sites?: SiteKind | undefined;
  /** Expressions for names of Conv that are sites of `folded` whatever they look like. */
  readonly include?: readonly RegExp[] | undefined;
}

/**
 * Finds the sites of a model. ONNX Runtime is loaded if a constant expression must be computed and `run` allows it. If that fails,
 * only the sites concerned are refused.
 */
export async function findEvaluated(model: Model, { run, sites, include }: EvaluateOptions): Promise<Search> {
  const search = findSites(model, undefined, sites, include);
  if (!run || search.unevaluated.length === 0) return search;
  try {
    const { evaluateConstants } = await import('../runtime/evaluate.ts');
    const evaluated = await evaluateConstants(search.model, search.unevaluated);
    return findSites(model, evaluated, sites, include);
  } catch (error) {
    if (!(error instanceof GnSwapError) || !error.code.startsWith('runtime-')) throw error;
    const { message, remedy = 'Export the model with its parameters stored' } = error;
    const reason = `its parameters cannot be computed: ${message}`;
    const refusals = search.refusals.map((it) =>
      it.code === 'parameters-need-running' ? { ...it, reason, remedy } : it,
    );
    return { ...search, refusals };
  }
}
