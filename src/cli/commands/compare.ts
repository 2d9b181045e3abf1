/** `gn-swap compare <models..>`: all norms on a model, in one table, or compared by training; no model is written. */
import { GnSwapError } from '../../errors.ts';
import type { Outcome } from '../../jobs/outcome.ts';
import type { Command } from './types.ts';

/** What a shell tells of a process that Ctrl-C ended. */
const INTERRUPTED = 130;

export const compare: Command = {
  async run(models, call, ui) {
    if (call.comparison?.runs !== undefined && models.length > 1) {
      throw new GnSwapError('invalid-arguments', `--runs takes one model; ${models.length} are given`, {
        remedy: 'Run it once per model',
      });
    }
    if (call.comparison === undefined && call.swap.groups !== undefined) {
      throw new GnSwapError('invalid-arguments', '--groups only applies with --finetune', {
        remedy: 'Drop --groups: several counts of groups are compared already',
        next: { drop: ['groups'] },
      });
    }
    const [{ compareFile }, { exitStatus }] = await Promise.all([import('../compare.ts'), import('../session.ts')]);
    const reports = call.reports.length === 0 ? undefined : await import('../reports.ts');
    reports?.checkReports(call, models, []);
    const outcomes: Outcome[] = [];
    for (const file of models) {
      const progress = ui.progress(file);
      const outcome = await compareFile(file, call, progress.update);
      progress.stop();
      ui.report(outcome);
      outcomes.push(outcome);
      if (outcome.training?.interrupted === true) break;
    }
    for (const { file, bytes } of (await reports?.writeReports(call, outcomes)) ?? []) ui.wrote(file, bytes);
    const isInterrupted = outcomes.at(-1)?.training?.interrupted === true;
    return isInterrupted ? INTERRUPTED : Math.max(...outcomes.map(exitStatus));
  },
};
