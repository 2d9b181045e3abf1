/** `gn-swap moments <model>`: the statistics of one shard of the calibration inputs, for another machine to solve from. */
import * as path from 'node:path';
import { GnSwapError } from '../../errors.ts';
import type { Command } from './types.ts';

export const moments: Command = {
  async run(models, call, ui) {
    const [file, ...others] = models as [string, ...string[]];
    if (others.length > 0) {
      throw new GnSwapError('invalid-arguments', `moments takes one model; ${models.length} are given`, {
        remedy: 'Run it once per model',
      });
    }
    const { index, of } = call.shard;
    const target = call.output ?? path.format({ ...path.parse(file), base: '', ext: `.moments-${index}-of-${of}.npz` });
    const [{ momentsFile }, { exitStatus }] = await Promise.all([import('../moments.ts'), import('../session.ts')]);
    const progress = ui.progress(file);
    const outcome = await momentsFile(file, target, call, progress.update);
    progress.stop();
    ui.report(outcome);
    return exitStatus(outcome);
  },
};
