/** The files of a data set, by names that are the same on every machine; and its parts, if it is divided into training and validation. */
import { commonFolder, type Reader } from '../reader.ts';

export interface DataFile {
  /** What the reader takes. */
  readonly path: string;
  /** Relative to the folder, with slashes. */
  readonly name: string;
  /** The name without the folder of its part: `train/images/a.jpg` and `images/train/a.jpg` are `images/a.jpg`. */
  readonly inner: string;
}

export interface Folder {
  /** As it was given: for errors. */
  readonly root: string;
  readonly files: readonly DataFile[];
  /** The file that was given in place of a folder. */
  readonly chosen: DataFile | undefined;
  /** Which part the files are; undefined if the folder is not divided. */
  readonly part: Part | undefined;
}

export type Part = 'train' | 'val';

/** Files that say what others are: data are then in the folder around them. */
const INDEX_FILES = /\.(csv|tsv|json|ya?ml)$/i;
/** The names that parts have in exports of Roboflow, COCO, Ultralytics and torchvision. */
const PARTS: readonly (readonly [Part | 'test', RegExp])[] = [
  ['train', /^train(ing)?(\d{4})?$/i],
  ['val', /^(val|valid|validation)(\d{4})?$/i],
  ['test', /^test(ing)?(\d{4})?$/i],
];
/** Folders by what is in them: a part may be above or below. */
const KINDS = /^(images?|masks?|labels?|annotations?)$/i;
const IGNORED = /(^|\/)(\.|__MACOSX\/)/;

/** Lists a data set: of a folder its files, of a table or an index the files around it. */
export function openFolder(path: string, reader: Reader, part: Part = 'train'): Folder {
  const isIndex = INDEX_FILES.test(path);
  const root = isIndex ? path.replace(/[^\\/]*$/, '').replace(/(.)[\\/]$/, '$1') || '.' : path;
  const paths = reader.list(root);
  const prefix = prefixOf(root, paths);
  const named = paths
    .map((file) => ({ path: file, name: file.slice(prefix.length).replaceAll('\\', '/') }))
    .filter(({ name }) => !IGNORED.test(name));
  const isDivided = areParts(named.map(({ name }) => name));
  const all = named.map((file) => ({ ...file, inner: isDivided ? withoutPart(file.name) : file.name }));
  const wanted = all.filter(({ name }) => !isDivided || (partOf(name) ?? part) === part);
  const index = path.slice(root === '.' && !path.startsWith('.') ? 0 : root.length).replace(/^[\\/]/, '');
  return {
    root,
    files: wanted,
    chosen: isIndex
      ? all.find(({ name }) => name === index.replaceAll('\\', '/'))
      : wanted.find((it) => it.path === path),
    part: isDivided ? part : undefined,
  };
}

/** The part that a file belongs to by its folder; undefined if it belongs to all. */
function partOf(name: string): Part | 'test' | undefined {
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

/** A class may be called `train`: parts are parts only if all files below folders are in one, and something is held out. */
function areParts(names: readonly string[]): boolean {
  const below = names.filter((name) => name.includes('/') && !/\.(json|ya?ml|txt|csv|tsv)$/i.test(name));
  const parts = new Set(below.map(partOf));
  return parts.has('train') && !parts.has(undefined) && parts.size > 1;
}

function withoutPart(name: string): string {
  const at = partAt(name);
  return name
    .split('/')
    .filter((_, index) => index !== at)
    .join('/');
}

/** The root as the listed files begin with it, with a separator at its end. */
function prefixOf(root: string, files: readonly string[]): string {
  const [first = ''] = files;
  if (first === root) return root.replace(/[^\\/]*$/, '');
  const separator = first.includes('\\') ? '\\' : '/';
  const kept: string[] = [];
  for (const segment of root.split(/[\\/]/)) {
    if (segment === '.' || (segment === '' && kept.length > 0)) continue;
    if (segment === '..' && kept.length > 0 && kept.at(-1) !== '..') kept.pop();
    else kept.push(segment);
  }
  const prefix = kept.length === 0 ? '' : `${kept.join(separator)}${separator}`;
  return files.every((file) => file.startsWith(prefix)) ? prefix : commonFolder(files);
}

/** Puts names in the order that people count in: `a2` before `a10`. */
export function naturalSort(names: Iterable<string>): string[] {
  const collator = new Intl.Collator('en', { numeric: true });
  return [...names].sort((a, b) => collator.compare(a, b) || (a < b ? -1 : 1));
}
