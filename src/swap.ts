/** The whole job on a model in memory, and the part of it that the command line shares. */
import { GnSwapError } from './errors.ts';
import { countFoldedConv } from './find/folded-conv.ts';
import { findSites, type Search } from './find/index.ts';
import { type ByteSource, MemorySource } from './onnx/bytes.ts';
import { digestOf } from './onnx/digest.ts';
import { type Model, opsetVersion, readModel, writeModel } from './onnx/model.ts';
import { type Plan, type PlanOptions, plan } from './plan.ts';
import { provenanceOf } from './provenance.ts';
import { type Rewritten, rewrite } from './rewrite.ts';
import type { Verification, VerifyOptions } from './verify/index.ts';
import { inMemory, type Materialize } from './verify/materialize.ts';
import { VERSION } from './version.ts';

/** Options of {@link swap}; named as on the command line. */
export interface SwapOptions
  extends PlanOptions,
    Pick<VerifyOptions, 'inputs' | 'seed' | 'memory' | 'maxDrift' | 'onProgress'> {
  /** Whether to run the result in ONNX Runtime; default true. */
  readonly verify?: boolean | undefined;
  /** Whether a site that can't be rewritten is an error; default false. */
  readonly strict?: boolean | undefined;
}

/** What {@link swap} returns. */
export interface SwapResult {
  /** The rewritten model's bytes. */
  readonly model: Uint8Array;
  readonly plan: Plan;
  /** `undefined` where verification was not wanted. */
  readonly verification: Verification | undefined;
}

/**
 * Rewrites a model: finds its norms, plans, rewrites, writes, verifies.
 *
 * @param source the bytes of an `.onnx` file without external data
 * @returns also where a check failed: see `verification.passed`
 * @throws GnSwapError `invalid-model`, `invalid-arguments`, `nothing-to-swap`, `refused`, and what {@link verify} throws
 */
export async function swap(source: Uint8Array, options: SwapOptions = {}): Promise<SwapResult> {
  const model = readModel(source);
  const search = await findAllSites(model, { run: options.verify !== false });
  const planned = planAll(search, options);
  const { model: result, sites } = await rewriteAll(search, planned, new MemorySource(source));
  const bytes = writeModel(result);
  if (options.verify === false) return { model: bytes, plan: planned, verification: undefined };
  const { verify } = await import('./verify/index.ts');
  const { inputs, seed, memory, maxDrift, onProgress } = options;
  const verification = await verify({
    source: { model, file: source },
    written: { model: readModel(bytes), file: bytes },
    ...{ sites, inputs, seed, memory, maxDrift },
    ...(onProgress === undefined ? {} : { onProgress }),
  });
  return { model: bytes, plan: planned, verification };
}

/** {@link findSites}, with constant expressions computed where `run` allows to load ONNX Runtime and one needs it. */
export async function findAllSites(
  model: Model,
  { run, materialize = inMemory }: { run: boolean; materialize?: Materialize },
): Promise<Search> {
  const search = findSites(model);
  if (!run || search.unevaluated.length === 0) return search;
  const { evaluateConstants } = await import('./verify/evaluate.ts');
  return findSites(model, await evaluateConstants(search.model, search.unevaluated, materialize));
}

/**
 * {@link plan} for what a search found, which must leave something to do.
 *
 * @throws GnSwapError `nothing-to-swap` where no site can be rewritten, `refused` where one can't and that is not allowed
 */
export function planAll(search: Search, options: SwapOptions): Plan {
  const { model, sites, refusals } = search;
  const planned = plan(sites, opsetVersion(model.proto) ?? 0, options, refusals);
  const unwanted = planned.refusals.filter(({ code }) => code !== 'excluded');
  const [first] = unwanted;
  if (options.strict === true && first !== undefined) {
    throw new GnSwapError('refused', `${unwanted.length} can't be swapped, and --strict is set; ${first.reason}`, {
      node: first.name,
      remedy: first.remedy,
    });
  }
  if (planned.sites.length === 0) throw nothingToSwap(model, planned);
  return planned;
}

function nothingToSwap(model: Model, { refusals }: Plan): GnSwapError {
  const [first] = refusals;
  if (first !== undefined) {
    const count = `${refusals.length} BatchNormalization node${refusals.length === 1 ? '' : 's'}`;
    return new GnSwapError('nothing-to-swap', `${count}, and none can be swapped: ${first.reason}`, {
      node: first.name,
      remedy: first.remedy,
    });
  }
  const folded = countFoldedConv(model);
  const instead = folded === 0 ? '' : `; ${folded} Conv look as if their BatchNormalization was folded in`;
  return new GnSwapError('nothing-to-swap', `0 BatchNormalization nodes${instead}`, {
    remedy:
      folded === 0
        ? 'Give a model that has BatchNormalization'
        : 'Export the model with its norms kept (in PyTorch training=TrainingMode.PRESERVE, do_constant_folding=False)',
  });
}

/** {@link rewrite} with provenance: the fingerprint of the source and the version of this package. */
export async function rewriteAll(search: Search, planned: Plan, source: ByteSource): Promise<Rewritten> {
  return rewrite(search.model, planned, provenanceOf(planned, await digestOf(source), VERSION));
}
