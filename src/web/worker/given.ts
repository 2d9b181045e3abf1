/** What the tasks of a page are given, and what they give back. */
import type { CallOptions } from '../../call/arguments.ts';
import type { Job } from '../../jobs/job.ts';
import type { OutputFile, Progress, TaskFiles } from '../messages.ts';
import type { WebHome } from './home.ts';

/** What a task is given. */
export interface Given {
  /** Of the model. */
  readonly name: string;
  readonly home: WebHome;
  readonly call: CallOptions;
  readonly files: TaskFiles;
  /** Ends training behind the step that is under way. */
  readonly finish: AbortSignal;
  onProgress(progress: Progress): void;
}

export type Task = (job: Job, given: Given) => Promise<OutputFile | undefined>;

/** Notes what was made, and hands it over. */
export function outputOf(job: Job, { file }: WebHome, name: string): OutputFile {
  job.draft.output = name;
  job.draft.outputBytes = file.size;
  return { name, blob: file.blob };
}
