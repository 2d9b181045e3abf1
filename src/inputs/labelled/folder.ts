/** The files of a data set, by names that are the same on every machine. */
import { commonFolder, type Reader } from '../reader.ts';
import { divisionOf, isKnownFolder, type Part } from './division.ts';
import { samplesAmong } from './sample-files.ts';

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
  /** The files of all parts. */
  readonly all: readonly DataFile[];
  /** The file that was given in place of a folder. */
  readonly chosen: DataFile | undefined;
  /** Which part the files are; undefined if the folder is not divided. */
  readonly part: Part | undefined;
}

/** Files that say what others are: data are then in the folder around them. */
const INDEX_FILES = /\.(csv|tsv|txt|jsonl?|ya?ml)$/i;
/** What systems leave in folders. */
const IGNORED = /(^|\/)(\.|__MACOSX\/|(Thumbs\.db|desktop\.ini)$)/i;

/**
 * Lists a data set: of a folder its files, of a table or an index the files around it.
 *
 * @throws GnSwapError `invalid-data` if the folder's `data.yaml` cannot be read, or names a folder that is not there
 */
export async function openFolder(path: string, reader: Reader, part: Part = 'train'): Promise<Folder> {
  const isIndex = INDEX_FILES.test(path);
  const root = isIndex ? path.replace(/[^\\/]*$/, '').replace(/(.)[\\/]$/, '$1') || '.' : path;
  const paths = reader.list(root);
  const prefix = prefixOf(root, paths);
  const listed = paths
    .map((file) => ({ path: file, name: composed(file.slice(prefix.length).replaceAll('\\', '/')) }))
    .filter(({ name }) => !IGNORED.test(name));
  const named = isIndex ? listed : withoutWrapping(listed);
  const index = isIndex ? composed(path.replace(/^.*[\\/]/, '')) : undefined;
  const division = await divisionOf(named, index, reader);
  const all = named.map((file) => ({ ...file, inner: division?.innerOf(file.name) ?? file.name }));
  return {
    root,
    files: division === undefined ? all : all.filter(({ name }) => (division.partOf(name) ?? part) === part),
    all,
    chosen: all.find((file) => file.name === index || file.path === path),
    part: division && part,
  };
}

/** Leaves out a folder that everything is in, as archives have one, if a data set lies in it. */
function withoutWrapping<F extends { readonly name: string }>(files: readonly F[]): F[] {
  const [first = ''] = files.map(({ name }) => name.slice(0, name.indexOf('/') + 1));
  const inside = files.map((file) => ({ ...file, name: file.name.slice(first.length) }));
  const isWrapping =
    first !== '' && !isKnownFolder(first.slice(0, -1)) && files.every(({ name }) => name.startsWith(first));
  if (!isWrapping) return [...files];
  if (inside.some(({ name }) => name.includes('/') && isKnownFolder(name.slice(0, name.indexOf('/'))))) return inside;
  if (areClasses(inside)) return inside;
  const deeper = withoutWrapping(inside);
  return deeper.length > 0 && deeper[0]?.name !== inside[0]?.name ? deeper : [...files];
}

/** Whether samples lie in several folders, and none beside them. */
function areClasses(files: readonly { readonly name: string }[]): boolean {
  const samples = samplesAmong(files.map(({ name }) => ({ name, inner: name })));
  const folders = new Set(samples.map(({ name }) => name.slice(0, name.indexOf('/') + 1)));
  return folders.size > 1 && !folders.has('');
}

/**
 * Writes a name with letters and their accents as one character. macOS writes them as two, so a picture and its labels, or a table, that come from
 * different machines would not match.
 */
export function composed(name: string): string {
  return name.normalize('NFC');
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
