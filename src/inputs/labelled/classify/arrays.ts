/** Classification: .npz files of inputs, and `target` with the position of each sample's class. */
import { GnSwapError } from '../../../errors.ts';
import { numbersIn } from '../../../runtime/session.ts';
import { sizeOf } from '../../generated.ts';
import { hasArrays, openArrays } from '../arrays.ts';
import { requireSeveral, resolvePositions } from '../classes.ts';
import type { Layout } from '../layout.ts';

export const classArrays: Layout = {
  expects: '.npz files with the inputs and an array target of class numbers',
  matches: hasArrays,
  async open(context) {
    const rows = (await openArrays(context)).flatMap((opened) => {
      const target = opened.target('target');
      const { dims } = target;
      const numbers = numbersIn(target);
      if (sizeOf({ dims }) !== opened.samples.length) {
        throw new GnSwapError(
          'invalid-data',
          `it has the shape [${dims.join(', ')}], and needs one number for each sample`,
          {
            file: opened.file.path,
            node: 'target',
            remedy: 'Write the position of the class: target=numpy.argmax(one_hot, axis=1)',
          },
        );
      }
      return opened.samples.map((sample, row) => ({ sample, file: opened.file, text: `${numbers[row]}`, row }));
    });
    const written = rows.map(({ text, file, row }) => ({ text, place: `${file.path}: target[${row}]` }));
    const { classes, labels } = resolvePositions(written, context.options);
    requireSeveral(labels, classes, context.folder.root, context.options);
    const samples = rows.map(({ sample, file }, index) => {
      const label = labels[index] as number;
      return {
        file,
        ...(sample.row === undefined ? {} : { row: sample.row }),
        stratum: label,
        key: sample.shape,
        load: async () => ({ inputs: await sample.load(), target: { kind: 'class', label } as const }),
      };
    });
    return { classes, samples };
  },
};
