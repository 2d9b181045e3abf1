/** `gn-swap check <files..>`: whether files are still what a rewrite made of them, but for what training changes. */
import type { Outcome } from '../../jobs/outcome.ts';
import type { Command } from './types.ts';

export const check: Command = {
  async run(models, call, ui) {
    const [{ checkFile, openAgainst }, { exitStatus }, { reportGate }] = await Promise.all([
      import('../check.ts'),
      import('../session.ts'),
      import('../gate.ts'),
    ]);
    const reports = call.reports.length === 0 ? undefined : await import('../reports.ts');
    const read = [...models, ...[call.against, call.inputs].filter((file) => file !== undefined)];
    reports?.checkReports(call, read, []);
    const against = call.against === undefined ? undefined : await openAgainst(call.against, call.verify);
    const outcomes: Outcome[] = [];
    try {
      for (const file of models) {
        const progress = ui.progress(file);
        const outcome = await checkFile(file, call, against, progress.update);
        progress.stop();
        ui.report(outcome);
        outcomes.push(outcome);
      }
    } finally {
      against?.close();
    }
    await reportGate(outcomes, call, ui);
    for (const { file, bytes } of (await reports?.writeReports(call, outcomes)) ?? []) ui.wrote(file, bytes);
    return Math.max(...outcomes.map(exitStatus));
  },
};
