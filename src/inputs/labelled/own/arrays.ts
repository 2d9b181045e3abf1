/** A loss of one's own: .npz files of inputs, and an array for each input that the loss has beside the outputs of the model. */
import { GnSwapError } from '../../../errors.ts';
import { requiredInputs } from '../../../graph/interface.ts';
import type { Model } from '../../../onnx/model.ts';
import type { Values } from '../../../runtime/session.ts';
import { fitInputs } from '../../feed.ts';
import { takeSamples } from '../../generated.ts';
import { type ArrayFile, hasArrays, openArrays } from '../arrays.ts';
import type { Layout } from '../layout.ts';

/** `target/INPUT`, or `INPUT`, for each input of the loss that is not an output of the model. */
export const ownArrays: Layout = {
  expects: '.npz files with the inputs, and an array for each further input of the loss',
  matches: hasArrays,
  async open(context) {
    const { targets } = context.options;
    if (targets === undefined) throw new Error('the loss was not read');
    const wanted = requiredInputs(targets).map(({ name }) => name);
    const samples = (await openArrays(context)).flatMap((opened) => {
      const { file, samples: rows } = opened;
      const arrays = wanted.map((name) => [name, arrayOf(opened, name)] as const);
      const valuesAt = (row: number) =>
        Object.fromEntries(
          arrays.map(([name, array]) => {
            const value = opened.target(array);
            return [name, takeSamples({ value }, rows.length, row, row + 1).value ?? value];
          }),
        );
      // Types and shapes are the same for all rows of a file.
      if (rows.length > 0) requireFit(targets, valuesAt(0), file.path);
      return rows.map((sample, row) => ({
        file,
        ...(sample.row === undefined ? {} : { row: sample.row }),
        stratum: 0,
        key: JSON.stringify([sample.shape, ...Object.values(valuesAt(row)).map(({ dims }) => dims)]),
        load: async () => ({
          inputs: await sample.load(),
          target: { kind: 'values', values: fitInputs(targets, valuesAt(row)) } as const,
        }),
      }));
    });
    return { samples };
  },
};

function requireFit(targets: Model, values: Values, file: string): void {
  try {
    fitInputs(targets, values);
  } catch (error) {
    throw error instanceof GnSwapError ? error.in(file) : error;
  }
}

/** The array for an input; by its plain name if the file has no other. */
function arrayOf({ names, target }: ArrayFile, input: string): string {
  const prefixed = `target/${input}`;
  const array = !names.includes(prefixed) && names.includes(input) ? input : prefixed;
  target(array);
  return array;
}
