/** A folder of samples with labels → what is to be learned, where its layout tells. */
import { IMAGE_FILES } from '../images.ts';
import type { Reader } from '../reader.ts';
import { openFolder } from './folder.ts';
import type { LabelledTask } from './options.ts';

/**
 * Finds the task that a data set is laid out for: boxes in `labels/` or a COCO index are `detect`, `masks/` are `segment`, pictures in a
 * folder for each class are `classify`.
 *
 * @returns undefined if the layout suits more than one task: tables, arrays, pictures without labels
 */
export async function taskOf(path: string, reader: Reader): Promise<LabelledTask | undefined> {
  const { all, chosen } = await openFolder(path, reader);
  const names = all.map(({ inner }) => inner.toLowerCase());
  const has = (pattern: RegExp) => names.some((name) => pattern.test(name));
  if (/\.csv$|\.tsv$/i.test(chosen?.name ?? '')) return undefined;
  if (/\.(json|ya?ml)$/i.test(chosen?.name ?? '') || has(/^(data\.ya?ml|(.*\/)?labels\/.*\.txt)$/)) return 'detect';
  if (has(/^masks\//)) return 'segment';
  if (has(/\.json$/)) return 'detect';
  if (has(/^[^/]*\.(csv|tsv|npz)$/)) return undefined;
  const classes = new Set(
    names.filter((name) => IMAGE_FILES.test(name)).map((name) => name.split('/').slice(0, -1).join('/')),
  );
  return classes.size > 1 && !classes.has('') ? 'classify' : undefined;
}
