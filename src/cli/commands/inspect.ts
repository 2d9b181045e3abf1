/** `gn-swap inspect <models..>`: what would be done, and what would be refused. */
import type { Command } from './types.ts';

export const inspect: Command = {
  async run(models, call, ui) {
    const [{ inspectFile }, { exitStatus }] = await Promise.all([import('../inspect.ts'), import('../session.ts')]);
    let status = 0;
    for (const file of models) {
      const progress = ui.progress(file);
      const outcome = await inspectFile(file, call, progress.update);
      progress.stop();
      ui.report(outcome);
      status = Math.max(status, exitStatus(outcome));
    }
    return status;
  },
};
