/** A swap of a file: its home, its output in the making, and what is reported beside it. */
import * as path from 'node:path';
import type { CallOptions } from '../call/arguments.ts';
import { GnSwapError } from '../errors.ts';
import type { OnProgress } from '../jobs/job.ts';
import type { Outcome } from '../jobs/outcome.ts';
import { type SwapHost, swapModel } from '../jobs/swap.ts';
import { externalLocations } from '../onnx/external-data.ts';
import { encodeModel } from '../onnx/model.ts';
import { checkTarget, DiskHome, readWhole, STAGED_FOR_STDOUT, type Staging, sendModel } from './disk/index.ts';
import { recordApart } from './record.ts';
import { dataOpener, readInputs, withModel } from './session.ts';
import { STANDARD, STDIN, STDOUT } from './standard.ts';

/** An output that was begun. */
interface Begun {
  readonly staging: Staging;
  /** Files of external data. */
  readonly locations: readonly string[];
  /** The output as it was read back. */
  written?: { readonly home: DiskHome; readonly bytes: number };
}

/** Rewrites a file. What goes wrong is in the outcome, not thrown. */
export function swapFile(file: string, target: string, call: CallOptions, onProgress: OnProgress): Promise<Outcome> {
  return withModel(file, 'swap', onProgress, async (job, home) => {
    job.draft.typed = call.commandLine;
    const toStdout = target === STANDARD;
    if (!call.dryRun && !toStdout) checkTarget(target, file, call.force);
    const inputs = call.inputs === undefined ? undefined : await readInputs(call.inputs);
    let begun: Begun | undefined;
    const begin: SwapHost['begin'] = async ({ model }) => {
      const locations = externalLocations(model.proto);
      if (call.reports.length > 0) (await import('./reports.ts')).checkReportsBeside(call, file, locations);
      if (call.dryRun) return undefined;
      if (toStdout) refuseExternal(locations);
      const own: Begun = { staging: home.stage(toStdout ? STAGED_FOR_STDOUT : target), locations };
      begun = own;
      home.carry(own.staging, locations, call.force);
      return {
        async write(rewritten) {
          const encoded = encodeModel(rewritten);
          // The disk works while it is verified.
          await own.staging.writeSoon(encoded);
          const written = new DiskHome(own.staging.model, own.staging);
          own.written = { home: written, bytes: encoded.length };
          return () => written.model;
        },
      };
    };
    const options = { ...call.swap, inputs, verify: call.verify, time: true, onProgress };
    try {
      await swapModel(job, home.model, options, {
        openData: dataOpener(call),
        shards:
          call.moments.length === 0 ? undefined : () => call.moments.map((it) => ({ file: it, bytes: readWhole(it) })),
        begin,
        countsFolded: true,
        record: recordApart,
        observe: call.reports.length === 0 ? undefined : () => home.size,
      });
    } finally {
      // A file that is open can't be removed on every system; whether the disk has it, is told before it is committed.
      await begun?.staging.settle().catch(() => {});
      begun?.written?.home.close();
    }
    if (begun?.written === undefined || job.draft.verification?.passed === false) return;
    const { staging, locations, written } = begun;
    const { carried } = staging;
    if (carried !== undefined) job.draft.externalData = { files: locations, carried };
    if (toStdout) await sendModel(staging);
    else {
      await staging.settle();
      staging.commit(call.force);
    }
    job.draft.output = toStdout ? STDOUT : target;
    job.draft.outputBytes = written.bytes;
  });
}

/** A model on stdout comes without the files that hold its weights. */
function refuseExternal(locations: readonly string[]): void {
  if (locations.length === 0) return;
  const named = JSON.stringify(locations[0]);
  throw new GnSwapError('invalid-arguments', `its weights are in ${named}, which cannot go to stdout`, {
    remedy: 'Use --output FILE',
    next: { set: { output: 'model.gn.onnx' } },
  });
}

/** Where the output goes: as said, in the folder that was said, or beside the source with the norm's tag in its name. */
export function targetOf(file: string, tag: string, output: string | undefined, intoFolder: boolean): string {
  if (output === STANDARD || (file === STANDARD && output === undefined)) return STANDARD;
  const { dir, name, ext } = path.parse(file === STANDARD ? STDIN : file);
  const own = `${name}.${tag}${ext === '' ? '.onnx' : ext}`;
  if (output === undefined) return path.join(dir, own);
  return intoFolder ? path.join(output, own) : output;
}
