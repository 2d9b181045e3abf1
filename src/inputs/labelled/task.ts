/** A folder of samples with labels → what is to be learned, where its layout tells. */
import { GnSwapError } from '../../errors.ts';
import type { Reader } from '../reader.ts';
import { classColumns } from './classify/columns.ts';
import { boxColumn, LABEL_HEADERS } from './classify/table.ts';
import { INDEX } from './detect/coco.ts';
import { hasTextLabels, NAME_LISTS } from './detect/yolo.ts';
import { openFolder } from './folder.ts';
import { refuseForeign } from './foreign.ts';
import type { LayoutContext } from './layout.ts';
import type { LabelledTask } from './options.ts';
import { TARGET_FILES } from './regress/files.ts';
import { isWord } from './regress/table.ts';
import { samplesAmong } from './sample-files.ts';
import { hasMasks } from './segment/pairs.ts';
import { hasTable, isTable, readFileTable } from './tables.ts';
import { hasTargets } from './target-pairs.ts';

/**
 * Finds the task that a data set is laid out for: boxes in `labels/`, a COCO index or XML files are `detect`, `masks/` are `segment`, pictures in a
 * folder for each class are `classify`, `targets/` beside `images/` are `regress`; a table whose labels are words, or 0 and 1 for each class, is `classify`, too, one with fractions `regress`, and one of
 * boxes `detect`. Whole numbers are classes or values, as the output of the model can be.
 *
 * @param answers how many numbers the model answers to a sample; undefined if nobody knows
 * @returns undefined if the samples suit more than one task: arrays, pictures without labels, some tables of whole numbers
 * @throws GnSwapError `invalid-data` if there is a table that can't be read, and for labels of a kind that is not read
 */
export async function taskOf(path: string, reader: Reader, answers?: number): Promise<LabelledTask | undefined> {
  const folder = await openFolder(path, reader);
  const { all, chosen } = folder;
  if (all.length === 0) throw empty(folder.root);
  const names = all.map(({ inner }) => inner.toLowerCase());
  const has = (pattern: RegExp) => names.some((name) => pattern.test(name));
  if (isTable(folder)) return taskOfTable({ folder, reader }, answers);
  if (/\.(json|ya?ml)$/i.test(chosen?.name ?? '') || has(/^(data\.ya?ml|(.*\/)?labels\/.*\.txt)$/)) return 'detect';
  if (has(/^masks\//)) return 'segment';
  const masked = hasMasks({ ...folder, files: all });
  const boxed = has(INDEX) || has(/\.xml$/) || (has(NAME_LISTS) && hasTextLabels(all));
  if (masked && boxed) throw twofold(folder.root);
  if (masked || boxed) return masked ? 'segment' : 'detect';
  if (hasTargets({ ...folder, files: all }, TARGET_FILES)) return 'regress';
  if (has(/^[^/]*\.npz$/)) return undefined;
  if (hasTable(folder)) return taskOfTable({ folder, reader }, answers);
  const classes = new Set(
    samplesAmong(names.map((inner) => ({ inner }))).map(({ inner }) => inner.split('/').slice(0, -1).join('/')),
  );
  if (classes.size > 1 && !classes.has('')) return 'classify';
  refuseForeign(folder, reader);
  return undefined;
}

function empty(root: string): GnSwapError {
  return new GnSwapError('invalid-data', 'it is empty', {
    file: root,
    remedy: 'Use a folder of labelled samples; docs/data.md shows the layouts',
  });
}

/** Pascal VOC has boxes and masks of the same pictures. */
function twofold(root: string): GnSwapError {
  return new GnSwapError('invalid-data', 'it has boxes and masks', {
    file: root,
    remedy: 'Use --task detect or --task segment',
    next: { set: { task: 'segment' } },
  });
}

/** Words are classes, fractions are values, and whole numbers are either, unless their column says that it holds classes, or the model can answer only with one of both. */
function taskOfTable(
  context: Pick<LayoutContext, 'folder' | 'reader'>,
  answers: number | undefined,
): LabelledTask | undefined {
  const table = readFileTable(context);
  const { header, rows, fileColumn, width } = table;
  if (boxColumn(table) !== undefined) return 'detect';
  if (classColumns(table) !== undefined) return 'classify';
  const all = Array.from({ length: width }, (_, column) => column).filter((column) => column !== fileColumn);
  const numbered = all.filter((column) => !rows.every(({ cells }) => isWord(cells[column] ?? '')));
  // Beside as many numbers as the model answers, words are remarks, unless their column says that it holds labels.
  const isLabel = (column: number) => LABEL_HEADERS.test(header?.[column] ?? '');
  const areRemarks = all.every((column) => numbered.includes(column) || !isLabel(column));
  const hasRemarks =
    header !== undefined && areRemarks && answers !== undefined && answers > 1 && numbered.length === answers;
  const columns = hasRemarks ? numbered : all;
  const labels = columns.filter((column) => columns.length === 1 || isLabel(column));
  const hasWord = ({ cells }: { readonly cells: readonly string[] }) =>
    labels.some((column) => !Number.isFinite(Number(cells[column])));
  if (rows.some(hasWord) || labels.some((column) => CLASS_HEADERS.test(header?.[column] ?? ''))) return 'classify';
  const numbers = rows.flatMap(({ cells }) => columns.map((column) => Number(cells[column])));
  if (!numbers.every(Number.isFinite)) return undefined;
  if (numbers.some((value) => !Number.isInteger(value))) return 'regress';
  return columns.length === 1 ? taskOfWhole(numbers, answers) : columns.length === answers ? 'regress' : undefined;
}

/** One whole number for each picture: of several answers it is the place of the right one; one answer is that number, or how likely the second of two classes is. */
function taskOfWhole(numbers: readonly number[], answers: number | undefined): LabelledTask | undefined {
  if (answers === undefined) return undefined;
  if (answers > 1) return 'classify';
  return numbers.every((value) => value === 0 || value === 1) ? undefined : 'regress';
}

/** Names of a column whose numbers are classes. */
const CLASS_HEADERS = /^(class|classes|class_?(name|id)|category)$/i;
