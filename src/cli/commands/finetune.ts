/** `gn-swap finetune <model>`: trains a model on labelled samples, with ONNX Runtime alone. */

import type { FinetuneCall } from '../../call/finetune.ts';
import { GnSwapError } from '../../errors.ts';
import type { Command } from './types.ts';

/** What a shell tells of a process that Ctrl-C ended. */
const INTERRUPTED = 130;

export const finetune: Command = {
  async run(models, call, ui) {
    const [file, ...others] = models as [string, ...string[]];
    if (others.length > 0) {
      throw new GnSwapError('invalid-arguments', `${models.length} models are given`, { remedy: 'Give one' });
    }
    const [{ finetuneFile, finetuneTarget }, { exitStatus }] = await Promise.all([
      import('../finetune.ts'),
      import('../session.ts'),
    ]);
    const { finetune: asked } = call;
    if (asked === undefined) throw new Error('the arguments of finetune were not read');
    const training = ui.training();
    const target = finetuneTarget(file, call.output);
    const reports = call.reports.length === 0 ? undefined : await import('../reports.ts');
    reports?.checkReports(call, filesRead(file, asked), [target]);
    const outcome = await finetuneFile(file, target, { ...call, finetune: asked }, (event) => training.update(event));
    training.stop();
    ui.report(outcome);
    for (const { file: name, bytes } of (await reports?.writeReports(call, [outcome])) ?? []) ui.wrote(name, bytes);
    const { stopped, proof } = outcome.finetune ?? {};
    if (stopped === 'interrupted') return INTERRUPTED;
    // Nothing was better than the model as it was, so nothing was written.
    return outcome.error === undefined && proof === null ? 1 : exitStatus(outcome);
  },
};

function filesRead(model: string, { data, val, keep, teacher, lossModel }: FinetuneCall): string[] {
  const held = typeof val === 'string' ? val : undefined;
  return [model, ...[data, held, keep, teacher, lossModel].filter((file) => file !== undefined)];
}
