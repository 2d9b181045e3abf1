/** Sizes that are given, against the inputs that exist. */
import { GnSwapError } from '../errors.ts';
import { requiredInputs } from '../graph/interface.ts';
import type { Model } from '../onnx/model.ts';

/**
 * Refuses a size for something that is not an input.
 *
 * @param models the model, and its loss if that is a model as well
 * @throws GnSwapError `invalid-arguments` with the names of the inputs
 */
export function refuseUnknownSizes(sizes: Readonly<Record<string, readonly number[]>>, models: readonly Model[]): void {
  const inputs = [...new Set(models.flatMap((model) => requiredInputs(model).map(({ name }) => name)))];
  const unknown = Object.keys(sizes).find((name) => !inputs.includes(name));
  if (unknown === undefined) return;
  if (inputs.length === 0) {
    throw new GnSwapError(
      'invalid-arguments',
      `no input is named ${JSON.stringify(unknown)}; the model has no inputs`,
      {
        node: '--size',
        remedy: 'Leave --size out',
        next: { drop: ['size'] },
      },
    );
  }
  const usual = `${inputs[0]}=${(sizes[unknown] as readonly number[]).join('x')}`;
  const only = inputs.length === 1 ? `the input is ${inputs[0]}` : `the inputs are ${inputs.join(', ')}`;
  throw new GnSwapError('invalid-arguments', `no input is named ${JSON.stringify(unknown)}; ${only}`, {
    node: '--size',
    remedy: `Use --size ${usual}`,
    // It would drop the sizes of other inputs that were typed.
    ...(Object.keys(sizes).length === 1 ? { next: { set: { size: usual } } } : {}),
  });
}
