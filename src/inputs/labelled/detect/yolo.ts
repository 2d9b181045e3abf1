/** Detection: pictures, and a text file with a line for each box; `data.yaml` names the classes. */
import { GnSwapError } from '../../../errors.ts';
import { plural } from '../../../words.ts';
import { IMAGE_FILES } from '../../images.ts';
import { resolveLabels } from '../classes.ts';
import type { DataFile, Folder } from '../folder.ts';
import type { Layout, LayoutContext } from '../layout.ts';
import { pictureSamples } from '../pictures.ts';
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
    const named = await classNames(context);
    const pictures = folder.files.filter(({ inner }) => IMAGE_FILES.test(inner));
    // Of this part alone: another may have pictures of the same names.
    const labelFiles = new Map(folder.files.filter(isLabelFile).map((file) => [file.inner.toLowerCase(), file]));
    const decoder = new TextDecoder();
    const boxes = pictures.map((picture) => {
      const file = labelNames(picture.inner)
        .map((name) => labelFiles.get(name))
        .find((it) => it !== undefined);
      return file === undefined ? [] : readYoloLabels(decoder.decode(reader.read(file.path)), file.path);
    });
    noteOrphans(context, labelFiles);
    const flat = boxes.flat();
    if (flat.length === 0 && options.heldOut !== true) throw withoutBoxes(folder, pictures.length, labelFiles.size);
    const written = flat.map((box) => ({ text: nameOf(box, named), place: box.place }));
    const { classes, labels } = resolveLabels(written, { ...options, classes: options.classes ?? named?.names });
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

async function classNames({ folder, reader }: LayoutContext): Promise<ClassNames | undefined> {
  const { chosen, all } = folder;
  const isChosen = /\.ya?ml$/i.test(chosen?.name ?? '');
  const yaml = isChosen ? chosen : findDataYaml(all, reader);
  const names = yaml && (await readDataYaml(yaml.path, reader)).names;
  if (yaml !== undefined && names !== undefined) return { file: yaml, names };
  const list = all.find(({ inner }) => NAME_LISTS.test(inner));
  if (list === undefined) return undefined;
  const lines = new TextDecoder().decode(reader.read(list.path)).split(/\r\n|\n|\r/);
  return { file: list, names: lines.map((line) => line.trim()).filter((line) => line !== '') };
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
  const texts = new Set(files.filter(isLabelFile).map(({ inner }) => inner.toLowerCase()));
  const pictures = files.filter(({ inner }) => IMAGE_FILES.test(inner));
  return texts.size > 0 && pictures.some(({ inner }) => labelNames(inner).some((name) => texts.has(name)));
}

/** Whether a text file may hold boxes. */
function isLabelFile({ inner }: DataFile): boolean {
  return /\.txt$/i.test(inner) && !NAME_LISTS.test(inner) && !OTHER_TEXT.test(inner);
}

/** Where the labels of a picture may be, in small letters: folders and endings are written either way. */
function labelNames(picture: string): string[] {
  const text = picture.toLowerCase().replace(/\.[^./]*$/, '.txt');
  const swapped = text.replace(/^(.*\/)?images\//, (_, before: string | undefined) => `${before ?? ''}labels/`);
  return [...(swapped === text ? [] : [swapped]), text, `labels/${text}`];
}

/** Labels of pictures that are not there are lost: that is said. */
function noteOrphans({ folder, skip }: LayoutContext, labelFiles: ReadonlyMap<string, DataFile>): void {
  const usedBy = (files: readonly DataFile[]) =>
    new Set(files.filter(({ inner }) => IMAGE_FILES.test(inner)).flatMap(({ inner }) => labelNames(inner)));
  const [own, any] = [usedBy(folder.files), usedBy(folder.all)];
  for (const file of labelFiles.values()) {
    const isShared = file.inner === file.name;
    if (!(isShared ? any : own).has(file.inner.toLowerCase())) skip(file, 'its picture is not there');
  }
}

function withoutBoxes({ root }: Folder, pictures: number, labelFiles: number): GnSwapError {
  const labels = labelFiles === 0 ? 'no label files' : `${plural(labelFiles, 'label file')} without a box for them`;
  return new GnSwapError('invalid-data', `it has ${plural(pictures, 'picture')} and ${labels}`, {
    file: root,
    remedy: 'Put labels/NAME.txt beside images/NAME.jpg, with a line class cx cy w h for each box',
  });
}
