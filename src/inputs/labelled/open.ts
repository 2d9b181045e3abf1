/** A folder of samples with labels → labelled data, whatever its layout. */
import { GnSwapError } from '../../errors.ts';
import type { Model } from '../../onnx/model.ts';
import { plural } from '../../words.ts';
import { Copies } from '../copies.ts';
import { IMAGE_FILES, type ImageInput, imageInput, type PictureSize } from '../images.ts';
import { nameOf, requireKnownBatch } from '../open.ts';
import { pictureSizeIn } from '../picture-head.ts';
import type { Reader } from '../reader.ts';
import { classArrays } from './classify/arrays.ts';
import { classFolders } from './classify/folders.ts';
import { classTable } from './classify/table.ts';
import { boxTable } from './detect/box-table.ts';
import { coco } from './detect/coco.ts';
import { voc } from './detect/voc.ts';
import { yolo } from './detect/yolo.ts';
import { unlabelled } from './distill/unlabelled.ts';
import { type DataFile, type Folder, openFolder } from './folder.ts';
import { refuseForeign } from './foreign.ts';
import type { LabelledSample, Layout, LayoutContext } from './layout.ts';
import type { LabelledOptions, LabelledTask } from './options.ts';
import { ownArrays } from './own/arrays.ts';
import { ownFiles } from './own/files.ts';
import { ownFolders, ownMasks, ownUnlabelled } from './own/labels.ts';
import { wantedInputs } from './own/names.ts';
import { ownTable } from './own/table.ts';
import { numberArrays } from './regress/arrays.ts';
import { numberFiles } from './regress/files.ts';
import { numberTable } from './regress/table.ts';
import { maskArrays } from './segment/arrays.ts';
import { maskFiles } from './segment/files.ts';
import { maskFolders } from './segment/folders.ts';
import type { LabelledData, Skipped } from './types.ts';

/** The layouts of each task; the first that matches is taken. */
const LAYOUTS: Readonly<Record<LabelledTask, readonly Layout[]>> = {
  classify: [classTable, classFolders, classArrays],
  segment: [maskFiles, maskFolders, maskArrays],
  regress: [numberFiles, numberTable, numberArrays],
  distill: [unlabelled],
  detect: [boxTable, coco, voc, yolo],
  own: [ownFiles, ownTable, ownMasks, ownFolders, ownArrays],
};

/**
 * Opens labelled data for a model. All labels are read and checked now; pictures are decoded when a sample is loaded.
 *
 * @param path a folder; or the table, index or file of arrays to read
 * @throws GnSwapError `invalid-data` for labels that do not fit, naming file and line, and if no sample can be read;
 *   `invalid-arguments` if options contradict the model
 */
export async function openLabelled(
  path: string,
  model: Model,
  options: LabelledOptions,
  reader: Reader,
): Promise<LabelledData> {
  requireKnownBatch(model);
  requireDistinct(options);
  const folder = await openFolder(path, reader, options.part);
  const layout = layoutOf(folder, options, reader);
  const skipped: Skipped[] = [];
  const skip: LayoutContext['skip'] = (file, reason) => {
    skipped.push({ file: file.name, reason: typeof reason === 'string' ? reason : reason.message });
  };
  let input: ImageInput | undefined;
  const image = () => {
    input ??= imageInput(model, options);
    return input;
  };
  const looked = new Map<DataFile, PictureSize | GnSwapError>();
  const sizeOf = async (file: DataFile) => {
    const size = looked.get(file) ?? (await pictureSizeIn(file.path, reader).catch(asReason));
    looked.set(file, size);
    return size;
  };
  const peek: LayoutContext['peek'] = async (file) => {
    const size = await sizeOf(file);
    return size instanceof GnSwapError ? undefined : size;
  };
  const look: LayoutContext['look'] = async (file) => {
    const size = await sizeOf(file);
    if (!(size instanceof GnSwapError)) return size;
    skip(file, size);
    return undefined;
  };
  let resident = 0;
  const hold = (bytes: number) => {
    resident += bytes;
  };
  const context = { folder, model, options, reader, image, peek, look, hold, skip };
  const { samples, classes, isWhiteClass } = await layout.open(context);
  noteUnread(folder, skipped);
  if (samples.length === 0) throw nothingReadable(path, layout, skipped);
  const at = (sample: number) => samples[sample] as LabelledSample;
  return {
    count: samples.length,
    names: samples.map(({ file: { name }, row }) => nameOf({ file: name, ...(row === undefined ? {} : { row }) }, '')),
    strata: samples.map(({ stratum }) => stratum),
    classes,
    isWhiteClass,
    skipped,
    image: input,
    ...(input === undefined ? {} : { copies: () => copiesIn(samples, reader) }),
    resident,
    keyOf: (sample) => at(sample).key,
    load: (sample) => loadSample(at(sample)),
  };
}

/** Pictures of kinds that are not read, by their endings. */
const UNREAD = /\.(bmp|dib|heics?|hif|jp2|j2k|jxl|tga|p[bgpn]m|psd|exr|hdr|dng|nef|cr[23]|arw)$/i;

/** Notes pictures that nothing looks at: whoever has them takes them for samples. */
function noteUnread({ files }: Folder, skipped: Skipped[]): void {
  const known = new Set(skipped.map(({ file }) => file));
  for (const { name } of files) {
    const [, kind = ''] = UNREAD.exec(name) ?? [];
    if (kind !== '' && !known.has(name))
      skipped.push({ file: name, reason: `pictures as .${kind.toLowerCase()} are not read` });
  }
}

/** For each sample, the first that has the same picture. */
function copiesIn(samples: readonly LabelledSample[], reader: Reader): number[] {
  const copies = new Copies(reader);
  const firsts = new Map<string, number>();
  return samples.map(({ file }, sample) => {
    // A file of arrays holds several samples, and ONNX's test data are a folder.
    if (!IMAGE_FILES.test(file.name)) return sample;
    const first = copies.firstOf(file.path);
    if (!firsts.has(first)) firsts.set(first, sample);
    return firsts.get(first) as number;
  });
}

/** Why a file cannot be read; throws if it is not the file's fault. */
function asReason(error: unknown): GnSwapError {
  if (!(error instanceof GnSwapError) || error.code === 'runtime-missing') throw error;
  return error;
}

/** A picture may turn out to be damaged only now. */
async function loadSample(sample: LabelledSample): ReturnType<LabelledSample['load']> {
  try {
    return await sample.load();
  } catch (error) {
    throw error instanceof GnSwapError ? error.in(sample.file.path) : error;
  }
}

function layoutOf(folder: Folder, options: LabelledOptions, reader: Reader): Layout {
  const { task, targets } = options;
  const wanted = targets && wantedInputs(targets).map(({ name }) => name);
  const layouts = wanted?.length === 0 ? [ownUnlabelled] : LAYOUTS[task];
  const layout = layouts.find((it) => it.matches(folder));
  if (layout !== undefined) return layout;
  refuseForeign(folder, reader);
  const found =
    folder.files.length === 0 ? 'it is empty' : `it has ${plural(folder.files.length, 'file')}, and none fits`;
  const expected = layouts.map(({ expects }) => expects).join('; or ');
  const reads = wanted === undefined ? `--task ${task} reads` : `a loss with the input ${wanted.join(', ')} reads`;
  throw new GnSwapError('invalid-data', `${found}; ${reads} ${expected}`, {
    file: folder.root,
    remedy: 'See docs/data.md for the layouts',
  });
}

function requireDistinct({ classes }: LabelledOptions): void {
  const twice = classes?.find((name, index) => classes.indexOf(name) !== index);
  if (twice === undefined) return;
  throw new GnSwapError('invalid-arguments', `--classes names ${JSON.stringify(twice)} twice`, {
    remedy: `Name each class once: --classes ${[...new Set(classes)].join(',')}`,
  });
}

function nothingReadable(path: string, { expects }: Layout, skipped: readonly Skipped[]): GnSwapError {
  const [first] = skipped;
  const message =
    first === undefined
      ? `it holds no samples; expected ${expects}`
      : `${skipped.length === 1 ? 'its only file cannot be read' : `none of its ${skipped.length} files can be read`}; ${first.file}: ${first.reason}`;
  return new GnSwapError('invalid-data', message, { file: path, remedy: 'See docs/data.md for the layouts' });
}
