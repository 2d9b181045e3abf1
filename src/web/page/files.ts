/** What was dropped or chosen → files with their paths. */
import type { NamedFile } from '../messages.ts';

/** Files that a job reads as samples. */
const PICTURES = /\.(jpe?g|jpe|jfif|png|webp|tiff?|avif|gif|heif|bmp)$/i;
const ARRAYS = /\.(npy|npz|pb)$/i;
const MODEL = /\.onnx$/i;

/** Returns the files of an input, with their paths if it chose a folder. */
export function chosenFiles(input: HTMLInputElement): NamedFile[] {
  return [...(input.files ?? [])].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
}

/** Reads what was dropped, folders with all that is in them. Takes the entries at once: they are gone after the event. */
export async function droppedFiles({ items, files }: DataTransfer): Promise<NamedFile[]> {
  const entries = [...items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  // Without entries, such as in a test, the plain list.
  if (entries.length === 0) return [...files].map((file) => ({ path: file.name, file }));
  const read = await Promise.all(entries.map(entryFiles));
  return read.flat();
}

async function entryFiles(entry: FileSystemEntry): Promise<NamedFile[]> {
  const path = entry.fullPath.replace(/^\//, '');
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
    return [{ path, file }];
  }
  if (!isFolder(entry)) return [];
  const reader = entry.createReader();
  const found: NamedFile[] = [];
  // A reader gives a part of a large folder at a time, and nothing at the end.
  for (;;) {
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (part.length === 0) return found;
    for (const child of part) found.push(...(await entryFiles(child)));
  }
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}

/** A model among files, and the others that may hold its weights. */
export interface ModelChoice {
  readonly model: File;
  readonly external: readonly NamedFile[];
}

/**
 * Finds the model among files. A single file is taken for one whatever its name: what is wrong with it is said where it is read.
 *
 * @returns undefined if several files could be the model, or none
 */
export function modelAmong(files: readonly NamedFile[]): ModelChoice | undefined {
  const models = files.filter(({ path }) => MODEL.test(path));
  const [model = files.length === 1 ? files[0] : undefined] = models;
  if (model === undefined || models.length > 1) return undefined;
  // Locations of external data are relative to the model.
  const folder = model.path.replace(/[^/]*$/, '');
  const external = files
    .filter((it) => it !== model)
    .map(({ path, file }) => ({ path: path.startsWith(folder) ? path.slice(folder.length) : path, file }));
  return { model: model.file, external };
}

/** What files are that came in from anywhere. */
export type Sorted =
  | ({ readonly kind: 'model' } & ModelChoice)
  | { readonly kind: 'samples' }
  | { readonly kind: 'problem'; readonly text: string };

/**
 * Tells a model from weights that one waits for, and from samples for the task at hand.
 *
 * @param open the model that is open, with the files of weights that it misses
 */
export function sort(
  files: readonly NamedFile[],
  open: (ModelChoice & { readonly missing: readonly string[] }) | undefined,
): Sorted {
  if (open !== undefined) {
    if (areSamples(files)) return { kind: 'samples' };
    const found = files.flatMap(({ path, file }) => {
      const location = open.missing.find((it) => lastOf(it) === lastOf(path));
      return location === undefined ? [] : [{ path: location, file }];
    });
    if (found.length === files.length) {
      return { kind: 'model', model: open.model, external: [...open.external, ...found] };
    }
  }
  const choice = modelAmong(files);
  if (choice !== undefined) return { kind: 'model', ...choice };
  const what = files.length === 1 ? 'This file is not a model' : 'Exactly one of the files must be an .onnx model';
  const text = `${what}. Choose the model, and with it the files that hold its weights, if there are any.`;
  return { kind: 'problem', text };
}

function lastOf(path: string): string {
  return path.replace(/^.*\//, '');
}

function areSamples(files: readonly NamedFile[]): boolean {
  return (
    files.some(({ path }) => PICTURES.test(path) || ARRAYS.test(path)) && !files.some(({ path }) => MODEL.test(path))
  );
}

/** Whether there are pictures among files. */
export function havePictures(files: readonly NamedFile[]): boolean {
  return files.some(({ path }) => PICTURES.test(path));
}
