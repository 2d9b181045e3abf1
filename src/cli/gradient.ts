/** `gn-swap gradient` on disk: a model → its gradient model, and beside it the model of first values. */
import * as path from 'node:path';
import type { CallOptions } from '../call/arguments.ts';
import { GnSwapError } from '../errors.ts';
import type { GradientOptions } from '../gradient/index.ts';
import { LOSSES } from '../gradient/losses.ts';
import type { OnProgress } from '../jobs/job.ts';
import type { Outcome } from '../jobs/outcome.ts';
import { checkTarget } from './disk/index.ts';
import { readLoss } from './loss.ts';
import { withModel } from './session.ts';

/** Where the gradient model and the first values go. */
export interface GradientTargets {
  readonly gradient: string;
  readonly init: string;
}

/** `model.onnx` → `model.grad.onnx` and `model.init.onnx`; `out/x.onnx` as it was given, and `out/x.init.onnx`. */
export function gradientTargets(file: string, output: string | undefined): GradientTargets {
  const { dir, name } = path.parse(file);
  const gradient = output ?? path.join(dir, `${name}.grad.onnx`);
  return { gradient, init: `${gradient.replace(/(\.grad)?\.onnx$/, '')}.init.onnx` };
}

/** Writes both models. What goes wrong is in the outcome, not thrown. */
export function gradientFile(
  file: string,
  targets: GradientTargets,
  call: CallOptions,
  onProgress: OnProgress,
): Promise<Outcome> {
  return withModel(file, 'gradient', onProgress, async (job, home) => {
    const { draft } = job;
    for (const target of Object.values(targets)) checkTarget(target, file, call.force);
    const { gradientJob } = await import('../jobs/gradient.ts');
    // What is made of the model lies beside the output that was begun last.
    const [beside, staging] = [home.stage(targets.init), home.stage(targets.gradient)];
    onProgress('gradient', 0, 1);
    const options = { ...call.gradient, loss: lossOf(call.gradientLoss), verify: call.verify };
    const { gradient, init, facts } = await gradientJob(home.model, options, call.gradientLoss);
    job.lap('gradient');
    await staging.write(gradient);
    await beside.write(init);
    job.lap('write');
    draft.gradient = { ...facts, init: targets.init, initBytes: init.length };
    staging.commitAlone(call.force);
    beside.commitAlone(call.force);
    draft.output = targets.gradient;
    draft.outputBytes = gradient.length;
  });
}

/** A loss by its name, or read from a file. */
function lossOf(given: string): GradientOptions['loss'] {
  if (given === 'none') return 'none';
  const known = LOSSES.find((name) => name === given);
  if (known !== undefined) return known;
  if (!given.endsWith('.onnx')) {
    throw new GnSwapError('invalid-arguments', `${JSON.stringify(given)} is not a loss`, {
      node: '--loss',
      remedy: `Use none, ${LOSSES.join(', ')}, or the path of an .onnx file`,
    });
  }
  return readLoss(given);
}
