/** Distillation: pictures or arrays alone, whatever is there. A teacher answers. */
import { GnSwapError } from '../../../errors.ts';
import type { Sample } from '../../arrays.ts';
import { IMAGE_FILES } from '../../images.ts';
import { masksAmong } from '../../masks.ts';
import { placementOf } from '../../picture-fit.ts';
import { sourcesOf } from '../../sources.ts';
import { KEPT_ARRAYS } from '../arrays.ts';
import type { DataFile, Folder } from '../folder.ts';
import type { LabelledSample, Layout } from '../layout.ts';
import { keyOfPlacement } from '../pictures.ts';

const OTHER = /\.(npz|npy|pb)$/i;

export const unlabelled: Layout = {
  expects: 'pictures, or arrays as .npz, .npy or .pb',
  matches: ({ files }) => files.some(({ inner }) => IMAGE_FILES.test(inner) || OTHER.test(inner)),
  async open({ folder, model, options, reader, image, look, skip }) {
    const byPath = new Map(folder.files.map((file) => [file.path, file]));
    const all = folder.files.map(({ path }) => path);
    const masks = masksAmong(all);
    const paths = all.filter((path) => !masks.has(path));
    // Pictures are looked at below: they are not decoded to be opened.
    const { sources } = sourcesOf(paths, model, options, reader, { kept: options.arrays ?? KEPT_ARRAYS });
    const samples: LabelledSample[] = [];
    for (const [path, open] of sources) {
      const file = byPath.get(path) ?? folderOf(path, folder);
      const load = (sample: Sample) => async () => ({ inputs: await sample.load(), target: { kind: 'none' } as const });
      try {
        for (const sample of open()) {
          const isPicture = IMAGE_FILES.test(path);
          const size = isPicture ? await look(file) : undefined;
          if (isPicture && size === undefined) continue;
          const key = size === undefined ? await sample.key() : keyOfPlacement(placementOf(size, image()));
          const row = sample.row === undefined ? {} : { row: sample.row };
          samples.push({ file, ...row, stratum: 0, key, load: load(sample) });
        }
      } catch (error) {
        if (!(error instanceof GnSwapError) || error.code === 'runtime-missing') throw error;
        skip(file, error);
      }
    }
    return { samples };
  },
};

/** A folder of ONNX's test data is one sample. */
function folderOf(path: string, { files }: Folder): DataFile {
  const inside = files.find((file) => file.path.startsWith(path));
  const parent = (name = '') => name.replace(/[^/]*$/, '');
  return { path, name: parent(inside?.name), inner: parent(inside?.inner) };
}
