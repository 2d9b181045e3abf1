/** Files with labels → samples: pictures, and arrays as NumPy saves them. */
import { GnSwapError } from '../../errors.ts';
import { readNpy } from '../npy.ts';
import { soleInput } from '../sources.ts';
import { arrayOpener } from './arrays.ts';
import type { DataFile } from './folder.ts';
import type { LabelledSample, LayoutContext } from './layout.ts';
import { pictureSamples } from './pictures.ts';
import { ARRAY_FILES } from './sample-files.ts';
import type { Target } from './types.ts';

/** A file that has a label, whatever its pixels or numbers are. */
export interface LabelledFile {
  readonly file: DataFile;
  readonly stratum: number;
  target(): Target | Promise<Target>;
}

/**
 * Makes samples of files. An `.npy` is the one input of the model; an `.npz` has arrays with the names of its inputs. A file may hold several samples, along the
 * first axis, and all have its label. What cannot be read is noted and left out.
 */
export async function fileSamples(
  labelled: readonly LabelledFile[],
  context: LayoutContext,
): Promise<LabelledSample[]> {
  const isArray = ({ file }: LabelledFile) => ARRAY_FILES.test(file.name);
  const pictures = await pictureSamples(
    labelled.filter((it) => !isArray(it)),
    context,
  );
  return [...pictures, ...(await arraySamples(labelled.filter(isArray), context))];
}

async function arraySamples(labelled: readonly LabelledFile[], context: LayoutContext): Promise<LabelledSample[]> {
  if (labelled.length === 0) return [];
  const { model, reader, skip } = context;
  const open = arrayOpener(context);
  const samples: LabelledSample[] = [];
  for (const { file, stratum, target } of labelled) {
    const single = () => ({ [soleInput(model)]: readNpy(reader.read(file.path), { file: file.path }) });
    try {
      const opened = await open(file, /\.npy$/i.test(file.name) ? single : undefined);
      for (const { row, shape, load } of opened.samples) {
        samples.push({
          file,
          ...(row === undefined || opened.samples.length === 1 ? {} : { row }),
          stratum,
          key: shape,
          load: async () => ({ inputs: await load(), target: await target() }),
        });
      }
    } catch (error) {
      if (!(error instanceof GnSwapError)) throw error;
      skip(file, error);
    }
  }
  return samples;
}
