/** Lists of pictures with labels, as PaddleClas, PaddleOCR and Caffe have them: `images/1.jpg 3` → rows. */
import { type Row, readTable } from './table.ts';
import { linesOf } from './text.ts';

/**
 * Reads a list: the path, and behind a tab or the last space its label. Lines that begin with # are comments. With commas or semicolons it is a table.
 *
 * @throws GnSwapError `invalid-data` as {@link readTable} does
 */
export function readList(bytes: Uint8Array, file: string): Row[] {
  const lines = linesOf(bytes).map((text, index) => ({ text: text.replace(/^\uFEFF/, '').trim(), line: index + 1 }));
  const written = lines.filter(({ text }) => text !== '' && !text.startsWith('#'));
  const [first] = written;
  const isByTab = first?.text.includes('\t') === true;
  if (first === undefined || (!isByTab && /[,;]/.test(first.text))) return readTable(bytes, file);
  return written.map(({ text, line }) => {
    const at = isByTab ? text.indexOf('\t') : text.search(/\s+\S+$/);
    return { line, cells: at < 0 ? [text] : [text.slice(0, at).trim(), text.slice(at).trim()] };
  });
}
