/** YOLO's `data.yaml`: the names of the classes, and where pictures to train on and to measure on are. */
import { GnSwapError } from '../../../errors.ts';
import type { Reader } from '../../reader.ts';
import type { Document, LineCounter, Node } from '../packages.ts';
import { textOf } from '../text.ts';

export interface DataYaml {
  readonly path: string;
  /** In the order of their labels; undefined if the file names none. */
  readonly names: readonly string[] | undefined;
  /** Of data for poses; undefined if the file says nothing of them. */
  readonly keyPoints: KeyPoints | undefined;
  /** Folders relative to that of the file, as they may be meant: with `path`, or without. */
  readonly train: readonly YamlFolder[];
  readonly val: readonly YamlFolder[];
}

/** `kpt_shape`: how many key points each object has, and how many numbers each of them: x and y, or visibility too. */
export interface KeyPoints {
  readonly count: number;
  readonly numbers: 2 | 3;
}

export interface YamlFolder {
  /** As it is written. */
  readonly text: string;
  /** `file:line`. */
  readonly place: string;
  /** Names relative to the folder of the file. */
  readonly candidates: readonly string[];
}

const DATA_YAML = /^(data|dataset)\.ya?ml$/i;
const YAML = /^[^/]*\.ya?ml$/i;

/** Finds the file by its name, or the only one in the folder that names classes: Ultralytics calls it after the data set. */
export function findDataYaml<F extends { readonly path: string; readonly name: string }>(
  files: readonly F[],
  reader: Reader,
): F | undefined {
  const found = files.filter(({ name }) => YAML.test(name));
  const known = found.find(({ name }) => DATA_YAML.test(name));
  if (known !== undefined) return known;
  const naming = found.filter(({ path }) => /^names\s*:/m.test(textOf(reader.read(path))));
  return naming.length === 1 ? naming[0] : undefined;
}

/** @throws GnSwapError `invalid-data` for what is not YAML, and names that do not count from 0 */
export async function readDataYaml(path: string, reader: Reader): Promise<DataYaml> {
  const { LineCounter, parseDocument } = await import('../packages.ts');
  const lines = new LineCounter();
  const document = parseDocument(textOf(reader.read(path)), { lineCounter: lines });
  const [error] = document.errors;
  if (error !== undefined) {
    throw new GnSwapError(
      'invalid-data',
      `it is not YAML (${error.message.split('\n')[0]?.replace(/ at line.*$/, '')})`,
      {
        file: `${path}:${error.linePos?.[0].line ?? 1}`,
        remedy: 'Write names: [a, b, c], and no tabs',
      },
    );
  }
  const content: unknown = document.toJS();
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new GnSwapError('invalid-data', 'it holds no keys', { file: path, remedy: 'Write names: [a, b, c]' });
  }
  const value = (key: string): unknown => Object.entries(content).find(([name]) => name === key)?.[1];
  const place = (key: string) => `${path}:${lineOf(document, lines, key)}`;
  const names = namesOf(value('names'), place('names'));
  const count = value('nc');
  if (names !== undefined && typeof count === 'number' && count !== names.length) {
    throw new GnSwapError('invalid-data', `nc is ${count}, and names lists ${names.length}`, {
      file: place('nc'),
      remedy: `Write nc: ${names.length}, or name the missing classes`,
    });
  }
  const base = typeof value('path') === 'string' ? `${value('path')}` : '';
  const folders = (key: string) =>
    [value(key)].flat().flatMap((text): YamlFolder[] => {
      if (typeof text !== 'string' || text === '') return [];
      return [{ text, place: place(key), candidates: candidatesOf(text, base) }];
    });
  const keyPoints = keyPointsOf(value('kpt_shape'), place('kpt_shape'));
  return { path, names, keyPoints, train: folders('train'), val: folders('val') };
}

/**
 * Exports write `../train/images` and mean `train/images`. Absolute paths are of another machine: of `/home/me/data/images/train` the end is
 * looked for, the longest first.
 */
function candidatesOf(text: string, base: string): string[] {
  const segments = segmentsOf(text);
  const ends = ABSOLUTE.test(text) ? segments.slice(1).map((_, first) => segments.slice(first + 1).join('/')) : [];
  return [segmentsOf(`${base}/${text}`).join('/'), segments.join('/'), ...ends];
}

const ABSOLUTE = /^([\\/]|[a-z]:[\\/])/i;

/** Letters with accents are one character each, as in the names of files. */
function segmentsOf(text: string): string[] {
  const segments = text.normalize('NFC').split(/[\\/]/);
  return segments.filter((segment) => segment !== '' && segment !== '.' && segment !== '..');
}

function lineOf(document: Document, lines: LineCounter, key: string): number {
  const node = document.get(key, true) as Node | undefined;
  return node?.range ? lines.linePos(node.range[0]).line : 1;
}

function namesOf(value: unknown, place: string): string[] | undefined {
  if (value === undefined || value === null) return undefined;
  const isNamed = (entries: readonly unknown[]) =>
    entries.every((it) => typeof it === 'string' || typeof it === 'number');
  if (Array.isArray(value) && isNamed(value)) return distinct(value.map(String), place);
  if (typeof value === 'object') {
    const entries = Object.entries(value);
    const isCounted = entries.every(([key], index) => key === `${index}`);
    if (isCounted && entries.length > 0 && isNamed(entries.map(([, name]) => name))) {
      return distinct(
        entries.map(([, name]) => `${name}`),
        place,
      );
    }
  }
  throw new GnSwapError('invalid-data', 'names is neither a list, nor a map that counts from 0', {
    file: place,
    remedy: 'Write names: [a, b, c] in the order of the labels',
  });
}

function keyPointsOf(value: unknown, place: string): KeyPoints | undefined {
  if (value === undefined || value === null) return undefined;
  const [count, numbers, ...more] = Array.isArray(value) ? (value as readonly unknown[]) : [];
  const isCount = typeof count === 'number' && Number.isInteger(count) && count > 0;
  if (isCount && (numbers === 2 || numbers === 3) && more.length === 0) return { count, numbers };
  throw new GnSwapError('invalid-data', 'kpt_shape is not a number of key points, and 2 or 3 for each', {
    file: place,
    remedy: 'Write kpt_shape: [17, 3], or 2 for key points without visibility',
  });
}

function distinct(names: string[], place: string): string[] {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return names;
  throw new GnSwapError('invalid-data', `names has ${JSON.stringify(twice)} twice`, {
    file: place,
    remedy: 'Name each class once',
  });
}
