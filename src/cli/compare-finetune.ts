/** `gn-swap compare --finetune` on disk: a model and labelled samples → which treatment of its norms pays. */
import { existsSync, statSync } from 'node:fs';
import * as path from 'node:path';
import type { CallOptions } from '../call/arguments.ts';
import { type ComparisonCall, requireLabelled, requireMeant } from '../call/compare-finetune.ts';
import { openTraining } from '../call/training.ts';
import { asMeant } from '../inputs/as-meant.ts';
import { taskOf } from '../inputs/labelled/task.ts';
import { compareFinetune } from '../jobs/compare-finetune/index.ts';
import { keptAs } from '../jobs/compare-finetune/make.ts';
import { rowNamed } from '../jobs/compare-finetune/rows.ts';
import type { ComparedTraining, TrainingRun } from '../jobs/compare-finetune/types.ts';
import type { OnProgress } from '../jobs/job.ts';
import type { Outcome } from '../jobs/outcome.ts';
import { normNamed } from '../norms/index.ts';
import { MemorySource } from '../onnx/bytes.ts';
import { digestOf } from '../onnx/digest.ts';
import { fileOf, type Model } from '../onnx/model.ts';
import { augmentationNames } from '../train/augment/index.ts';
import { quoted } from '../words.ts';
import { DISK } from './disk/index.ts';
import { appendLine, readLines } from './disk/runs.ts';
import { onInterrupt } from './interrupt.ts';
import { wordsFor } from './next.ts';
import { dataOpener, withModel } from './session.ts';
import { STANDARD } from './standard.ts';

/** Compares by training. What goes wrong is in the outcome, not thrown. */
export function compareFinetuneFile(
  file: string,
  call: CallOptions & { readonly comparison: ComparisonCall },
  onProgress: OnProgress,
): Promise<Outcome> {
  return withModel(file, 'compare', onProgress, async (job, home) => {
    const { comparison, swap, images, commandLine } = call;
    const { finetune: asked, rows, batches, seeds, runs } = comparison;
    const folder = requireLabelled(asked);
    job.draft.typed = commandLine;
    const model = asMeant(home.model, swap);
    const { seed } = asked;
    const task = requireMeant(asked.task ?? (await taskOf(folder, DISK)));
    const { sets } = await openTraining(folder, model, { ...asked, task }, images, DISK, { memory: swap.memory });
    const calibrate = await dataOpener(call)?.(model);
    job.lap('data');
    const key = keyOf(home.model, sets.train.names, call);
    const abort = new AbortController();
    const release = onInterrupt(() => abort.abort());
    const { epochs, rate, optimizer, weightDecay, clip, train, lossOf, losses, oldClasses, detection, head } = asked;
    const { sites, groups, include, exclude, memory } = swap;
    try {
      const compared = await compareFinetune(model, sets.train, {
        task,
        held: sets.val,
        calibrate: calibrate?.data,
        samples: call.samples,
        rows,
        batches,
        seeds,
        epochs,
        rate,
        optimizer,
        weightDecay,
        clip,
        train,
        lossOf,
        losses,
        oldClasses,
        detection,
        head: head === undefined ? undefined : new RegExp(head),
        augment: asked.augment === undefined ? undefined : augmentationNames(asked.augment),
        sites,
        groups,
        include,
        exclude,
        seed,
        memory,
        signal: abort.signal,
        onProgress: job.onProgress,
        known: runs === undefined ? [] : knownRuns(runs, key),
        onRun: (run) => runs !== undefined && appendLine(runs, JSON.stringify({ key, ...run })),
      });
      const skipped = [...new Set([...sets.train.skipped, ...sets.val.skipped])];
      job.draft.training = { ...compared, skipped, commands: commandsFor(compared, file, call) };
      job.lap('train');
    } finally {
      release();
    }
  });
}

/** A short name for all that a run's numbers depend on, but its row, batch and seed. */
function keyOf(
  model: Model,
  samples: readonly string[],
  { comparison, images, swap, calibrate, samples: most }: CallOptions,
) {
  const file = fileOf(model);
  const { data: _, resume: __, ...training } = comparison?.finetune ?? {};
  const { sites, groups, include, exclude, batchAxis } = swap;
  const patterns = [include, exclude].map((list) => list?.map(String));
  // Within less memory, fewer samples share a run, and sums round otherwise.
  const cut = comparison?.batches?.some((it) => it > 1) === true ? { memory: swap.memory } : {};
  const all = { ...cut, training, samples, images, sites, groups, patterns, batchAxis, calibrate, most };
  const text = JSON.stringify([file === undefined ? '' : digestOf(file), all]);
  return digestOf(new MemorySource(new TextEncoder().encode(text))).slice('sha256:'.length, 'sha256:'.length + 16);
}

/** The runs of a file that were made with the same model, samples and options. */
function knownRuns(file: string, key: string): TrainingRun[] {
  return readLines(file).flatMap((line) => {
    try {
      const { key: own, ...run } = JSON.parse(line) as TrainingRun & { readonly key?: string };
      return own === key ? [run] : [];
    } catch {
      return [];
    }
  });
}

/** What has to be typed to do as the first advice says. */
function commandsFor({ advice, batches, task }: ComparedTraining, file: string, call: CallOptions): string[] {
  const [first] = advice;
  if (first === undefined || first.do === 'none' || file === STANDARD) return [];
  const { swap, batchNorm } = rowNamed(first.row);
  const spelled = (...words: readonly string[]) => ['gn-swap', ...words].map(quoted).join(' ');
  const typed = (names: readonly string[]) => wordsFor(call.commandLine, names);
  const batch = (batches[0] ?? 1) === 1 ? [] : ['--batch', String(batches[0])];
  const mode = batchNorm === 'frozen' ? [] : ['--batch-norm', batchNorm];
  const train = (model: string) => spelled('finetune', model, ...typed(TRAINING), ...batch, ...mode);
  if (swap === undefined) return [train(file)];
  const { to = 'group', groups, init, reference } = swap;
  const { dir, name } = path.parse(file);
  const written = path.join(dir, `${name}.${normNamed(to).tag}.onnx`);
  // Other norms have groups of their own.
  const asked = to === 'group' ? typed(['groups']) : [];
  const how = [
    ...(to === 'group' ? [] : ['--to', to]),
    ...(groups === undefined ? asked : ['--groups', String(groups)]),
    ...(init === undefined ? [] : ['--init', init]),
    ...(reference === undefined ? [] : ['--reference', reference]),
  ];
  const judged = keptAs(task, call.comparison?.finetune.lossOf) ?? [];
  const asTask = judged.flatMap((it) => ['--task', it]);
  const inputs = rowNamed(first.row).takesInputs ? ['--calibrate', inputsPath(call), ...asTask, ...typed(READING)] : [];
  return [spelled(file, ...how, ...typed(SWAP), ...inputs), train(written)];
}

/** What is passed on to `finetune`, to any swap, and to a swap that takes inputs. */
const READING = ['size', 'preset', 'mean', 'std', 'scale', 'channel-order', 'fit', 'layout', 'samples', 'batch-axis'];
const SWAP = ['sites', 'include', 'exclude', 'seed'];
const TRAINING = [
  ...['data', 'val', 'task', 'lr', 'train', 'freeze', 'classes', 'old-classes', 'head', 'augment', 'weight-decay'],
  ...[
    'loss',
    'loss-of',
    'optimizer',
    'clip',
    'boxes',
    'scores',
    'box-format',
    'box-unit',
    'score-kind',
    'anchors',
    'variances',
    'seed',
  ],
  ...READING.filter((name) => name !== 'samples'),
];

/** Where the pictures of a file of labels are; arrays are in the file itself. */
function folderOf(data: string): string {
  if (/\.npz$/i.test(data) || statSync(data, { throwIfNoEntry: false })?.isFile() !== true) return data;
  const folder = path.dirname(data);
  return path.basename(folder) === 'annotations' ? path.dirname(folder) : folder;
}

/** The pictures among labelled samples, if they have a folder of their own. */
function inputsPath({ calibrate, comparison }: CallOptions): string {
  const data = folderOf(comparison?.finetune.data ?? 'DIR');
  const pictures = ['images/train', 'train/images', 'images'].map((inner) => path.join(data, inner)).find(existsSync);
  return calibrate ?? pictures ?? data;
}
