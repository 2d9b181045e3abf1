/** Which output of a model a task trains. */
import { GnSwapError } from '../../errors.ts';
import type { LossTerm } from '../../gradient/join.ts';
import type { Made } from '../../measure/evidence.ts';
import { isFloat } from '../../onnx/data-type.ts';
import type { TaskSetup, TrainedOutput } from '../types.ts';

/** What a loss is told of an output that holds probabilities. */
export function probabilities(made: Made): Pick<LossTerm, 'made'> {
  return made === 'sigmoid' || made === 'softmax' ? { made } : {};
}

/**
 * Picks the output that the caller named, or the only one that fits, or of several the only one that is likely.
 *
 * @param what what is looked for, in words
 * @param isLikely tells the output that is meant if several fit
 * @throws GnSwapError `invalid-arguments` listing the outputs if none or several fit
 */
export function outputFor(
  { outputs, lossOf }: Pick<TaskSetup, 'outputs' | 'lossOf'>,
  fits: (output: TrainedOutput) => boolean,
  what: string,
  isLikely: (output: TrainedOutput) => boolean = () => false,
): TrainedOutput {
  const fitting = outputs.filter((output) => isFloat(output.type) && fits(output));
  const named = outputs.find(({ name }) => name === lossOf);
  const list = outputs.map(({ name, dims }) => `${name} [${dims.join(', ')}]`).join(', ');
  if (lossOf !== undefined) {
    if (named !== undefined && fitting.includes(named)) return named;
    const problem = named === undefined ? 'is not an output' : `is not ${what}`;
    throw new GnSwapError('invalid-arguments', `${JSON.stringify(lossOf)} ${problem}; the outputs are ${list}`, {
      node: '--loss-of',
      remedy: 'Name another output with --loss-of, or choose another --task',
    });
  }
  const [only, ...others] = fitting;
  if (only !== undefined && others.length === 0) return only;
  const [likely, ...alike] = fitting.filter(isLikely);
  if (likely !== undefined && alike.length === 0) return likely;
  throw new GnSwapError(
    'invalid-arguments',
    only === undefined
      ? `the model has no output that is ${what}; its outputs are ${list}`
      : `${fitting.length} outputs are ${what}: ${fitting.map(({ name }) => name).join(', ')}`,
    {
      node: '--task',
      remedy: only === undefined ? 'Choose another --task' : `Name one with --loss-of, as in --loss-of ${only.name}`,
    },
  );
}
