/** `gn-swap <models..>`: rewrite, verify, report. */
import * as path from 'node:path';
import { GnSwapError } from '../../errors.ts';
import { NORMS } from '../../norms/index.ts';
import { identityOf, isFolder, makeFolder, removeEmptyFolders } from '../disk/index.ts';
import type { Command } from './types.ts';

export const swap: Command = {
  name: 'swap',
  summary: 'replace BatchNormalization in ONNX models, keep what they learned, and prove the result in ONNX Runtime',
  takesModels: true,
  async run(models, call, ui) {
    const { exitStatus, swapFile, targetOf } = await import('../session.ts');
    const { output, dryRun } = call;
    const intoFolder = output !== undefined && (models.length > 1 || isFolder(output) || /[\\/]$/.test(output));
    const tag = NORMS.find(({ name }) => name === call.swap.to)?.tag ?? 'gn';
    const targets = models.map((file) => targetOf(file, tag, output, intoFolder));
    refuseConflicts(models, targets);
    if (intoFolder && !dryRun) makeFolder(output);
    let status = 0;
    for (const [index, file] of models.entries()) {
      const progress = ui.progress(file);
      const outcome = await swapFile(file, targets[index] as string, call, progress.update);
      progress.stop();
      ui.report(outcome);
      status = Math.max(status, exitStatus(outcome));
    }
    removeEmptyFolders();
    return status;
  },
};

/** What is written must not overwrite what is read, nor what else is written; with --force nothing later would stop it. */
function refuseConflicts(models: readonly string[], targets: readonly string[]): void {
  const paths = targets.map((target) => path.resolve(target));
  const twice = targets.find((_, index) => paths.indexOf(paths[index] as string) !== index);
  if (twice !== undefined) {
    throw new GnSwapError('invalid-arguments', 'two of the models would be written to it', {
      file: twice,
      remedy: 'Rewrite them one at a time, each with its own --output',
    });
  }
  const written = new Set(targets.map(identityOf));
  const source = models.find((file) => written.has(identityOf(file) ?? '-'));
  if (source !== undefined && models.length > 1) {
    throw new GnSwapError('invalid-arguments', 'it is a source, and the output of another', {
      file: source,
      remedy: 'Leave it out, or choose a folder with --output',
    });
  }
}
