/** Data sets of kinds that are not read: they are refused by their names, and not taken for pictures without labels. */
import { GnSwapError } from '../../errors.ts';
import { quoted } from '../../words.ts';
import { IMAGE_FILES } from '../images.ts';
import type { Reader } from '../reader.ts';
import type { DataFile, Folder } from './folder.ts';
import { textOf } from './text.ts';

interface Kind {
  /** What the file is. */
  readonly what: string;
  readonly name: RegExp;
  /** Text that such a file contains, if its name alone does not tell. */
  readonly text?: RegExp;
  readonly remedy: (path: string) => string;
}

/** docs/formats.md has a script for each. */
const asTable = () =>
  'Export the boxes as COCO, YOLO or Pascal VOC; docs/formats.md has a script that makes them a table';
const asFiles = () => 'Save its pictures as files, in a folder for each class; docs/formats.md has a script';
const asFolders = () => 'docs/formats.md has a script that puts the pictures into a folder for each class';
const without = (path: string) => path.replace(/\.(tar\.\w+|\w+)$/i, '');

const KINDS: readonly Kind[] = [
  {
    what: 'an archive',
    name: /\.zip$/i,
    remedy: (path) => `Unpack it: unzip ${quoted(path)} -d ${quoted(without(path))}`,
  },
  {
    what: 'an archive',
    name: /\.(tar|tar\.\w+|tgz)$/i,
    remedy: (path) =>
      `Unpack it: mkdir ${quoted(without(path))} && tar -xf ${quoted(path)} -C ${quoted(without(path))}`,
  },
  { what: 'a table of Parquet', name: /\.parquet$/i, remedy: asFiles },
  { what: 'a table of Arrow', name: /\.arrow$/i, remedy: asFiles },
  { what: 'a file of TFRecord', name: /\.tfrecords?(-\d+-of-\d+)?$/i, remedy: asFiles },
  { what: 'a file of CreateML', name: /createml\.json$/i, remedy: asTable },
  { what: 'a file of Supervisely', name: /(^|\/)ann\/.*\.json$/i, text: /"classTitle"/, remedy: asTable },
  { what: 'a file of LabelMe', name: /\.json$/i, text: /"imagePath"/, remedy: asTable },
  { what: 'a project of VGG Image Annotator', name: /\.json$/i, text: /"shape_attributes"/, remedy: asTable },
  {
    what: 'a project of Label Studio',
    name: /\.json$/i,
    text: /"(annotations|completions)"[\s\S]*"result"/,
    remedy: asTable,
  },
  {
    what: 'a list of the Oxford-IIIT Pets',
    name: /(^|\/)(list|trainval|test)\.txt$/i,
    text: /^\w+_\d+ \d+ [12] \d+ *$/m,
    remedy: asFolders,
  },
  { what: 'an annotation of KITTI', name: /(^|\/)label_2\/.*\.txt$/i, remedy: asTable },
  { what: 'an annotation of DOTA', name: /(^|\/)labelTxt[^/]*\/.*\.txt$/i, remedy: asTable },
  { what: 'an annotation of MOT', name: /(^|\/)(gt|det)\/(gt|det)\.txt$/i, remedy: asTable },
  { what: 'an annotation of WIDER FACE', name: /_bbx_gt\.txt$/i, remedy: asTable },
];

/** How many files of a kind are read to look for its text. */
const LOOKED_AT = 3;
/** Larger files are not read only to look for a word. */
const LARGEST = 64 << 20;

/**
 * Refuses a data set that is laid out in one of these ways.
 *
 * @throws GnSwapError `invalid-data` with the file that tells, and a remedy
 */
export function refuseForeign({ all }: Pick<Folder, 'all'>, reader: Reader): void {
  for (const { what, name, text, remedy } of KINDS) {
    const named = all.filter((file) => name.test(file.name) && !IMAGE_FILES.test(file.name));
    const found = text === undefined ? named[0] : named.slice(0, LOOKED_AT).find((file) => holds(file, text, reader));
    if (found === undefined) continue;
    throw new GnSwapError('invalid-data', `it is ${what}, which is not read`, {
      file: found.path,
      remedy: remedy(found.path),
    });
  }
}

function holds({ path }: DataFile, text: RegExp, reader: Reader): boolean {
  if ((reader.sizeOf?.(path) ?? 0) > LARGEST) return false;
  return text.test(textOf(reader.read(path)));
}
