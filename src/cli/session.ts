/** The one place that owns open → plan → rewrite → write → verify → commit for a file, and frees what it opened. */
import * as path from 'node:path';
import type { Calibration } from '../calibrate/calibration.ts';
import { GnSwapError } from '../errors.ts';
import { countFoldedConv } from '../find/index.ts';
import { asMeant } from '../inputs/as-meant.ts';
import type { OpenedData } from '../inputs/open.ts';
import type { CalibrationFacts, Outcome } from '../jobs/outcome.ts';
import {
  findAllSites,
  heldOutProof,
  planAll,
  planSearch,
  refuseUnusedData,
  refuseWithoutData,
  rewriteAll,
  type SwapOptions,
  solved,
  withoutLost,
} from '../jobs/swap.ts';
import { externalLocations } from '../onnx/external-data.ts';
import { encodeModel, type Model, opsetVersion } from '../onnx/model.ts';
import { normFor } from '../plan/choices.ts';
import type { Rewritten } from '../rewrite/index.ts';
import type { Values } from '../runtime/session.ts';
import type { Verification, VerifyOptions } from '../verify/verification.ts';
import type { CallOptions } from './arguments.ts';
import { checkTarget, DiskHome, listFiles, readWhole, type Staging } from './disk/index.ts';

/** Told what goes on, for a progress bar. */
export type OnProgress = (step: string, done: number, of: number) => void;

/** A job's facts as they become known; what is known when it fails is still reported. */
type Draft = { -readonly [K in keyof Outcome]: Outcome[K] } & { timings: Record<string, number> };

/** Rewrites a file. What goes wrong is in the outcome, not thrown. */
export function swapFile(file: string, target: string, call: CallOptions, onProgress: OnProgress): Promise<Outcome> {
  return withModel(file, 'swap', async (draft, { home, model: given, lap }) => {
    const model = asMeant(given, call.swap);
    if (!call.dryRun) checkTarget(target, file, call.force);
    const inputs = call.inputs === undefined ? undefined : await readInputs(call.inputs);
    // ONNX Runtime is loaded where it must be: for verification, or for calibration.
    const all = await findAllSites(model, {
      ...call.swap,
      run: call.verify || call.calibrate !== undefined,
    });
    const hasData = call.calibrate !== undefined || call.moments.length > 0;
    if (hasData) refuseUnusedData(call.swap);
    else refuseWithoutData(all, call.swap);
    const search = hasData ? all : withoutLost(all, call.swap);
    lap('find');
    // Before anything is solved: what the plan refuses needs no data.
    const planned = planAll(search, call.swap);
    const { sites = 'batchnorm', to } = call.swap;
    // Not where these are sites anyway, or can be none of this norm.
    if (sites === 'batchnorm' && normFor(to).data === 'optional') draft.foldedConv = countFoldedConv(model);
    const data = call.calibrate === undefined ? undefined : await openCalibration(call, call.calibrate, model);
    const options: SwapOptions = { ...call.swap, calibrate: data?.data, onProgress };

    const locations = externalLocations(search.model.proto);
    if (call.reports.length > 0) (await import('./reports.ts')).checkReportsBeside(call, file, locations);
    const staging = call.dryRun ? undefined : home.stage(target);
    if (staging !== undefined) home.carry(staging, locations, call.force);
    const measured = data !== undefined && call.verify && inputs === undefined;
    const shards =
      call.moments.length > 0
        ? await (await import('./moments.ts')).solveFromShards(planned, call, home.file)
        : undefined;
    const { plan, calibration } = shards ?? (await solved(search, planned, options));
    draft.plan = plan;
    const facts = shards?.facts ?? (calibration && data && factsOf(call, calibration, data, measured));
    if (facts !== undefined) {
      draft.calibration = facts;
      lap('calibrate');
    }
    const rewritten = rewriteAll(search, plan, home.file, call.swap.for);
    lap('rewrite');
    if (staging === undefined) return;
    const encoded = encodeModel(rewritten.model);
    await staging.write(encoded);
    lap('write');
    if (call.verify) {
      const proof = measured && calibration && (await heldOutProof(model, calibration, options));
      const verification = await verifyStaged(model, staging, rewritten, {
        seed: options.seed,
        memory: options.memory,
        maxDrift: options.maxDrift,
        minKept: options.minKept,
        tasks: options.tasks,
        onProgress,
        ...(call.reports.length === 0 ? {} : { observe: { source: search.model, plan, bytes: home.size } }),
        ...(proof || { inputs }),
      });
      draft.verification = verification;
      lap('verify');
      if (!verification.passed) return;
    }
    const { carried } = staging;
    if (carried !== undefined) draft.externalData = { files: locations, carried };
    staging.commit(call.force);
    draft.output = target;
    draft.outputBytes = encoded.length;
  });
}

async function verifyStaged(
  source: Model,
  staging: Staging,
  { sites }: Rewritten,
  options: Omit<VerifyOptions, 'source' | 'written' | 'sites'>,
): Promise<Verification> {
  const { verify } = await import('../verify/index.ts');
  const home = new DiskHome(staging.model, staging);
  try {
    return await verify({ ...options, source, written: home.model, sites });
  } finally {
    home.close();
  }
}

/** Opens the calibration inputs of a call. */
export async function openCalibration(call: CallOptions, path: string, model: Model): Promise<OpenedData> {
  const { openData } = await import('../inputs/open.ts');
  const { samples, images, swap } = call;
  return openData(path, model, { ...images, samples, seed: swap.seed ?? 0 }, { list: listFiles, read: readWhole });
}

function factsOf(
  { calibrate = '', swap }: CallOptions,
  { fits, mismatch, moved, reading, choice, solvedOn, heldOut }: Calibration,
  { skipped, pictures, isOrderAssumed }: OpenedData,
  measured: boolean,
): CalibrationFacts {
  return {
    ...{ path: calibrate, seed: swap.seed ?? 0, fits, mismatch, skipped, pictures, isOrderAssumed, measured },
    ...{
      solvedOn: solvedOn.length,
      heldOut: heldOut.length,
      ...(moved && { moved }),
      ...(reading && { reading }),
      ...(choice && { choice }),
    },
  };
}

/** Finds and plans, and writes nothing. */
export function inspectFile(file: string, call: CallOptions): Promise<Outcome> {
  return withModel(file, 'inspect', async (draft, { model: given, lap }) => {
    const model = asMeant(given, call.swap);
    const search = await findAllSites(model, { ...call.swap, run: call.verify });
    draft.plan = planSearch(search, call.swap);
    draft.foldedConv = countFoldedConv(model);
    lap('find');
  });
}

interface Opened {
  readonly home: DiskHome;
  readonly model: Model;
  /** Notes how long it is since the last lap, under a step's name. */
  lap(step: string): void;
}

/** Opens a model, works on it, frees it, and turns what goes wrong into a part of the outcome. */
export async function withModel(
  file: string,
  command: Outcome['command'],
  work: (draft: Draft, opened: Opened) => Promise<void>,
): Promise<Outcome> {
  const draft: Draft = { file, command, timings: {} };
  let last = performance.now();
  const lap = (step: string) => {
    const now = performance.now();
    draft.timings[step] = now - last;
    last = now;
  };
  try {
    const home = new DiskHome(file);
    try {
      const { model } = home;
      const { irVersion, producerName, producerVersion } = model.proto;
      draft.model = {
        irVersion: Number(irVersion),
        opset: opsetVersion(model.proto) ?? 0,
        producer: [producerName, producerVersion].filter((part) => part !== '').join(' '),
        bytes: home.file.size,
      };
      lap('read');
      await work(draft, { home, model, lap });
    } finally {
      home.close();
    }
  } catch (error) {
    draft.error = asKnown(error).in(file);
  }
  return draft;
}

/** An error that nobody foresaw is reported as such: a damaged model must not end in a stack trace. */
function asKnown(error: unknown): GnSwapError {
  if (error instanceof GnSwapError) return error;
  const detail = error instanceof Error ? error.message : String(error);
  return new GnSwapError('internal', `gn-swap failed on it in a way it should not: ${detail}`, {
    remedy: 'Please report this, with the model if you can; --verbose shows where',
    cause: error,
  });
}

export async function readInputs(file: string): Promise<Values> {
  const { readNpz } = await import('../inputs/npz.ts');
  return Object.fromEntries(readNpz(readWhole(file), file));
}

/** Where the output goes: as said, in the folder that was said, or beside the source with the norm's tag in its name. */
export function targetOf(file: string, tag: string, output: string | undefined, intoFolder: boolean): string {
  const { dir, name, ext } = path.parse(file);
  const own = `${name}.${tag}${ext === '' ? '.onnx' : ext}`;
  if (output === undefined) return path.join(dir, own);
  return intoFolder ? path.join(output, own) : output;
}

/** The exit status that an outcome stands for. */
export function exitStatus({ error, verification, check }: Outcome): 0 | 1 | 2 {
  if (error !== undefined) return 2;
  return verification?.passed === false || check?.passed === false ? 1 : 0;
}
