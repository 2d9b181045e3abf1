/** A job on a file: opened, worked on, freed, with what goes wrong in its outcome. */

import type { CallOptions } from '../call/arguments.ts';
import { type Draft, Job, type OnProgress, outcomeOf } from '../jobs/job.ts';
import type { Outcome } from '../jobs/outcome.ts';
import type { JobData } from '../jobs/solve.ts';
import type { Model } from '../onnx/model.ts';
import type { Values } from '../runtime/session.ts';
import { DISK, DiskHome, readWhole, receiveModel } from './disk/index.ts';
import { labelOf, STANDARD } from './standard.ts';

/** Opens a file, or what comes on stdin, works on it, and frees it. */
export function withHome(
  file: string,
  command: Draft['command'],
  onProgress: OnProgress,
  work: (job: Job, home: DiskHome) => Promise<void>,
): Promise<Outcome> {
  const job = new Job(labelOf(file), command, onProgress);
  return outcomeOf(job, async () => {
    const received = file === STANDARD ? await receiveModel() : undefined;
    try {
      const home = new DiskHome(received?.model ?? file, received, received !== undefined);
      try {
        await work(job, home);
      } finally {
        home.close();
      }
    } finally {
      received?.discard();
    }
  });
}

/** {@link withHome} of a file that must be a model. */
export function withModel(
  file: string,
  command: Draft['command'],
  onProgress: OnProgress,
  work: (job: Job, home: DiskHome) => Promise<void>,
): Promise<Outcome> {
  return withHome(file, command, onProgress, (job, home) => {
    job.read(home.model);
    return work(job, home);
  });
}

/** How the calibration inputs of a call are opened; `undefined` if it names none. */
export function dataOpener(call: CallOptions): ((model: Model) => Promise<JobData>) | undefined {
  const { calibrate: path, samples, images, swap } = call;
  if (path === undefined) return undefined;
  return async (model) => {
    const { openData } = await import('../inputs/open.ts');
    const options = { ...images, samples, seed: swap.seed ?? 0 };
    return { ...(await openData(path, model, options, DISK)), path };
  };
}

/** The inputs of an `.npz`, by name. */
export async function readInputs(file: string): Promise<Values> {
  const { readNpz } = await import('../inputs/npz.ts');
  return Object.fromEntries(readNpz(readWhole(file), file));
}

/** The exit status that an outcome stands for. */
export function exitStatus({ error, verification, check }: Outcome): 0 | 1 | 2 {
  if (error !== undefined) return 2;
  return verification?.passed === false || check?.passed === false ? 1 : 0;
}
