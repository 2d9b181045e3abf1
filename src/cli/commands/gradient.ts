/** `gn-swap gradient <model>`: the gradient of a loss by the parameters, as a model that any ONNX Runtime runs. */
import { GnSwapError } from '../../errors.ts';
import type { Command } from './types.ts';

export const gradient: Command = {
  async run(models, call, ui) {
    const [file, ...others] = models as [string, ...string[]];
    if (others.length > 0) {
      throw new GnSwapError('invalid-arguments', `gradient takes one model; ${models.length} are given`, {
        remedy: 'Run it once per model',
      });
    }
    const [{ gradientFile, gradientTargets }, { exitStatus }] = await Promise.all([
      import('../gradient.ts'),
      import('../session.ts'),
    ]);
    const progress = ui.progress(file);
    const outcome = await gradientFile(file, gradientTargets(file, call.output), call, progress.update);
    progress.stop();
    ui.report(outcome);
    return exitStatus(outcome);
  },
};
