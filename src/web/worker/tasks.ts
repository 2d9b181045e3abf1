/** The tasks of a page: the same jobs as those of the command line, on files that were dropped. */

import type { CallOptions } from '../../call/arguments.ts';
import { inspectModel } from '../../jobs/inspect.ts';
import type { Job } from '../../jobs/job.ts';
import { type SwapHost, swapModel } from '../../jobs/swap.ts';
import { externalLocations } from '../../onnx/external-data.ts';
import { encodeModel } from '../../onnx/model.ts';
import type { Values } from '../../runtime/session.ts';
import type { OutputFile, TaskFiles, TaskName } from '../messages.ts';
import { BlobSource, blobOf } from './blob-source.ts';
import { type Given, outputOf, type Task } from './given.ts';
import { WebHome } from './home.ts';
import { samplesOf } from './samples.ts';

/** Runs a task. What it finds out is in the job's draft. @returns the file that it made */
export const TASKS: Readonly<Record<TaskName, Task>> = {
  inspect: async (job, { home, call, files }) => {
    job.read(home.model);
    await inspectModel(job, home.model, { ...call.swap, verify: call.verify }, dataOpener(call, files));
    return undefined;
  },
  swap,
  check,
  // It is large, and most runs do not train.
  finetune: async (job, given) => (await import('./train.ts')).train(job, given),
};

async function swap(job: Job, { name, home, call, files }: Given): Promise<OutputFile | undefined> {
  job.read(home.model);
  let written: WebHome | undefined;
  const begin: SwapHost['begin'] = async ({ model }) => ({
    async write(rewritten) {
      const made = home.written(blobOf(encodeModel(rewritten)), name);
      written = made;
      const data = externalLocations(model.proto);
      if (data.length > 0) job.draft.externalData = { files: data, carried: 'unchanged' };
      return () => made.model;
    },
  });
  const options = {
    ...call.swap,
    inputs: await inputsOf(files),
    verify: call.verify,
    time: true,
    onProgress: job.onProgress,
  };
  await swapModel(job, home.model, options, {
    openData: dataOpener(call, files),
    begin,
    countsFolded: true,
    observe: () => home.size,
  });
  if (written === undefined || job.draft.verification?.passed === false) return undefined;
  return outputOf(job, written, name.replace(/(\.onnx)?$/i, `.${job.draft.plan?.tag ?? 'gn'}.onnx`));
}

async function check(job: Job, { home, call, files }: Given): Promise<undefined> {
  const { checkFile, openSource } = await import('../../jobs/check.ts');
  const { against } = files;
  const source = against && WebHome.of(against);
  const given = source && (await openSource(source.model, against.file.name, call.verify));
  const { seed, memory, maxDrift, minKept, tasks } = call.swap;
  const read = () => {
    job.read(home.model);
    return home.model;
  };
  job.draft.check = await checkFile(read, {
    source: given,
    run: call.verify,
    requireRecord: call.requireRecord,
    observe: source && given && { source: given.search.model, bytes: source.size },
    inputs: await inputsOf(files),
    seed,
    memory,
    maxDrift,
    minKept,
    tasks,
    time: source !== undefined,
    onProgress: job.onProgress,
  });
  job.lap('check');
}

/** How the samples of a run are opened; `undefined` if there are none. */
function dataOpener(
  { images, samples, swap: { seed = 0 } }: CallOptions,
  { calibrate }: TaskFiles,
): SwapHost['openData'] {
  if (calibrate === undefined) return undefined;
  return async (model) => {
    const { openData } = await import('../../inputs/open.ts');
    const { path, reader } = samplesOf(calibrate, 'samples');
    return { ...(await openData(path, model, { ...images, samples, seed }, reader)), path };
  };
}

async function inputsOf({ inputs }: TaskFiles): Promise<Values | undefined> {
  if (inputs === undefined) return undefined;
  const { readNpz } = await import('../../inputs/npz.ts');
  return Object.fromEntries(readNpz(new BlobSource(inputs, inputs.name).read(0, inputs.size), inputs.name));
}
