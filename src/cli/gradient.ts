/** `gn-swap gradient` on disk: a model → its gradient model, and beside it the model of first values. */
import * as path from 'node:path';
import { GnSwapError } from '../errors.ts';
import type { GradientOptions } from '../gradient/index.ts';
import { LOSSES } from '../gradient/losses.ts';
import type { Outcome } from '../jobs/outcome.ts';
import { externalLocations } from '../onnx/external-data.ts';
import { readModel } from '../onnx/model.ts';
import type { CallOptions } from './arguments.ts';
import { checkTarget, readWhole, Staging } from './disk/index.ts';
import { type OnProgress, throughDisk, withModel } from './session.ts';

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
  return withModel(file, 'gradient', async (draft, { external, model, lap }) => {
    for (const target of Object.values(targets)) checkTarget(target, file, call.force);
    const { gradientJob } = await import('../jobs/gradient.ts');
    const [staging, beside] = [new Staging(targets.gradient), new Staging(targets.init)];
    try {
      const locations = externalLocations(model.proto);
      staging.carry(locations, external, true);
      onProgress('gradient', 0, 1);
      const materialize = throughDisk(staging, locations.length > 0);
      const { gradient, init, facts } = await gradientJob(
        model,
        { ...call.gradient, loss: lossOf(call.gradientLoss), materialize },
        call.gradientLoss,
      );
      lap('gradient');
      await staging.write(gradient);
      await beside.write(init);
      lap('write');
      draft.gradient = { ...facts, init: targets.init, initBytes: init.length };
      staging.commitAlone(call.force);
      beside.commitAlone(call.force);
      draft.output = targets.gradient;
      draft.outputBytes = gradient.length;
    } finally {
      staging.discard();
      beside.discard();
    }
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
      remedy: `Give none, ${LOSSES.join(', ')}, or the path of an .onnx file`,
    });
  }
  return readModel(readWhole(given));
}
