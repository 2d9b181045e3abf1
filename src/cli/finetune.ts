/** `gn-swap finetune` on disk: a model and a folder of samples → the same model with trained weights. */
import * as path from 'node:path';
import type { CallOptions } from '../call/arguments.ts';
import { type FinetuneCall, requireData } from '../call/finetune.ts';
import { GnSwapError } from '../errors.ts';
import { sha256 } from '../host/node.ts';
import type { LabelledData } from '../inputs/labelled/types.ts';
import type { Outcome } from '../jobs/outcome.ts';
import { digestOf } from '../onnx/digest.ts';
import { externalLocations } from '../onnx/external-data.ts';
import { encodeModel, fileOf, type Model } from '../onnx/model.ts';
import type { FitEvent, FitState } from '../train/fit-types.ts';
import type { RunKey } from '../train/other-run.ts';
import { checkTarget, DISK, DiskHome, type Staging } from './disk/index.ts';
import { readState, removeState } from './disk/state.ts';
import { onInterrupt } from './interrupt.ts';
import { readLoss } from './loss.ts';
import { RunState } from './run-state.ts';
import { withModel } from './session.ts';

/** `model.onnx` → `model.ft.onnx` beside it. */
export function finetuneTarget(file: string, output: string | undefined): string {
  const { dir, name } = path.parse(file);
  return output ?? path.join(dir, `${name}.ft.onnx`);
}

/** Where the state of a run that is not finished is. */
function stateOf(target: string): string {
  return `${target}.state`;
}

/** Trains a file. What goes wrong is in the outcome, not thrown. */
export function finetuneFile(
  file: string,
  target: string,
  call: CallOptions & { readonly finetune: FinetuneCall },
  onEvent: (event: FitEvent) => void,
): Promise<Outcome> {
  return withModel(
    file,
    'finetune',
    () => {},
    async (job, home) => {
      const { draft } = job;
      draft.typed = call.commandLine;
      const folder = requireData(call.finetune);
      const isForced = call.force || call.finetune.resume;
      const locations = externalLocations(home.model.proto);
      if (call.reports.length > 0) (await import('./reports.ts')).checkReportsBeside(call, file, locations);
      checkTarget(target, file, isForced);
      const saved = stateFor(target, call.force, call.finetune.resume);
      const { openTraining, taskFor, withInputsOf } = await import('../call/training.ts');
      onEvent({ kind: 'phase', phase: 'samples', done: 0, of: 0, epoch: 0 });
      const task = await taskFor(call.finetune, folder, DISK, home.model);
      const asked = { ...call.finetune, task };
      const { asMeant } = await import('../inputs/as-meant.ts');
      const model = asMeant(home.model, call.swap);
      const lossFile = asked.lossModel === undefined ? undefined : readLoss(asked.lossModel);
      const { sets, options: asOptions } = await openTraining(folder, model, asked, call.images, DISK, {
        lossModel: lossFile,
        memory: call.swap.memory,
      });
      job.lap('data');
      const { finetune } = await import('../jobs/finetune.ts');
      const { encodeState, decodeState } = await import('../train/state.ts');
      const key = keyOf(home.model, lossFile, sets, asked, call);
      const resume = saved === undefined ? undefined : decodeState(saved, stateOf(target), key);
      const before = resume === undefined ? 0 : resume.history.length - 1;
      const states = new RunState(stateOf(target), before, (state) => encodeState(state, key));
      const abort = new AbortController();
      const release = onInterrupt(() => abort.abort());
      const teacher = asked.teacher === undefined ? undefined : new DiskHome(asked.teacher);
      let written: { readonly home: DiskHome; readonly staging: Staging; readonly bytes: number } | undefined;
      const write = async (trained: Model) => {
        const staging = home.stage(target);
        home.carry(staging, locations, isForced);
        const encoded = encodeModel(withInputsOf(home.model, trained));
        await staging.write(encoded).catch((error) => {
          throw readState(stateOf(target)) === undefined ? error : savedAlready(error);
        });
        written = { home: new DiskHome(staging.model, staging), staging, bytes: encoded.length };
        return asMeant(written.home.model, call.swap);
      };
      try {
        const onEpoch = (state: FitState) => states.save(state);
        const options = { ...asOptions, teacher: teacher?.model, resume, onEvent, onEpoch, signal: abort.signal };
        const { facts } = await finetune(model, sets.train, options, write).catch((error) => {
          states.failed();
          throw error;
        });
        draft.finetune = { ...facts, notes: [...facts.notes, ...states.notes()] };
        job.lap('train');
        if (written !== undefined) {
          written.staging.commit(isForced);
          draft.output = target;
          draft.outputBytes = written.bytes;
        }
        if (facts.stopped !== 'interrupted') removeState(stateOf(target));
      } finally {
        release();
        written?.home.close();
        teacher?.close();
      }
    },
  );
}

/** For an output that could not be written, when the training that it comes from was saved. */
function savedAlready(error: unknown): unknown {
  if (!(error instanceof GnSwapError) || error.code !== 'unwritable') return error;
  const { message, file, cause } = error;
  return new GnSwapError(error.code, message, {
    ...(file !== undefined && { file }),
    cause,
    remedy: 'Training is saved. Free some space, and add --resume to write the file',
  });
}

/** The bytes of the state to go on from; undefined to start over. */
function stateFor(target: string, force: boolean, resume: boolean): Uint8Array | undefined {
  const saved = readState(stateOf(target));
  if (resume && saved === undefined) {
    throw new GnSwapError('invalid-arguments', 'there is no unfinished run to go on with', {
      file: stateOf(target),
      remedy: 'Leave --resume out',
    });
  }
  if (saved === undefined || resume) return saved;
  if (force) {
    removeState(stateOf(target));
    return undefined;
  }
  throw new GnSwapError('output-exists', 'an unfinished run is there', {
    file: stateOf(target),
    remedy: 'Add --resume to go on with it, or --force to start over',
  });
}

/** All that the numbers of a run depend on. */
function keyOf(
  model: Model,
  loss: Model | undefined,
  { train, val }: { readonly train: LabelledData; readonly val?: LabelledData | undefined },
  asked: FinetuneCall,
  { images, swap: { batchAxis, memory } }: CallOptions,
): RunKey {
  const { resume: _, data: __, ...options } = asked;
  const digest = (of: Model | undefined) => {
    const file = of && fileOf(of);
    return file === undefined ? '' : digestOf(file);
  };
  // Within less memory, fewer samples share a run, and sums round otherwise.
  const cut = asked.batch > 1 ? { memory } : {};
  // Lists of a hundred thousand names would be most of a state.
  const listed = (of: unknown) => sha256([JSON.stringify(of ?? null)]);
  const labels = listed([train, val].map((it) => it && [it.strata, it.classes]));
  const parts = { samples: listed(train.names), heldOut: listed(val?.names), labels };
  return { model: digest(model), lossFile: digest(loss), ...parts, images, batchAxis, ...cut, ...options };
}
