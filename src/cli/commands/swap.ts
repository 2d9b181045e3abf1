/** `gn-swap <models..>`: rewrite, verify, report. */
import * as path from 'node:path';
import type { CallOptions } from '../../call/arguments.ts';
import { GnSwapError } from '../../errors.ts';
import type { Outcome } from '../../jobs/outcome.ts';
import { NORMS } from '../../norms/index.ts';
import type { Command } from './types.ts';

export const swap: Command = {
  async run(models, call, ui) {
    const { exitStatus } = await import('../session.ts');
    const { swapFile, targetOf } = await import('../swap.ts');
    const { identityOf, isFolder, makeFolder, removeEmptyFolders } = await import('../disk/index.ts');
    const { output, dryRun } = call;
    const intoFolder = output !== undefined && (models.length > 1 || isFolder(output) || /[\\/]$/.test(output));
    if (models.length > 1 && output?.endsWith('.onnx') && !isFolder(output)) {
      throw new GnSwapError('invalid-arguments', `${models.length} models cannot be written to one file`, {
        file: output,
        remedy: 'Use a folder with --output',
        next: { set: { output: 'out/' } },
      });
    }
    const tag = NORMS.find(({ name }) => name === call.swap.to)?.tag ?? 'gn';
    const targets = models.map((file) => targetOf(file, tag, output, intoFolder));
    refuseConflicts(models, targets, identityOf);
    const reports = call.reports.length === 0 ? undefined : await import('../reports.ts');
    const outcomes: Outcome[] = [];
    let status = 0;
    try {
      if (intoFolder && !dryRun) makeFolder(output);
      reports?.checkReports(call, filesRead(models, call), dryRun ? [] : targets);
      for (const [index, file] of models.entries()) {
        const progress = ui.progress(file);
        const outcome = await swapFile(file, targets[index] as string, call, progress.update);
        progress.stop();
        ui.report(outcome);
        status = Math.max(status, exitStatus(outcome));
        outcomes.push(outcome);
      }
      for (const { file, bytes } of (await reports?.writeReports(call, outcomes)) ?? []) ui.wrote(file, bytes);
      const isAsked = call.github || Object.values(call.gate).some((name) => name !== undefined);
      if (isAsked) await (await import('../gate.ts')).reportGate(outcomes, call, ui);
    } finally {
      removeEmptyFolders();
    }
    return status;
  },
};

function filesRead(models: readonly string[], { inputs, calibrate, moments }: CallOptions): string[] {
  return [...models, ...moments, ...[inputs, calibrate].filter((file) => file !== undefined)];
}

/**
 * What is written must not overwrite what is read, nor what else is written; with --force nothing later would stop it.
 *
 * @param identityOf of a file that is there: equal where two names are of one file
 */
function refuseConflicts(
  models: readonly string[],
  targets: readonly string[],
  identityOf: (file: string) => string | undefined,
): void {
  const paths = targets.map((target) => path.resolve(target));
  const twice = targets.find((_, index) => paths.indexOf(paths[index] as string) !== index);
  if (twice !== undefined) {
    throw new GnSwapError('invalid-arguments', 'two models would be written to it', {
      file: twice,
      remedy: 'Swap them one at a time, each with its own --output',
    });
  }
  const written = new Set(targets.map(identityOf));
  const source = models.find((file) => written.has(identityOf(file) ?? '-'));
  if (source !== undefined && models.length > 1) {
    throw new GnSwapError('invalid-arguments', 'it is an input and the output of another model', {
      file: source,
      remedy: 'Drop it, or use a folder with --output',
    });
  }
}
