/** Folders and patterns among the names of models → the files that they stand for. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { GnSwapError } from '../../errors.ts';
import { quoted } from '../../words.ts';
import { isFolder, isThere, listFiles } from './paths.ts';

/** What swaps write, and what is trained from it: a folder is given for its sources. */
const WRITTEN = /\.(gn|ln|in|fbn|bn|brn|wn|grad|init)(\.ft)*\.onnx$/;

/**
 * Replaces each folder by the `.onnx` files in it and below, and each pattern by the files that match it: `*` and `?` within a
 * name, `**` over folders. Names of files stay as they are. Files that gn-swap wrote are left out, but for a pattern that names them (`*.gn.onnx`).
 *
 * @param isWritten whether files that gn-swap wrote count; they are what `check` is for
 * @param samplesBehind the option that a folder of samples is given with, without its dashes
 * @throws GnSwapError `unreadable` if a folder or a pattern stands for no file
 */
export function expandModels(names: readonly string[], isWritten: boolean, samplesBehind?: string): string[] {
  const files: string[] = [];
  // A file that is named twice stays twice: that is a mistake, which whoever reads them tells.
  const add = (list: readonly string[]) => files.push(...list.filter((file) => !files.includes(file)));
  for (const name of names) {
    if (name !== '' && isFolder(name)) {
      // Behind a model, a folder without models is one of samples.
      add(found(name, modelsIn(name, isWritten), isWritten, files.length > 0 ? samplesBehind : undefined));
    } else if (!/[*?]/.test(name) || isThere(name)) {
      files.push(name);
    } else {
      const expression = expressionOf(name);
      const all = isWritten || WRITTEN.test(name);
      const matching = listFiles(rootOf(name)).filter((file) => expression.test(withSlashes(file)));
      add(
        found(
          name,
          matching.filter((file) => all || !WRITTEN.test(file)),
          all,
        ),
      );
    }
  }
  return files;
}

function modelsIn(folder: string, isWritten: boolean): string[] {
  return listFiles(folder).filter((file) => file.endsWith('.onnx') && (isWritten || !WRITTEN.test(file)));
}

function found(name: string, files: readonly string[], isWritten: boolean, samplesBehind?: string): readonly string[] {
  if (files.length > 0) return files;
  throw new GnSwapError('unreadable', 'no .onnx files found', {
    file: name,
    ...(samplesBehind === undefined
      ? { remedy: `Check the path${isWritten ? '' : '; files that gn-swap wrote are left out'}` }
      : {
          remedy: `If it holds samples, give it with --${samplesBehind} ${quoted(name)}`,
          next: { set: { [samplesBehind]: name }, replace: { [name]: '' } },
        }),
  });
}

/** The folder that a pattern searches. */
function rootOf(pattern: string): string {
  const parts = pattern.split(/[\\/]/);
  const root = parts
    .slice(
      0,
      parts.findIndex((part) => /[*?]/.test(part)),
    )
    .join('/');
  const folder = root === '' ? (path.isAbsolute(pattern) ? '/' : '.') : root;
  return fs.existsSync(folder) ? folder : '.';
}

function expressionOf(pattern: string): RegExp {
  const source = withSlashes(path.normalize(pattern))
    .replace(/[.+^${}()|[\]]/g, '\\$&')
    .replace(
      /\*\*\/|\*\*|\*|\?/g,
      (wild) => ({ '**/': '(.*/)?', '**': '.*', '*': '[^/]*', '?': '[^/]' })[wild] ?? wild,
    );
  return new RegExp(`^${source}$`, 'u');
}

function withSlashes(file: string): string {
  return path.sep === '\\' ? file.replaceAll('\\', '/') : file;
}
