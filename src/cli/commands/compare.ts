/** `gn-swap compare <models..>`: all norms on a model, in one table; nothing is written. */
import type { Command } from './types.ts';

export const compare: Command = {
  async run(models, call, ui) {
    const [{ compareFile }, { exitStatus }] = await Promise.all([import('../compare.ts'), import('../session.ts')]);
    let status = 0;
    for (const file of models) {
      const progress = ui.progress(file);
      const outcome = await compareFile(file, call, progress.update);
      progress.stop();
      ui.report(outcome);
      status = Math.max(status, exitStatus(outcome));
    }
    return status;
  },
};
