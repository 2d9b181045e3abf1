/** A rewritten model, damaged where a test wants it, and what a check finds. */
import type { Fixture } from '../../fixtures/index.ts';
import { type CheckOptions, type CheckReport, checkModel } from '../../src/check/index.ts';
import type { Finding } from '../../src/check/types.ts';
import type { SwapOptions } from '../../src/jobs/swap.ts';
import { MemorySource } from '../../src/onnx/bytes.ts';
import { digestOf } from '../../src/onnx/digest.ts';
import { type Model, readModel, writeModel } from '../../src/onnx/model.ts';
import type { PlanOptions } from '../../src/plan/choices.ts';
import { planAll } from '../../src/plan/refuse.ts';
import type { RewrittenSite } from '../../src/rewrite/index.ts';
import { findAllSites } from '../../src/rewrite/merged-sites.ts';
import { rewriteAll } from '../../src/rewrite/recorded.ts';
import { modelOf } from './swapped.ts';

/** A source, and what gn-swap made of it, as the command line does. */
export interface Made {
  readonly source: NonNullable<CheckOptions['source']>;
  readonly model: Model;
  readonly sites: readonly RewrittenSite[];
}

type Options = PlanOptions & Pick<SwapOptions, 'absorbAffine'>;

/** Rewrites a model given by its bytes, with its record. */
export async function made(bytes: Uint8Array, options: Options = {}, of: Model = readModel(bytes)): Promise<Made> {
  const search = await findAllSites(of, { run: true, ...options });
  const { model, sites } = rewriteAll(search, planAll(search, options), new MemorySource(bytes));
  const label = 'source.onnx';
  const digest = digestOf(new MemorySource(bytes));
  return {
    source: {
      model: of,
      label,
      digest,
      search: await findAllSites(of, { run: true, sites: 'all' }),
      absorbed: () => findAllSites(of, { run: true, sites: 'all', absorbAffine: true }),
      everywhere: () => findAllSites(of, { run: true, sites: 'all', include: [/(?:)/] }),
    },
    model,
    sites,
  };
}

/** {@link made} of a fixture. */
export function madeOf(fixture: Fixture, options: Options = {}): Promise<Made> {
  const model = modelOf(fixture);
  return made(writeModel(model), options, model);
}

/** What a check finds in a model, as written and read back. */
export function checked(model: Model, options: Partial<CheckOptions> = {}): Promise<CheckReport> {
  const bytes = writeModel(model);
  return checkModel({ written: readModel(bytes, model.home), run: false, ...options });
}

/** All findings of a report, in order. */
export function findingsOf({ checks }: CheckReport): Finding[] {
  return checks.flatMap(({ findings }) => findings);
}

/** Rules of the errors, each once, in order. */
export function errorsOf(report: CheckReport): string[] {
  const errors = findingsOf(report).filter(({ severity }) => severity === 'error');
  return [...new Set(errors.map(({ rule }) => rule))];
}
