/** Names and colours of the classes of masks: `classes.csv`, `colors.txt` or `class_dict.csv` of `name,r,g,b`, or `classes.txt` of names. */
import { GnSwapError } from '../../../errors.ts';
import type { WrittenLabel } from '../classes.ts';
import type { DataFile } from '../folder.ts';
import type { LayoutContext } from '../layout.ts';
import { namesIn } from '../name-list.ts';
import { linesOf } from '../text.ts';
import { UNLABELLED } from '../types.ts';

export interface ClassColours {
  readonly file: DataFile;
  /** In the order of the file, without those that stand for no class. */
  readonly names: readonly string[];
  /** The label of a colour, by r · 65536 + g · 256 + b; undefined if the file has only names. */
  readonly labelOf: ReadonlyMap<number, number> | undefined;
  /** A line of no class that has a class below it, whose number in masks of numbers is doubtful. */
  readonly above?: WrittenLabel | undefined;
}

const FILES = /^(classes\.(csv|txt)|codes\.txt|class_dict\.csv|(label_)?colou?rs\.(csv|txt)|labelmap\.txt)$/i;
/** A line of CVAT's `labelmap.txt`: name:r,g,b:parts:actions. */
const CVAT = /^(.*\S)\s*:\s*(\d+,\d+,\d+):[^:]*:[^:]*$/;
const NAME_FIRST = /^"?(.*?\S)"?\s*[,;\t ]\s*(\d+)\s*[,;\t ]\s*(\d+)\s*[,;\t ]\s*(\d+)$/;
const COLOUR_FIRST = /^(\d+)[,;\t ]+(\d+)[,;\t ]+(\d+)[,;\t ]+"?(.*?\S)"?$/;
/** A line that says what the columns are. A class may be called `class 1`, and has a colour then. */
const HEADER = /^"?(name|class|label|r|red)"?\s*[,;\t ]\D*$/i;
const COLOUR = /\d+\s*[,;\t ]\s*\d+\s*[,;\t ]\s*\d+/;
/** What data sets call pixels that nobody drew. */
const NO_CLASS = /^(void|ignored?|unlabell?ed)$/i;

/**
 * Reads the file of colours of a folder; undefined if it has none.
 *
 * @throws GnSwapError `invalid-data` for a line that is not a name and a colour, and for a colour that comes twice, or a name in a list of names
 */
export function readColours({ folder, reader }: LayoutContext): ClassColours | undefined {
  const file = folder.files.find(({ inner }) => FILES.test(inner));
  if (file === undefined) return undefined;
  const lines = linesOf(reader.read(file.path))
    .map((text, index) => ({ text: text.trim().replace(CVAT, '$1,$2'), place: `${file.path}:${index + 1}` }))
    .filter(({ text }) => !text.startsWith('#'));
  const written = lines.filter(({ text }) => text !== '');
  if (written.length > 0 && written.every(({ text }) => !COLOUR.test(text))) {
    return { file, names: namesIn(lines), labelOf: undefined };
  }
  const rows = HEADER.test(written[0]?.text ?? '') ? written.slice(1) : written;
  const names: string[] = [];
  const labelOf = new Map<number, number>();
  let [none, above]: (WrittenLabel | undefined)[] = [];
  for (const { text, place } of rows) {
    const { name, colour } = lineOf(text, place);
    if (labelOf.has(colour)) {
      throw new GnSwapError('invalid-data', `the colour of ${JSON.stringify(name)} stands for another class already`, {
        file: place,
        remedy: 'Give each class a colour of its own',
      });
    }
    // A class may have several colours.
    if (NO_CLASS.test(name)) none ??= { text: name, place };
    else if (!names.includes(name)) {
      names.push(name);
      above ??= none;
    }
    labelOf.set(colour, NO_CLASS.test(name) ? UNLABELLED : names.indexOf(name));
  }
  return { file, names, labelOf, above };
}

function lineOf(text: string, place: string): { name: string; colour: number } {
  const [, name, ...after] = NAME_FIRST.exec(text) ?? [];
  const [, ...before] = COLOUR_FIRST.exec(text) ?? [];
  const found = name === undefined ? { name: before[3], rgb: before.slice(0, 3) } : { name, rgb: after };
  const rgb = found.rgb.map(Number);
  if (found.name === undefined || rgb.length !== 3 || rgb.some((value) => value > 255)) {
    throw new GnSwapError('invalid-data', `${JSON.stringify(text)} is not a name and a colour`, {
      file: place,
      remedy: 'Write name,r,g,b with numbers from 0 to 255: road,128,64,128',
    });
  }
  const [r = 0, g = 0, b = 0] = rgb;
  return { name: found.name, colour: (r << 16) | (g << 8) | b };
}
