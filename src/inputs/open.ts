/** A folder or file of inputs → samples: pictures, .npy, .npz, .pb and ONNX's own test data, whatever is there. */

import { GnSwapError } from '../errors.ts';
import { requiredInputs } from '../graph/interface.ts';
import type { Model } from '../onnx/model.ts';
import { declaredType } from '../onnx/value-type.ts';
import type { Sample } from './arrays.ts';
import { batchOf } from './batch.ts';
import { Copies } from './copies.ts';
import type { Dataset } from './dataset.ts';
import { requireLight } from './dim-pictures.ts';
import { describePictures, IMAGE_FILES, type ImageOptions } from './images.ts';
import { masksAmong } from './masks.ts';
import { Random } from './random.ts';
import { commonFolder, type Reader } from './reader.ts';
import { sourcesOf } from './sources.ts';

/** Bytes of decoded pictures that stay in memory: 64 of 224×224 take 10 MB, 27 of 640×640 all. */
const KEPT_PIXELS = 32 << 20;

/** What to open, and how much of it. */
export interface DataOptions extends ImageOptions {
  /** At most this many samples, chosen by the seed. */
  readonly samples: number;
  readonly seed: number;
}

/** Samples, and the files that could not be read. */
export interface OpenedData {
  readonly data: Dataset;
  /** What each sample is, told so that it is the same on every machine that has the same files. */
  readonly names: readonly string[];
  readonly skipped: readonly { readonly file: string; readonly reason: string }[];
  /** How pictures are read, in words; absent where there are none. */
  readonly pictures?: string;
  /** Whether there are pictures in colour, and nobody said in which order the model takes the channels. */
  readonly isOrderAssumed: boolean;
}

/**
 * Opens calibration inputs for a model.
 *
 * @throws GnSwapError `invalid-data` where not one sample can be read; `invalid-arguments` where options contradict the model
 */
export async function openData(path: string, model: Model, options: DataOptions, reader: Reader): Promise<OpenedData> {
  requireKnownBatch(model);
  const skipped: { file: string; reason: string }[] = [];
  const skip = (file: string, error: unknown) => {
    if (!(error instanceof GnSwapError) || error.code === 'runtime-missing') throw error;
    skipped.push({ file, reason: error.message });
  };
  const candidates: Sample[] = [];
  const files = reader.list(path);
  const masks = masksAmong(files);
  for (const file of masks) skipped.push({ file, reason: 'a mask, not an input' });
  const inputs = files.filter((file) => !masks.has(file));
  const { sources, image } = sourcesOf(inputs, model, options, reader, { pixels: KEPT_PIXELS });
  for (const [file, open] of sources) {
    try {
      // A file may hold more samples than a call takes arguments.
      for (const sample of open()) candidates.push(sample);
    } catch (error) {
      skip(file, error);
    }
  }
  const chosen: { sample: Sample; key: string }[] = [];
  const copies = new Copies(reader);
  for (const sample of new Random(options.seed).shuffle([...candidates])) {
    if (chosen.length === options.samples) break;
    try {
      const key = await sample.key();
      // What is solved on one copy and measured on the other was not held out.
      const isCopy = IMAGE_FILES.test(sample.file) && copies.firstOf(sample.file) !== sample.file;
      if (isCopy) skipped.push({ file: sample.file, reason: 'a copy of another picture' });
      else chosen.push({ sample, key });
    } catch (error) {
      skip(sample.file, error);
    }
  }
  if (chosen.length === 0) throw nothing(path, files.length, skipped[0]);
  // As they lie in the files, so that going through them opens each file once.
  const positions = new Map(candidates.map((sample, index) => [sample, index]));
  chosen.sort((a, b) => (positions.get(a.sample) as number) - (positions.get(b.sample) as number));
  if (image !== undefined) {
    const pictures = chosen.flatMap(({ sample: { file } }) => (IMAGE_FILES.test(file) ? [file] : []));
    await requireLight(pictures, image, reader);
  }
  const at = (index: number) => chosen[index] as (typeof chosen)[number];
  const data: Dataset = {
    count: chosen.length,
    keyOf: (index) => at(index).key,
    load: (index) => at(index).sample.load(),
    ...(image === undefined ? {} : { normalized: { mean: image.mean, std: image.std } }),
  };
  const folder = commonFolder(files);
  const names = chosen.map(({ sample }) => nameOf(sample, folder));
  const pictures = image === undefined ? {} : { pictures: describePictures(image) };
  return {
    data,
    names,
    skipped,
    ...pictures,
    isOrderAssumed: image?.channels === 3 && options.channelOrder === undefined,
  };
}

function noneOf(files: number): string {
  if (files === 0) return 'no inputs found: it is empty';
  return `no inputs found: ${files === 1 ? 'the one file is not' : `none of its ${files} files is`} a picture, .npy, .npz or .pb`;
}

function nothing(path: string, files: number, first: { file: string; reason: string } | undefined): GnSwapError {
  const message = first === undefined ? noneOf(files) : `none of its files can be read; ${first.file}: ${first.reason}`;
  return new GnSwapError('invalid-data', message, {
    file: path,
    remedy: 'Use a folder with pictures, or with arrays named after the model’s inputs',
  });
}

/**
 * Refuses a model if nothing tells whether the first axis of its inputs counts samples.
 *
 * @throws GnSwapError `invalid-data`
 */
export function requireKnownBatch(model: Model): void {
  const { unclear } = batchOf(model);
  if (unclear === undefined) return;
  throw new GnSwapError('invalid-data', 'it is unclear whether the first axis counts samples', {
    node: unclear,
    remedy: 'Use --batch-axis 0 if it does, or --batch-axis none if the model takes one sample at a time',
    next: { set: { 'batch-axis': isLikePicture(model, unclear) ? 'none' : '0' } },
  });
}

/** Three axes of which the first or the last may be colours: [3, h, w] or [h, w, 3]. */
function isLikePicture(model: Model, input: string): boolean {
  const shape = declaredType(requiredInputs(model).find(({ name }) => name === input)?.type).shape ?? [];
  const isColours = (dim: number | undefined) => dim === 1 || dim === 3 || dim === 4;
  return shape.length === 3 && (isColours(shape[0]) || isColours(shape[2]));
}

/** What a sample is, relative to a folder that ends in a separator. */
export function nameOf({ file, row }: Pick<Sample, 'file' | 'row'>, folder: string): string {
  const name = file.slice(folder.length).replaceAll('\\', '/');
  return row === undefined ? name : `${name}#${row}`;
}
