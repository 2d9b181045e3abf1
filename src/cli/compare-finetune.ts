/** `gn-swap compare --finetune` on disk: a model and labelled samples → which treatment of its norms pays. */
import type { CallOptions } from '../call/arguments.ts';
import { type ComparisonCall, requireLabelled, requireMeant } from '../call/compare-finetune.ts';
import { laidOutFor, openTraining } from '../call/training.ts';
import { asMeant } from '../inputs/as-meant.ts';
import { compareFinetune } from '../jobs/compare-finetune/index.ts';
import type { TrainingRun } from '../jobs/compare-finetune/types.ts';
import type { OnProgress } from '../jobs/job.ts';
import type { Outcome } from '../jobs/outcome.ts';
import { MemorySource } from '../onnx/bytes.ts';
import { digestOf } from '../onnx/digest.ts';
import { fileOf, type Model } from '../onnx/model.ts';
import { augmentationNames } from '../train/augment/index.ts';
import { commandsFor } from './compare-advice.ts';
import { DISK } from './disk/index.ts';
import { appendLine, readLines } from './disk/runs.ts';
import { onInterrupt } from './interrupt.ts';
import { dataOpener, withModel } from './session.ts';

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
    const task = requireMeant(asked.task ?? (await laidOutFor(folder, DISK, model, asked.lossOf)));
    const { sets } = await openTraining(folder, model, { ...asked, task }, images, DISK, { memory: swap.memory });
    const calibrate = await dataOpener(call)?.(model);
    job.lap('data');
    const key = keyOf(home.model, sets.train.names, call);
    const abort = new AbortController();
    const release = onInterrupt(() => abort.abort());
    const { epochs, rate, optimizer, weightDecay, clip, train, lossOf, losses, oldClasses, detection, head } = asked;
    const { sites, groups, absorbAffine, include, exclude, memory } = swap;
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
        absorbAffine,
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
  const { sites, groups, absorbAffine, include, exclude, batchAxis } = swap;
  const patterns = [include, exclude].map((list) => list?.map(String));
  // Within less memory, fewer samples share a run, and sums round otherwise.
  const cut = comparison?.batches?.some((it) => it > 1) === true ? { memory: swap.memory } : {};
  const all = { ...cut, training, samples, images, sites, groups, absorbAffine, patterns, batchAxis, calibrate, most };
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
