/** Detection: pictures, and a text file with a line for each box; `data.yaml` names the classes. */
import { GnSwapError } from '../../../errors.ts';
import { plural } from '../../../words.ts';
import { IMAGE_FILES } from '../../images.ts';
import { resolveLabels, resolvePositions } from '../classes.ts';
import type { DataFile, Folder } from '../folder.ts';
import { refuseForeign } from '../foreign.ts';
import type { Layout, LayoutContext } from '../layout.ts';
import { namesIn } from '../name-list.ts';
import { pictureSamples } from '../pictures.ts';
import { linesOf, textOf } from '../text.ts';
import { placedBoxes, rarestClasses } from './boxes.ts';
import { findDataYaml, readDataYaml } from './data-yaml.ts';
import { readYoloLabels, type YoloBox } from './yolo-line.ts';

/** Names of classes, a line each, as labelling tools leave them beside the labels. */
export const NAME_LISTS = /(^|\/)(classes|obj)\.(txt|names)$/i;
const OTHER_TEXT = /(^|\/)(readme.*|notes|train|val|valid|test)\.txt$/i;

/** `images/a.jpg` and `labels/a.txt`, or the text file beside the picture. A picture without one has no objects. */
export const yolo: Layout = {
  expects: 'pictures in images/ and YOLO text files with the same names in labels/',
  matches: ({ files, chosen }) =>
    /\.ya?ml$/i.test(chosen?.name ?? '') || files.some(({ inner }) => IMAGE_FILES.test(inner)),
  async open(context) {
    const { folder, reader, options } = context;
    const yaml = await yamlOf(context);
    const named = classNames(context, yaml);
    const pictures = folder.files.filter(({ inner }) => IMAGE_FILES.test(inner));
    // Of this part alone: another may have pictures of the same names.
    const labelFiles = labelsOf(folder.files);
    const boxes = pictures.map((picture) => {
      const file = labelFiles.get(picture);
      return file === undefined ? [] : readYoloLabels(textOf(reader.read(file.path)), file.path, yaml?.keyPoints);
    });
    const texts = noteOrphans(context, labelFiles);
    const flat = boxes.flat();
    if (flat.length === 0 && options.heldOut !== true) {
      refuseForeign(folder, reader);
      throw withoutBoxes(folder, pictures.length, texts);
    }
    const written = flat.map((box) => ({ text: nameOf(box, named), place: box.place }));
    const { classes, labels } =
      named === undefined
        ? resolvePositions(written, options)
        : resolveLabels(written, { ...options, classes: options.classes ?? named.names });
    const labelOf = new Map(flat.map((box, index) => [box, labels[index] as number]));
    const labelled = boxes.map((list) => list.map((box) => ({ ...box, label: labelOf.get(box) ?? 0 })));
    const strata = rarestClasses(labelled.map((list) => list.map(({ label }) => label)));
    const samples = pictures.map((file, index) => ({
      file,
      stratum: strata[index] as number,
      target: (placement: Parameters<typeof placedBoxes>[2]) => {
        const own = labelled[index] ?? [];
        return { kind: 'boxes', boxes: placedBoxes(own, { height: 1, width: 1 }, placement) } as const;
      },
    }));
    return { classes, samples: await pictureSamples(samples, context) };
  },
};

interface ClassNames {
  readonly file: DataFile;
  readonly names: readonly string[];
}

async function yamlOf({ folder: { chosen, all }, reader }: LayoutContext) {
  const file = /\.ya?ml$/i.test(chosen?.name ?? '') ? chosen : findDataYaml(all, reader);
  return file && { ...(await readDataYaml(file.path, reader)), file };
}

function classNames(
  { folder, reader }: LayoutContext,
  yaml: Awaited<ReturnType<typeof yamlOf>>,
): ClassNames | undefined {
  if (yaml?.names !== undefined) return { file: yaml.file, names: yaml.names };
  const list = folder.all.find(({ inner }) => NAME_LISTS.test(inner));
  if (list === undefined) return undefined;
  const lines = linesOf(reader.read(list.path));
  const written = lines.map((line, index) => ({ text: line.trim(), place: `${list.path}:${index + 1}` }));
  return { file: list, names: namesIn(written) };
}

function nameOf({ label, place }: YoloBox, named: ClassNames | undefined): string {
  const name = named === undefined ? `${label}` : named.names[label];
  if (name !== undefined) return name;
  const count = named?.names.length ?? 0;
  throw new GnSwapError(
    'invalid-data',
    `class ${label} is out of range: ${named?.file.name} names ${count} classes, 0 to ${count - 1}`,
    {
      file: place,
      remedy: `Correct the label, or name the class in ${named?.file.name}`,
    },
  );
}

/** Tells whether pictures have text files of their names, where labels of them may be. */
export function hasTextLabels(files: readonly DataFile[]): boolean {
  return labelsOf(files).size > 0;
}

/** Whether a text file may hold boxes. A list of pictures is called `train.txt`, and so are the labels of `train.jpg`. */
function isText({ inner }: DataFile): boolean {
  return /\.txt$/i.test(inner) && !NAME_LISTS.test(inner);
}

/** The text file of each picture that has one: spelled the same, or else in letters of another case if no other picture owns that file. */
function labelsOf(
  files: readonly DataFile[],
  texts: readonly DataFile[] = files.filter(isText),
): Map<DataFile, DataFile> {
  const pictures = files.filter(({ inner }) => IMAGE_FILES.test(inner));
  const found = new Map<DataFile, DataFile>();
  const match = (own: readonly DataFile[], keyOf: (stem: string) => string) => {
    const byStem = new Map(own.map((file) => [keyOf(stemOf(file.inner)), file]));
    for (const picture of pictures.filter((it) => !found.has(it))) {
      const stem = labelStems(picture.inner).find((it) => byStem.has(keyOf(it)));
      if (stem !== undefined) found.set(picture, byStem.get(keyOf(stem)) as DataFile);
    }
  };
  match(texts, (stem) => stem);
  const taken = new Set(found.values());
  match(
    texts.filter((file) => !taken.has(file)),
    (stem) => stem.toLowerCase(),
  );
  return found;
}

/** Where the labels of a picture may be, without their endings. */
function labelStems(picture: string): string[] {
  const stem = stemOf(picture);
  const swapped = stem.replace(/^(.*\/)?images\//, (_, before: string | undefined) => `${before ?? ''}labels/`);
  return [...(swapped === stem ? [] : [swapped]), stem, `labels/${stem}`];
}

/** A name without its ending; folders are written in capital or small letters. */
function stemOf(name: string): string {
  const at = name.lastIndexOf('/') + 1;
  return name.slice(0, at).toLowerCase() + name.slice(at).replace(/\.[^.]*$/, '');
}

/** Labels of pictures that are not there are lost: that is said. @returns how many files of labels there are */
function noteOrphans({ folder, skip }: LayoutContext, labelFiles: ReadonlyMap<DataFile, DataFile>): number {
  const texts = folder.files.filter(isText);
  const own = new Set(labelFiles.values());
  const any = new Set(labelsOf(folder.all, texts).values());
  const labels = texts.filter((file) => own.has(file) || !OTHER_TEXT.test(file.inner));
  for (const file of labels) {
    const isShared = file.inner === file.name;
    if (!(isShared ? any : own).has(file)) skip(file, 'its picture is not there');
  }
  return labels.length;
}

function withoutBoxes({ root }: Folder, pictures: number, labelFiles: number): GnSwapError {
  const labels = labelFiles === 0 ? 'no label files' : `${plural(labelFiles, 'label file')} without a box for them`;
  return new GnSwapError('invalid-data', `it has ${plural(pictures, 'picture')} and ${labels}`, {
    file: root,
    remedy: 'Put labels/NAME.txt beside images/NAME.jpg, with a line class cx cy w h for each box',
  });
}
