/** How a data set is divided into samples to train on, samples to measure on, and others. */
import { GnSwapError } from '../../errors.ts';
import { IMAGE_FILES } from '../images.ts';
import { folderOfPart } from '../masks.ts';
import type { Reader } from '../reader.ts';
import { findDataYaml, readDataYaml, type YamlFolder } from './detect/data-yaml.ts';
import { linesOf } from './text.ts';

export type Part = 'train' | 'val';

export interface Division {
  /** The part that a file belongs to; undefined if it belongs to all. */
  partOf(name: string): Part | 'test' | undefined;
  /** The name without the folder of its part: `train/images/a.jpg` and `images/train/a.jpg` are `images/a.jpg`. */
  innerOf(name: string): string;
}

interface NamedFile {
  readonly path: string;
  readonly name: string;
}

/** The names that parts have in exports of Roboflow, COCO, Ultralytics and torchvision. */
const PARTS: readonly (readonly [Part | 'test', RegExp])[] = [
  ['train', /^train(ing)?(\d{4})?$/i],
  ['val', /^(val|valid|validation)(\d{4})?$/i],
  ['test', /^test(ing)?(\d{4})?$/i],
];
/** `train.csv`, `instances_val2017.json`. */
const INDEX_PARTS: readonly (readonly [Part | 'test', RegExp])[] = [
  ['train', /(^|_)train(ing)?(\d{4})?\.(csv|tsv|jsonl?)$/i],
  ['val', /(^|_)(val|valid|validation)(\d{4})?\.(csv|tsv|jsonl?)$/i],
  ['test', /(^|_)test(ing)?(\d{4})?\.(csv|tsv|jsonl?)$/i],
];
/** Folders by what is in them: a part may be above or below. */
const KINDS =
  /^(images?|imgs?|inputs?|masks?|labels?|annotations?|targets?|jpegimages|segmentationclass|leftimg8bit|gtfine|img_dir|ann_dir)$/i;
/** What a part has of its own. Labels may lie elsewhere, and so may what tools leave: Ultralytics caches labels in `labels/train.cache`. */
const ARRAY_FILES = /\.(np[yz]|pb)$/i;
const isSample = (name: string) => IMAGE_FILES.test(name) || ARRAY_FILES.test(name);

/**
 * Finds how files are divided: by folders `train` and `val`, by the paths in `data.yaml`, or by the names of tables; undefined if they are not.
 *
 * @param index name of the table or index that was given
 */
export async function divisionOf(
  files: readonly NamedFile[],
  index: string | undefined,
  reader: Reader,
): Promise<Division | undefined> {
  const names = files.map(({ name }) => name);
  const beside = besideDivision(names);
  if (beside !== undefined) return beside;
  const isTable = index !== undefined && !/\.ya?ml$/i.test(index);
  const indexParts = isTable ? [] : names.map(indexPartOf);
  const byIndex = indexParts.includes('train') && indexParts.includes('val');
  if (areFolders(names)) {
    return { partOf: (name) => folderPartOf(name) ?? (byIndex ? indexPartOf(name) : undefined), innerOf: withoutPart };
  }
  const byYaml = isTable ? undefined : await yamlDivision(files, index, reader);
  if (byYaml !== undefined) return byYaml;
  if (byIndex) return { partOf: indexPartOf, innerOf: (name) => name };
  // Nothing is held out of what is all in `train/`; it is a part all the same, and no class.
  return [...partsIn(names)].join() === 'train' ? { partOf: folderPartOf, innerOf: withoutPart } : undefined;
}

/** The division of masks that lie in folders beside those of their pictures; undefined if there are none. Names inside are those of `images/` and `masks/`. */
function besideDivision(names: readonly string[]): Division | undefined {
  const found = (name: string) => {
    const at = name.indexOf('/');
    const it = at > 0 ? folderOfPart(name.slice(0, at)) : undefined;
    return it && { ...it, rest: name.slice(at + 1) };
  };
  const pictures = names.filter((name) => IMAGE_FILES.test(name)).flatMap((name) => found(name) ?? []);
  const partsOf = (isMask: boolean) => new Set(pictures.filter((it) => it.isMask === isMask).map(({ part }) => part));
  const [plain, masked] = [partsOf(false), partsOf(true)];
  if (![...masked].some((part) => plain.has(part))) return undefined;
  return {
    partOf(name) {
      const part = found(name)?.part;
      return part === undefined ? undefined : PARTS.find(([, pattern]) => pattern.test(part))?.[0];
    },
    innerOf(name) {
      const it = found(name);
      return it === undefined ? name : `${it.isMask ? 'masks' : 'images'}/${it.rest}`;
    },
  };
}

function indexPartOf(name: string): Part | 'test' | undefined {
  return INDEX_PARTS.find(([, pattern]) => pattern.test(name.slice(name.lastIndexOf('/') + 1)))?.[0];
}

function folderPartOf(name: string): Part | 'test' | undefined {
  const at = partAt(name);
  const segment = name.split('/')[at];
  return at < 0 ? undefined : PARTS.find(([, pattern]) => pattern.test(segment ?? ''))?.[0];
}

/** Position of the folder that names a part: the first, or the one below `images` and the like. */
function partAt(name: string): number {
  const folders = name.split('/').slice(0, -1);
  const isPart = (at: number) => PARTS.some(([, pattern]) => pattern.test(folders[at] ?? ''));
  if (isPart(0)) return 0;
  return KINDS.test(folders[0] ?? '') && isPart(1) ? 1 : -1;
}

/** A class may be called `train`: folders are parts only if all samples are in one, and some are apart from those to train on. */
function areFolders(names: readonly string[]): boolean {
  const parts = partsIn(names);
  return parts.has('train') && !parts.has(undefined) && parts.size > 1;
}

/** The parts that samples in folders belong to. */
function partsIn(names: readonly string[]): Set<Part | 'test' | undefined> {
  return new Set(names.filter((name) => name.includes('/') && isSample(name)).map(folderPartOf));
}

function withoutPart(name: string): string {
  const at = partAt(name);
  return name
    .split('/')
    .filter((_, position) => position !== at)
    .join('/');
}

/** By the folders that `data.yaml` names, if they are two. */
async function yamlDivision(
  files: readonly NamedFile[],
  index: string | undefined,
  reader: Reader,
): Promise<Division | undefined> {
  const file = index === undefined ? findDataYaml(files, reader) : files.find(({ name }) => name === index);
  if (file === undefined) return undefined;
  const yaml = await readDataYaml(file.path, reader);
  const lists = [listedIn(yaml.train, files, reader), listedIn(yaml.val, files, reader)] as const;
  if (lists[0] !== undefined) return listDivision(lists[0], lists[1]);
  const prefixesOf = (folders: readonly YamlFolder[]) =>
    folders.map(({ text, place, candidates }) => ({
      text,
      place,
      prefix: candidates
        // `.` is the folder of the file: all is in it.
        .map((it) => (it === '' ? '' : `${it}/`))
        .find((it) => files.some(({ name }) => name.startsWith(it))),
    }));
  const train = prefixesOf(yaml.train);
  const missing = train.find(({ prefix }) => prefix === undefined);
  if (missing !== undefined) {
    throw new GnSwapError(
      'invalid-data',
      `train names ${JSON.stringify(missing.text)}, and that is not a folder beside the file`,
      {
        file: missing.place,
        remedy: 'Write the folder of the pictures as it is from data.yaml: train: images/train',
      },
    );
  }
  const trained = train.map(({ prefix }) => prefix ?? '');
  const held = prefixesOf(yaml.val).flatMap(({ prefix }) => prefix ?? []);
  if (trained.length === 0 || held.length === 0 || held.some((it) => trained.includes(it))) return undefined;
  return {
    innerOf: (name) => name,
    partOf: (name) => {
      // The longest wins: one folder may be in another.
      const inside = [...trained, ...held].filter((prefix) => name.startsWith(prefix));
      const longest = inside.reduce((best, it) => (it.length > best.length ? it : best), '');
      if (longest === '' && !IMAGE_FILES.test(name)) return undefined;
      if (!inside.includes(longest)) return 'test';
      return held.includes(longest) ? 'val' : 'train';
    },
  };
}

/** The pictures of the text files that are named in place of folders, as CVAT does; undefined if there are none. */
function listedIn(
  folders: readonly YamlFolder[],
  files: readonly NamedFile[],
  reader: Reader,
): ReadonlySet<string> | undefined {
  const lists = folders.flatMap(
    ({ candidates }) => files.find(({ name }) => /\.txt$/i.test(name) && candidates.includes(name)) ?? [],
  );
  if (lists.length === 0) return undefined;
  const lines = lists.flatMap(({ path }) => linesOf(reader.read(path)));
  // Paths begin above the folder: data/images/train/a.jpg.
  const ends = lines.flatMap((line) => {
    const segments = line.trim().normalize('NFC').split(/[\\/]/);
    return segments.map((_, first) => segments.slice(first).join('/'));
  });
  return new Set(ends);
}

function listDivision(train: ReadonlySet<string>, val: ReadonlySet<string> | undefined): Division | undefined {
  if (val === undefined) return undefined;
  return {
    innerOf: (name) => name,
    partOf(name) {
      if (!IMAGE_FILES.test(name)) return undefined;
      return val.has(name) ? 'val' : train.has(name) ? 'train' : 'test';
    },
  };
}

/** Whether a folder has its name from what is in it. */
export function isKnownFolder(name: string): boolean {
  return KINDS.test(name) || PARTS.some(([, pattern]) => pattern.test(name));
}
