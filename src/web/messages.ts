/**
 * What a page and its Worker say to each other: plain data that `postMessage` can carry. The page imports this file and `client.ts`,
 * and nothing else of gn-swap; all that computes lives in the Worker.
 *
 * Options have the names and values of the command line, without dashes: what `gn-swap swap --help` says of one is true here. An error
 * names them too, so that its `next` tells which field of a form to change.
 */
import type { ErrorCode, NextStep } from '../errors.ts';
import type { Facts, List, Table, Text, Tiles } from '../report/blocks.ts';
import type { VerdictLine } from '../report/verdict-line.ts';

/** What can be asked of a model. */
export type TaskName = 'inspect' | 'swap' | 'check' | 'finetune';

/** Options of the command line by name, without dashes: `{ to: 'group', groups: '8', 'channel-order': 'bgr' }`. */
export type Options = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** A file, under the path that it has in the folder that was dropped: `cats/1.png`; just its name if it was chosen alone. */
export interface NamedFile {
  readonly path: string;
  readonly file: File;
}

/** A model: its file, and the files beside it that hold its weights, if there are any. */
export interface ModelFiles {
  readonly file: File;
  readonly external: readonly NamedFile[];
}

/** What a task works on, beside the model. Samples are pictures, `.npy` and `.npz`; the Worker decodes them. */
export interface TaskFiles {
  /** Of `swap`: unlabelled samples to solve γ and β from. Of `inspect`: samples whose fit is looked at. */
  readonly calibrate?: readonly NamedFile[] | undefined;
  /** Of `swap` and `check`: one `.npz` of inputs to measure on. */
  readonly inputs?: File | undefined;
  /** Of `check`: the model that this one was made from. */
  readonly against?: ModelFiles | undefined;
  /** Of `finetune`: labelled samples, laid out as docs/data.md says: a folder a class, COCO, YOLO or Pascal VOC boxes, masks, a table. */
  readonly data?: readonly NamedFile[] | undefined;
  /** Of `finetune`: samples of what a detector must not forget. */
  readonly keep?: readonly NamedFile[] | undefined;
  /** Of `finetune` with the task `distill`: the model that answers. */
  readonly teacher?: ModelFiles | undefined;
}

/** Asks; each is answered by one {@link Answer} with its id, and by any number of progress events before. */
export type Request =
  | { readonly kind: 'open'; readonly id: number; readonly model: ModelFiles }
  | { readonly kind: 'options'; readonly id: number; readonly task: TaskName }
  | {
      readonly kind: 'run';
      readonly id: number;
      readonly task: TaskName;
      readonly model: ModelFiles;
      readonly options: Options;
      readonly files: TaskFiles;
    }
  /** The HTML report on a run that was answered. */
  | { readonly kind: 'report'; readonly id: number; readonly run: number }
  /** Ends the training of a run behind the step that is under way; the best so far is its result. */
  | { readonly kind: 'finish'; readonly run: number };

/** How far a step is. `of` is 0 if nobody knows how much there is to do. */
export interface Progress {
  readonly step: string;
  readonly done: number;
  readonly of: number;
  /** Of training: the latest loss, and seconds that are left. */
  readonly loss?: number;
  readonly left?: number;
}

/** An input or output of a model. */
export interface ValueFacts {
  readonly name: string;
  /** Such as `float32`. */
  readonly type: string;
  /** Such as `N×3×224×224`; `?` if the shape is unknown. */
  readonly shape: string;
}

/** What is known of a model once it is read. */
export interface ModelFacts {
  readonly name: string;
  /** Of the `.onnx` file. */
  readonly bytes: number;
  readonly irVersion: number;
  readonly opset: number;
  /** What wrote it; `''` if it does not say. */
  readonly producer: string;
  readonly inputs: readonly ValueFacts[];
  readonly outputs: readonly ValueFacts[];
  /** Files that hold its weights, and those of them that were not given. */
  readonly external: readonly string[];
  readonly missing: readonly string[];
}

/** An option as a form shows it. */
export interface OptionFacts {
  readonly name: string;
  readonly type: 'string' | 'number' | 'boolean';
  readonly describe: string;
  /** Heading that it stands under. */
  readonly group: string;
  readonly choices: readonly string[] | undefined;
  /** What a choice is, by its name, for those that are not clear from it. */
  readonly notes?: Readonly<Record<string, string>> | undefined;
  readonly default: string | number | undefined;
  /** Whether it takes a list. */
  readonly isList: boolean;
}

/** How to take a line: `good` was tested and held. */
export type LineTone = 'good' | 'bad' | 'warn';

/** One line of the verdict: whether the rewrite is correct, how much behaviour is kept, what it costs in time, what training gained. */
export interface Verdict {
  readonly about: VerdictLine['about'];
  readonly text: string;
  readonly tone: LineTone | undefined;
}

/** A file that came out of a run. It holds parts of the files that were given, so it takes little memory, whatever its size. */
export interface OutputFile {
  readonly name: string;
  readonly blob: Blob;
}

/** A problem, said as on the command line. */
export interface Problem {
  readonly code: ErrorCode;
  readonly message: string;
  /** File, and node, tensor or option, that it is about. */
  readonly file: string | undefined;
  readonly node: string | undefined;
  /** What to do, in a sentence. */
  readonly remedy: string | undefined;
  /** The same as changes of options; `gn-swap check` and the page both act on it. */
  readonly next: NextStep | undefined;
}

/** What a page shows of a report. All that is drawn is in the HTML report alone. */
export type ShownBlock = Text | Facts | Tiles | List | Table;

/** A section of the report. */
export interface ShownSection {
  readonly name: string;
  readonly title: string;
  readonly blocks: readonly ShownBlock[];
}

/** What came of a run. */
export interface RunResult {
  /** To ask for its HTML report. */
  readonly run: number;
  /** `failed`: it ran, and the result is not right. */
  readonly status: 'ok' | 'failed' | 'error';
  /** What went wrong, if the status is `error`. */
  readonly problem: Problem | undefined;
  readonly verdict: readonly Verdict[];
  /** The report's sections that have something to say. */
  readonly sections: readonly ShownSection[];
  /** What the command line prints. */
  readonly text: string;
  /** The document that docs/report.schema.json describes. */
  readonly json: string;
  /** The new model; absent if there is none. Its external data are the files that were given, unchanged. */
  readonly output: OutputFile | undefined;
  /** The command that does the same, without the file names of this machine. */
  readonly command: string;
}

/** Answers to requests. */
export type Answer =
  | { readonly kind: 'opened'; readonly id: number; readonly facts: ModelFacts }
  | { readonly kind: 'options'; readonly id: number; readonly options: readonly OptionFacts[] }
  | { readonly kind: 'progress'; readonly id: number; readonly progress: Progress }
  | { readonly kind: 'done'; readonly id: number; readonly result: RunResult }
  | { readonly kind: 'report'; readonly id: number; readonly html: string }
  | { readonly kind: 'problem'; readonly id: number; readonly problem: Problem };
