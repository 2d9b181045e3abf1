/** Detection: a table with a row for each box, as Roboflow, OpenImages and Kaggle write it. */
import { GnSwapError } from '../../../errors.ts';
import { plural } from '../../../words.ts';
import { IMAGE_FILES, type PictureSize } from '../../images.ts';
import { LABEL_HEADERS } from '../classify/table.ts';
import type { DataFile, Folder } from '../folder.ts';
import type { Layout, LayoutContext } from '../layout.ts';
import { type FileTable, hasTable, isTable, readFileTable } from '../tables.ts';
import { type AnnotatedBox, type AnnotatedImage, type AnnotatedLeftOut, annotatedSamples } from './annotated.ts';
import { type BoxColumns, boxColumns, edgesIn } from './box-columns.ts';
import { INDEX } from './coco.ts';
import { hasTextLabels } from './yolo.ts';

const XML = /\.xml$/i;

/** `file,class,xmin,ymin,xmax,ymax`, or `bbox` as `[x, y, width, height]`. A row without numbers is a picture without objects. */
export const boxTable: Layout = {
  expects: 'a table file,class,xmin,ymin,xmax,ymax with a row for each box',
  matches: (folder) => isTable(folder) || (hasTable(folder) && !hasOtherLabels(folder)),
  async open(context) {
    const table = readFileTable(context);
    const columns = boxColumns(table);
    const images = imagesOf(table, columns);
    const sizes = new Map<DataFile, PictureSize>();
    const read = table.rows.flatMap((row) => {
      const box = edgesIn(row, columns);
      return box === undefined ? [] : [{ row, box }];
    });
    // If no edge is beyond 1, edges are shares of the picture's sides: nobody draws boxes within a single pixel.
    const areShares = read.length > 0 && read.every(({ box }) => Math.max(box.right, box.bottom) <= 1);
    for (const { row } of areShares ? read : []) {
      const size = sizes.get(row.file) ?? (await context.peek(row.file));
      if (size !== undefined) sizes.set(row.file, size);
    }
    const className = ({ cells }: (typeof table.rows)[number]) => classOf(cells, table, columns);
    const all = read.map(({ row, box }): AnnotatedLeftOut => {
      const { width, height } = (areShares ? sizes.get(row.file) : undefined) ?? { width: 1, height: 1 };
      const pixels = {
        left: box.left * width,
        right: box.right * width,
        top: box.top * height,
        bottom: box.bottom * height,
      };
      const image = images.get(row.file) as AnnotatedImage;
      return { place: row.place, image, category: className(row), box: pixels, isCrowd: isGroup(row.cells, columns) };
    });
    const boxes: AnnotatedBox[] = all.filter((it) => !it.isCrowd);
    if (boxes.length === 0 && context.options.heldOut !== true) throw withoutBoxes(table);
    noteOthers(context, images);
    const pictures = [...images].map(([file, image]) => ({ file, image }));
    return annotatedSamples({ boxes, leftOut: all.filter((it) => it.isCrowd) }, pictures, context);
  },
};

function hasOtherLabels({ files }: Folder): boolean {
  return hasTextLabels(files) || files.some(({ inner }) => XML.test(inner) || INDEX.test(inner));
}

/** The pictures that rows name, with their sizes if the table has them. */
function imagesOf({ rows }: FileTable, { size }: BoxColumns): Map<DataFile, AnnotatedImage> {
  const images = new Map<DataFile, AnnotatedImage>();
  for (const { file, cells, place } of rows) {
    const [width, height] = (size ?? []).map((column) => Number(cells[column]) || undefined);
    if (!images.has(file)) images.set(file, { place, name: file.name, width, height });
  }
  return images;
}

function classOf(cells: readonly string[], { header, fileColumn }: FileTable, columns: BoxColumns): string {
  const column = header?.findIndex((name, at) => at !== fileColumn && CLASS.some((it) => it.test(name))) ?? -1;
  // A table without a column of classes has one class.
  return column < 0 || columns.used.includes(column) ? 'object' : (cells[column] ?? '');
}

const CLASS = [LABEL_HEADERS, /^(label_?name|name)$/i];

/** Whether a box is drawn around several objects, as OpenImages marks it: it is not trained on. */
function isGroup(cells: readonly string[], { group }: BoxColumns): boolean {
  return group !== undefined && Number(cells[group]) === 1;
}

function noteOthers({ folder, skip }: LayoutContext, images: ReadonlyMap<DataFile, unknown>): void {
  for (const file of folder.files) if (IMAGE_FILES.test(file.inner) && !images.has(file)) skip(file, 'no row names it');
}

function withoutBoxes({ file, rows }: FileTable): GnSwapError {
  return new GnSwapError('invalid-data', `it has ${plural(rows.length, 'row')} and no boxes`, {
    file: file.path,
    remedy: 'Write a row for each box: file,class,xmin,ymin,xmax,ymax',
  });
}
