/** Training on samples that were dropped. */
import { requireData } from '../../call/finetune.ts';
import { openTraining, taskFor, withInputsOf } from '../../call/training.ts';
import { GnSwapError } from '../../errors.ts';
import { asMeant } from '../../inputs/as-meant.ts';
import { finetune } from '../../jobs/finetune.ts';
import type { Job } from '../../jobs/job.ts';
import { encodeModel, type Model } from '../../onnx/model.ts';
import type { FitEvent, FitPhase } from '../../train/fit-types.ts';
import type { OutputFile, Progress } from '../messages.ts';
import { blobOf } from './blob-source.ts';
import { breathing } from './breath.ts';
import { type Given, outputOf } from './given.ts';
import { WebHome } from './home.ts';
import { samplesOf } from './samples.ts';

/** Trains the model. What it finds out is in the job's draft. @returns the file that it made */
export async function train(job: Job, given: Given): Promise<OutputFile | undefined> {
  const { name, home, call, files, finish, onProgress } = given;
  job.read(home.model);
  if (call.finetune === undefined) throw new Error('the options of finetune were not read');
  requireData(call.finetune);
  if (call.finetune.lossModel !== undefined) {
    throw new GnSwapError('invalid-arguments', 'a loss that is a model is not read in a browser', {
      node: '--loss',
      remedy: 'Name a loss, or use the command line',
    });
  }
  const model = asMeant(home.model, call.swap);
  const samples = samplesOf(files.data ?? [], 'data');
  const keep = files.keep && samplesOf(files.keep, 'keep');
  const reader = {
    list: (path: string) => (path === keep?.path ? keep.reader : samples.reader).list(path),
    read: (path: string) => (path.startsWith(`${keep?.path}/`) ? keep : samples)?.reader.read(path) ?? new Uint8Array(),
  };
  const typed = { ...call.finetune, keep: keep?.path };
  const asked = { ...typed, task: await taskFor(typed, samples.path, reader, model) };
  const { sets, options } = await openTraining(samples.path, model, asked, call.images, reader);
  job.lap('data');
  let written: WebHome | undefined;
  const write = async (trained: Model) => {
    written = home.written(blobOf(encodeModel(withInputsOf(home.model, trained))), name);
    return asMeant(written.model, call.swap);
  };
  const teacher = files.teacher && WebHome.of(files.teacher).model;
  const onEvent = (event: FitEvent) => {
    if (event.kind !== 'tried') onProgress(progressOf(event));
  };
  const told = { teacher, signal: finish, onEvent };
  const { facts } = await finetune(model, breathing(sets.train), { ...options, ...told }, write);
  job.draft.finetune = facts;
  job.lap('train');
  return written && outputOf(job, written, name.replace(/(\.onnx)?$/i, '.ft.onnx'));
}

const PHASES: Readonly<Record<FitPhase, string>> = {
  samples: 'reading samples',
  gradient: 'preparing the gradient',
  rate: 'trying rates',
  held: 'measuring on held-out samples',
  file: 'writing the file and reading it back',
  compare: 'comparing with the model before training',
  forgotten: 'looking for what was forgotten',
};

function progressOf(event: Exclude<FitEvent, { kind: 'tried' }>): Progress {
  if (event.kind === 'phase') return { step: PHASES[event.phase], done: event.done, of: Math.max(1, event.of) };
  if (event.kind === 'rate') return { step: 'trying rates', done: event.done, of: event.of };
  if (event.kind === 'epoch') return { step: `epoch ${event.facts.epoch}`, done: 1, of: 1 };
  const { epoch, step, steps, loss, left } = event;
  return { step: `epoch ${epoch}`, done: step, of: steps, loss, left };
}
