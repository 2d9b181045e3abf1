/** A job on one model: what it finds out, as it finds it out, and how long each step takes. */
import { GnSwapError } from '../errors.ts';
import { fileOf, type Model, opsetOf } from '../onnx/model.ts';
import { ranAs } from '../runtime/ir-version.ts';
import type { Outcome } from './outcome.ts';

/** Told what goes on, for a progress bar. */
export type OnProgress = (step: string, done: number, of: number) => void;

/** A job's facts as they become known; what is known when it fails is still reported. */
export type Draft = { -readonly [K in keyof Outcome]: Outcome[K] } & { readonly timings: Record<string, number> };

/** Collects what is known of a model and of what is done with it. */
export class Job {
  readonly draft: Draft;
  readonly onProgress: OnProgress;
  #last = performance.now();

  /** @param file name of the model in reports */
  constructor(file: string, command: Outcome['command'], onProgress: OnProgress = () => {}) {
    this.draft = { file, command, timings: {} };
    this.onProgress = onProgress;
  }

  /** Notes how long it is since the last lap, under a step's name. */
  lap(step: string): void {
    const now = performance.now();
    this.draft.timings[step] = now - this.#last;
    this.#last = now;
  }

  /** Notes what is known of the model before anything is planned. */
  read(model: Model): void {
    const { irVersion, producerName, producerVersion } = model.proto;
    this.draft.model = {
      irVersion: Number(irVersion),
      opset: opsetOf(model),
      producer: [producerName, producerVersion].filter((part) => part !== '').join(' '),
      bytes: fileOf(model)?.size ?? 0,
    };
    this.lap('read');
  }

  /** Notes what only shows when the model is run. */
  ran(): void {
    const { model } = this.draft;
    const older = model && ranAs(model.irVersion);
    if (model !== undefined && older !== undefined) this.draft.model = { ...model, ranAs: older };
  }
}

/** Works on a model, and turns what goes wrong into a part of the outcome. */
export async function outcomeOf(job: Job, work: () => Promise<void>): Promise<Outcome> {
  try {
    await work();
  } catch (error) {
    job.draft.error = asKnown(error).in(job.draft.file);
  }
  job.ran();
  return job.draft;
}

/** An error that nobody foresaw is reported as such: a damaged model must not end in a stack trace. */
function asKnown(error: unknown): GnSwapError {
  if (error instanceof GnSwapError) return error;
  const detail = error instanceof Error ? error.message : String(error);
  return new GnSwapError('internal', `internal error: ${detail}`, {
    remedy: 'Please report this, with the model if possible; --verbose shows the stack trace',
    cause: error,
  });
}
