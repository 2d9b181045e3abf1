/** Which file of src/ imports which. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './docs.ts';

/** An import: paths below src/, as `graph/view.ts`. */
export interface Import {
  readonly from: string;
  readonly to: string;
}

const STATEMENT = /(?:^|\n)(?:import|export)\b[^;'"]*?from\s+'(\.[^']+)'|\bimport\(\s*'(\.[^']+)'\s*\)/g;

/** The imports of a file's text, those that load a module later included. */
export function importsIn(from: string, text: string): Import[] {
  return [...text.matchAll(STATEMENT)].map(([, first, later]) => ({
    from,
    to: path.posix.join(path.posix.dirname(from), first ?? later ?? ''),
  }));
}

/** All imports between files of src/. */
export function importsOfSource(): Import[] {
  const files = readdirSync(`${ROOT}src`, { recursive: true, encoding: 'utf8' }).map((it) => it.replaceAll('\\', '/'));
  return files
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => importsIn(file, readFileSync(`${ROOT}src/${file}`, 'utf8')));
}

/** `graph` of `graph/view.ts`, `errors` of `errors.ts`. */
export function roomOf(file: string): string {
  return file.replace(/\.ts$/, '').split('/')[0] as string;
}

/** Circles of files that import each other, each as the files on the way round. */
export function circlesIn(imports: readonly Import[]): string[][] {
  const next = new Map<string, string[]>();
  for (const { from, to } of imports) next.set(from, [...(next.get(from) ?? []), to]);
  const [done, way]: [Set<string>, string[]] = [new Set(), []];
  const circles: string[][] = [];
  const visit = (file: string): void => {
    const at = way.indexOf(file);
    if (at >= 0) circles.push(way.slice(at));
    if (at >= 0 || done.has(file)) return;
    way.push(file);
    for (const to of next.get(file) ?? []) visit(to);
    way.pop();
    done.add(file);
  };
  for (const file of next.keys()) visit(file);
  return circles;
}
