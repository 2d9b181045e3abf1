/** COCO's JSON → pictures, categories and boxes (https://cocodataset.org/#format-data). */
import { GnSwapError } from '../../../errors.ts';
import { textOf } from '../text.ts';
import type { AnnotatedBox, AnnotatedImage, AnnotatedLeftOut } from './annotated.ts';

export interface CocoFile {
  readonly images: readonly AnnotatedImage[];
  /** In the order of their ids, which may have gaps. */
  readonly categories: readonly string[];
  /** Without crowds: those are regions, not objects. */
  readonly boxes: readonly AnnotatedBox[];
  readonly leftOut: readonly AnnotatedLeftOut[];
  /** Which annotations have a box that is 0 wide or high: labelling tools make them of a click, and whole data sets fail by one. */
  readonly flat: readonly number[];
}

type Entry = Readonly<Record<string, unknown>>;

/** @throws GnSwapError `invalid-data` naming the entry that is not as COCO has it */
export function readCoco(bytes: Uint8Array, path: string): CocoFile {
  const content = parsed(textOf(bytes), path);
  const [imageList, annotations, categoryList] = ['images', 'annotations', 'categories'].map((key) =>
    listOf(content, key, path),
  );
  const images = new Map(
    imageList?.map((entry, index) => [entry.id, imageOf(entry, `images[${index}]`, path)] as const),
  );
  requireOwnIds(imageList ?? [], 'images', 'file_name', path);
  requireOwnIds(categoryList ?? [], 'categories', 'name', path);
  const used = new Set(annotations?.map((entry) => entry.category_id));
  const parents = new Set(categoryList?.map((entry) => entry.supercategory));
  const categories = new Map(
    (categoryList ?? [])
      .map(
        (entry, index) => ({ ...entry, name: nameOf(entry, `categories[${index}]`, path) }) as Entry & { name: string },
      )
      // Roboflow lists the name of the project first, as the parent of all others.
      .filter((entry) => used.has(entry.id) || !parents.has(entry.name) || entry.supercategory === entry.name)
      .sort((a, b) => Number(a.id) - Number(b.id))
      .map((entry) => [entry.id, entry.name] as const),
  );
  const flat: number[] = [];
  const boxes = (annotations ?? []).flatMap((entry, index) => {
    const place = `${path}: annotations[${index}]`;
    if (isCrowd(entry)) return [];
    const [image, category] = [images.get(entry.image_id), categories.get(entry.category_id)];
    if (image === undefined) throw unknown('picture', 'image_id', entry.image_id, place);
    if (category === undefined) throw unknown('category', 'category_id', entry.category_id, place);
    const bbox = entry.bbox ?? around(entry.segmentation);
    if (isFlat(bbox)) {
      flat.push(index);
      return [];
    }
    return [{ place, image, category, box: boxOf(bbox, place) }];
  });
  const leftOut = (annotations ?? []).filter(isCrowd).flatMap((entry, index) => {
    const place = `${path}: crowd ${index}`;
    const [image, category] = [images.get(entry.image_id), categories.get(entry.category_id)];
    // Nothing is learnt from it, so it is passed over if it can't be placed.
    if (image === undefined || category === undefined || !isFour(entry.bbox)) return [];
    const [, , width, height] = entry.bbox;
    if (width <= 0 || height <= 0) return [];
    return [{ place, image, category, box: boxOf(entry.bbox, place), isCrowd: true }];
  });
  return { images: [...images.values()], categories: [...new Set(categories.values())], boxes, leftOut, flat };
}

function isCrowd({ iscrowd }: Entry): boolean {
  return iscrowd === 1 || iscrowd === true;
}

function parsed(text: string, path: string): Entry {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    const position = Number(/position (\d+)/.exec(detail)?.[1] ?? text.length);
    const line = text.slice(0, position).split('\n').length;
    throw new GnSwapError('invalid-data', `it is not JSON (${detail})`, {
      file: `${path}:${line}`,
      remedy: 'Export the annotations again as COCO JSON',
      cause,
    });
  }
  if (isEntry(content)) return content;
  throw new GnSwapError('invalid-data', 'it is not an object with images, annotations and categories', {
    file: path,
    remedy: 'Export the annotations as COCO JSON',
  });
}

function isEntry(value: unknown): value is Entry {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function listOf(content: Entry, key: string, path: string): Entry[] {
  const list = content[key];
  if (Array.isArray(list) && list.every(isEntry)) return list;
  throw new GnSwapError('invalid-data', `it has no list ${key}`, {
    file: path,
    remedy: 'Export the annotations as COCO JSON',
  });
}

/** Files that were put together number their pictures and categories alike, and boxes would be another's. */
function requireOwnIds(entries: readonly Entry[], key: string, nameKey: string, path: string): void {
  const known = new Map<unknown, number>();
  for (const [index, { id, ...entry }] of entries.entries()) {
    const other = known.get(id);
    if (other === undefined) known.set(id, index);
    else if (entries[other]?.[nameKey] !== entry[nameKey]) {
      throw new GnSwapError('invalid-data', `its id, ${JSON.stringify(id)}, is that of ${key}[${other}], too`, {
        file: `${path}: ${key}[${index}]`,
        remedy: 'Give each an id of its own, also where annotations name it',
      });
    }
  }
}

function imageOf(entry: Entry, place: string, path: string): AnnotatedImage {
  if (typeof entry.file_name !== 'string' || entry.file_name === '') {
    throw new GnSwapError('invalid-data', 'the picture has no file_name', {
      file: `${path}: ${place}`,
      remedy: 'Export the annotations again as COCO JSON',
    });
  }
  const size = (value: unknown) => (typeof value === 'number' && value > 0 ? value : undefined);
  return { place: `${path}: ${place}`, name: entry.file_name, width: size(entry.width), height: size(entry.height) };
}

function nameOf(entry: Entry, place: string, path: string): string {
  if (typeof entry.name === 'string' && entry.name !== '') return entry.name;
  throw new GnSwapError('invalid-data', 'the category has no name', {
    file: `${path}: ${place}`,
    remedy: 'Give it a name',
  });
}

/** The box around polygons, for annotations that have no other. */
function around(polygons: unknown): number[] | undefined {
  const numbers = Array.isArray(polygons) ? polygons.flat() : [];
  if (numbers.length < 6 || !numbers.every((it) => typeof it === 'number')) return undefined;
  const [xs, ys] = [0, 1].map((axis) => numbers.filter((_, index) => index % 2 === axis)) as [number[], number[]];
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  return [left, top, Math.max(...xs) - left, Math.max(...ys) - top];
}

function isFour(bbox: unknown): bbox is readonly [number, number, number, number] {
  return Array.isArray(bbox) && bbox.length === 4 && bbox.every((it) => typeof it === 'number' && Number.isFinite(it));
}

function isFlat(bbox: unknown): boolean {
  return isFour(bbox) && Math.min(bbox[2], bbox[3]) === 0;
}

function boxOf(bbox: unknown, place: string): AnnotatedBox['box'] {
  if (!isFour(bbox)) {
    throw new GnSwapError('invalid-data', `its bbox is not four numbers: ${JSON.stringify(bbox)}`, {
      file: place,
      remedy: 'Write [x, y, width, height] in pixels',
    });
  }
  const [left, top, width, height] = bbox;
  if (width <= 0 || height <= 0) {
    throw new GnSwapError('invalid-data', `its box has no area: it is ${width} wide and ${height} high`, {
      file: place,
      remedy: 'Remove the annotation, or write [x, y, width, height] with a width and height',
    });
  }
  return { left, top, right: left + width, bottom: top + height };
}

function unknown(what: string, key: string, id: unknown, place: string): GnSwapError {
  return new GnSwapError('invalid-data', `no ${what} has the id of its ${key}, ${JSON.stringify(id)}`, {
    file: place,
    remedy: `Remove the annotation, or add the ${what}`,
  });
}
