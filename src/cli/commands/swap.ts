/** `gn-swap <models..>`: rewrite, verify, report. */
import { GnSwapError } from '../../errors.ts';
import { NORMS } from '../../norms/index.ts';
import { isFolder, makeFolder } from '../disk.ts';
import { exitStatus, swapFile, targetOf } from '../session.ts';
import type { Command } from './types.ts';

export const swap: Command = {
  name: 'swap',
  usage: '$0 [models..]',
  summary: 'replace BatchNormalization in ONNX models, keep what they learned, and prove the result in ONNX Runtime',
  async run(models, call, ui) {
    const { output, dryRun } = call;
    const intoFolder = output !== undefined && (models.length > 1 || isFolder(output) || /[\\/]$/.test(output));
    if (intoFolder && !dryRun) makeFolder(output);
    const tag = NORMS.find(({ name }) => name === call.swap.to)?.tag ?? 'gn';
    const targets = models.map((file) => targetOf(file, tag, output, intoFolder));
    const twice = targets.find((target, index) => targets.indexOf(target) !== index);
    if (twice !== undefined) {
      throw new GnSwapError('invalid-arguments', 'two of the models would be written to it', {
        file: twice,
        remedy: 'Rewrite them one at a time, each with its own --output',
      });
    }
    let status = 0;
    for (const [index, file] of models.entries()) {
      const progress = ui.progress(file);
      const outcome = await swapFile(file, targets[index] as string, call, progress.update);
      progress.stop();
      ui.report(outcome);
      status = Math.max(status, exitStatus(outcome));
    }
    return status;
  },
};
