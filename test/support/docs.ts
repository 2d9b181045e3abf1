/** The documentation as data: pages, fenced blocks, headings, links. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Paths of all pages, from the root of the package. */
export const PAGES: readonly string[] = [
  ...readdirSync(ROOT).filter((name) => name.endsWith('.md')),
  ...['docs', 'examples'].flatMap((folder) =>
    readdirSync(ROOT + folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md'))
      .map((name) => `${folder}/${name.replaceAll('\\', '/')}`),
  ),
].sort();

export function textOf(page: string): string {
  return readFileSync(ROOT + page, 'utf8');
}

/** A fenced block of code. */
export interface Fence {
  readonly page: string;
  /** Of its first line of code, counted from 1. */
  readonly line: number;
  /** What stands behind the backticks, such as `sh run`. */
  readonly info: string;
  readonly code: string;
}

/** The fenced blocks of a page, in order. */
export function fencesOf(page: string): Fence[] {
  const fences: Fence[] = [];
  let open: { line: number; info: string; code: string[] } | undefined;
  for (const [index, text] of textOf(page).split('\n').entries()) {
    const info = /^```(.*)$/.exec(text)?.[1]?.trim();
    if (info === undefined) {
      open?.code.push(text);
    } else if (open === undefined) {
      open = { line: index + 2, info, code: [] };
    } else {
      fences.push({ page, line: open.line, info: open.info, code: open.code.join('\n') });
      open = undefined;
    }
  }
  if (open !== undefined) throw new RangeError(`${page}:${open.line}: the block never ends`);
  return fences;
}

/** A page without its fenced blocks and its code between backticks. */
function proseOf(page: string): string {
  return textOf(page)
    .replace(/^```[\s\S]*?^```$/gm, '')
    .replace(/`[^`\n]*`/g, (code) => code.replace(/[[\]()]/g, ' '));
}

/** Targets of the links of a page that lead to files of this package. */
export function linksOf(page: string): string[] {
  const targets = [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] as string);
  return targets.filter((target) => !/^[a-z]+:/.test(target));
}

/** What a link to a heading of the page may name, as GitHub makes them. */
export function anchorsOf(page: string): string[] {
  const headings = [...textOf(page).matchAll(/^#+ (.+)$/gm)].map((match) => match[1] as string);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replace(/\s/g, '-'),
  );
}
