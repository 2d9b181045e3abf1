/** Classification: a folder for each class. */
import { GnSwapError } from '../../../errors.ts';
import { plural } from '../../../words.ts';
import { IMAGE_FILES } from '../../images.ts';
import { masksAmong } from '../../masks.ts';
import { asInModel, requireSeveral, resolveLabels } from '../classes.ts';
import { fileSamples } from '../file-samples.ts';
import { type DataFile, naturalSort } from '../folder.ts';
import { refuseForeign } from '../foreign.ts';
import type { Layout, LayoutContext } from '../layout.ts';
import { samplesAmong } from '../sample-files.ts';

/** `cat/1.jpg`, `dog/7.png` … The classes are the folders, in the order of `--classes`, of the model if it names them, or in natural order. */
export const classFolders: Layout = {
  expects: 'a folder of pictures, or of arrays as .npy, for each class',
  matches: ({ files }) => samplesAmong(files).some(({ inner }) => inner.includes('/')),
  async open(context) {
    const { folder, options } = context;
    const masks = masksAmong(folder.files.map(({ inner }) => inner));
    const pictures = samplesAmong(folder.files).filter(({ inner }) => !masks.has(inner));
    const loose = pictures.find(({ inner }) => !inner.includes('/'));
    if (loose !== undefined) {
      const what = IMAGE_FILES.test(loose.inner) ? 'picture' : 'array';
      throw new GnSwapError('invalid-data', `the ${what} is not in the folder of a class`, {
        file: loose.path,
        remedy: `Move it into the folder of its class, or list all ${what}s in labels.csv as file,label`,
      });
    }
    requireLabels(pictures, context);
    const classOf = ({ inner }: DataFile) => inner.slice(0, inner.indexOf('/'));
    const folders = naturalSort(new Set(pictures.map(classOf)));
    const { classes, labels } = resolveLabels(
      folders.map((text) => ({ text, place: `${folder.root}/${text}` })),
      // Names of folders are names, even if they are numbers.
      { ...options, classes: options.classes ?? asInModel(folders, options) },
    );
    requireSeveral(labels, classes, folder.root, options);
    const labelOf = new Map(folders.map((name, index) => [name, labels[index] as number]));
    const labelled = pictures.map((file) => {
      const label = labelOf.get(classOf(file)) ?? 0;
      return { file, stratum: label, target: () => ({ kind: 'class', label }) as const };
    });
    return { classes, samples: await fileSamples(labelled, context) };
  },
};

const LISTS = /(train|label|list)[^/]*\.txt$/i;

/** Pictures that all are in `images/` have their labels elsewhere. */
function requireLabels(pictures: readonly DataFile[], { folder, reader }: LayoutContext): void {
  if (!pictures.every(({ inner }) => /^images?\//i.test(inner))) return;
  refuseForeign(folder, reader);
  const { files, root } = folder;
  const list = files.find(({ inner }) => LISTS.test(inner));
  throw new GnSwapError(
    'invalid-data',
    `no labels were found for the ${plural(pictures.length, 'picture')} in images/`,
    {
      file: root,
      remedy:
        list === undefined
          ? 'Put each into a folder with the name of its class, or list them in labels.csv as file,label'
          : 'Give the list of their labels',
      ...(list === undefined ? {} : { next: { set: { data: list.path } } }),
    },
  );
}
