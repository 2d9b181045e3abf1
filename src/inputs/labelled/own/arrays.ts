/** A loss of one's own: .npz files of inputs, and an array for each input that the loss has beside the outputs of the model. */
import { takeSamples } from '../../generated.ts';
import { hasArrays, openArrays } from '../arrays.ts';
import type { Layout } from '../layout.ts';
import { arrayNameOf, fitTargets, requireNoClasses, targetsModel, wantedInputs } from './names.ts';

/** `target/INPUT`, or `INPUT`, for each input of the loss that is not an output of the model. */
export const ownArrays: Layout = {
  expects: '.npz files with the inputs, and an array for each further input of the loss',
  matches: hasArrays,
  async open(context) {
    requireNoClasses(context);
    const targets = targetsModel(context.options);
    const samples = (await openArrays(context)).flatMap(({ file, names, target, samples: rows }) => {
      const arrays = wantedInputs(targets).map(({ name }) => {
        const array = arrayNameOf(names, name);
        target(array);
        return [name, array] as const;
      });
      const valuesAt = (row: number) =>
        Object.fromEntries(
          arrays.map(([name, array]) => {
            const value = target(array);
            return [name, takeSamples({ value }, rows.length, row, row + 1).value ?? value];
          }),
        );
      // Types and shapes are the same for all rows of a file.
      if (rows.length > 0) fitTargets(targets, valuesAt(0), file.path);
      return rows.map((sample, row) => ({
        file,
        ...(sample.row === undefined ? {} : { row: sample.row }),
        stratum: 0,
        key: JSON.stringify([sample.shape, ...Object.values(valuesAt(row)).map(({ dims }) => dims)]),
        load: async () => ({
          inputs: await sample.load(),
          target: { kind: 'values', values: fitTargets(targets, valuesAt(row), file.path) } as const,
        }),
      }));
    });
    return { samples };
  },
};
