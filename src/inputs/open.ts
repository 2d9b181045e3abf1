/** A folder or file of inputs → samples: pictures, .npy, .npz, .pb and ONNX's own test data, whatever is there. */

import { GnSwapError } from '../errors.ts';
import { requiredInputs } from '../graph/interface.ts';
import type { Model } from '../onnx/model.ts';
import type { ValueInfoProto } from '../onnx/schema.ts';
import { declaredType } from '../onnx/value-type.ts';
import type { Value, Values } from '../runtime/session.ts';
import { batchOf, fitSample } from './batch.ts';
import type { Dataset } from './dataset.ts';
import { takeSamples } from './generated.ts';
import { describePictures, IMAGE_FILES, type ImageInput, type ImageOptions, imageInput, loadImage } from './images.ts';
import { readNpy } from './npy.ts';
import { readNpz } from './npz.ts';
import { Random } from './random.ts';
import { readTensorFile } from './tensor-file.ts';

/** How files are reached. */
export interface Reader {
  /** Paths of all files in a folder and those in it, sorted; of a file, its own. */
  list(path: string): string[];
  read(file: string): Uint8Array;
}

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

/** One sample that is loaded when it is wanted. */
interface Sample {
  readonly file: string;
  /** Position in the file, where it holds several. */
  readonly row?: number;
  /** Throws where it can't be read. */
  key(): Promise<string>;
  load(): Promise<Values>;
}

/**
 * Opens calibration inputs for a model.
 *
 * @throws GnSwapError `invalid-data` where not one sample can be read; `invalid-arguments` where options contradict the model
 */
export async function openData(path: string, model: Model, options: DataOptions, reader: Reader): Promise<OpenedData> {
  const { unclear } = batchOf(model);
  if (unclear !== undefined) {
    throw new GnSwapError('invalid-data', 'it is unclear whether the first axis counts samples', {
      node: unclear,
      remedy: 'Use --batch-axis 0 if it does, or --batch-axis none if the model takes one sample at a time',
      next: { set: { 'batch-axis': '0' } },
    });
  }
  const skipped: { file: string; reason: string }[] = [];
  const skip = (file: string, error: unknown) => {
    if (!(error instanceof GnSwapError) || error.code === 'runtime-missing') throw error;
    skipped.push({ file, reason: error.message });
  };
  const candidates: Sample[] = [];
  const files = reader.list(path);
  const { sources, image } = sourcesOf(files, model, options, reader);
  for (const [file, open] of sources) {
    try {
      candidates.push(...open());
    } catch (error) {
      skip(file, error);
    }
  }
  const chosen: { sample: Sample; key: string }[] = [];
  for (const sample of new Random(options.seed).shuffle([...candidates])) {
    if (chosen.length === options.samples) break;
    try {
      chosen.push({ sample, key: await sample.key() });
    } catch (error) {
      skip(sample.file, error);
    }
  }
  if (chosen.length === 0) throw nothing(path, files.length, skipped[0]);
  // As they lie in the files, so that going through them opens each file once.
  const positions = new Map(candidates.map((sample, index) => [sample, index]));
  chosen.sort((a, b) => (positions.get(a.sample) as number) - (positions.get(b.sample) as number));
  const at = (index: number) => chosen[index] as (typeof chosen)[number];
  const data: Dataset = {
    count: chosen.length,
    keyOf: (index) => at(index).key,
    load: (index) => at(index).sample.load(),
    ...(image === undefined ? {} : { normalized: { mean: image.mean, std: image.std } }),
  };
  const folder = commonFolder(files);
  const names = chosen.map(({ sample: { file, row } }) => {
    const name = file.slice(folder.length).replaceAll('\\', '/');
    return row === undefined ? name : `${name}#${row}`;
  });
  const pictures = image === undefined ? {} : { pictures: describePictures(image) };
  return {
    data,
    names,
    skipped,
    ...pictures,
    isOrderAssumed: image?.channels === 3 && options.channelOrder === undefined,
  };
}

/** The folder that all files are in, with a separator at its end; `''` where there is none. */
function commonFolder(files: readonly string[]): string {
  let folder = (files[0] ?? '').replace(/[^\\/]*$/, '');
  while (!files.every((file) => file.startsWith(folder))) folder = folder.replace(/[^\\/]*[\\/]$/, '');
  return folder;
}

function nothing(path: string, files: number, first: { file: string; reason: string } | undefined): GnSwapError {
  const message =
    first === undefined
      ? `no inputs found: none of its ${files} files is a picture, .npy, .npz or .pb`
      : `none of its files can be read; ${first.file}: ${first.reason}`;
  return new GnSwapError('invalid-data', message, {
    file: path,
    remedy: 'Use a folder with pictures, or with arrays named after the model’s inputs',
  });
}

/** Ways to open the files, each under the name of the file to blame, and what pictures among them are made into. */
function sourcesOf(
  files: readonly string[],
  model: Model,
  options: ImageOptions,
  reader: Reader,
): { sources: [string, () => Sample[]][]; image: ImageInput | undefined } {
  const sources: [string, () => Sample[]][] = [];
  const testSets = new Map<string, string[]>();
  let image: ImageInput | undefined;
  const latest: Latest = { file: undefined, values: {} };
  const arrays = (file: string, read: () => Values) => samplesOf(file, read, model, latest);
  for (const file of files) {
    if (IMAGE_FILES.test(file)) {
      image ??= imageInput(model, options);
      const input = image;
      sources.push([file, () => [pictureOf(file, input, reader)]]);
    } else if (/\.npz$/i.test(file)) {
      sources.push([file, () => arrays(file, () => Object.fromEntries(readNpz(reader.read(file), file)))]);
    } else if (/\.npy$/i.test(file)) {
      sources.push([file, () => arrays(file, () => ({ [soleInput(model)]: readNpy(reader.read(file), { file }) }))]);
    } else if (/\.pb$/i.test(file) && !/(^|[\\/])output_\d+\.pb$/i.test(file)) {
      const folder = file.replace(/[^\\/]*$/, '');
      testSets.set(folder, [...(testSets.get(folder) ?? []), file]);
    }
  }
  for (const [folder, parts] of testSets) {
    sources.push([folder, () => arrays(folder, () => testSet(parts, model, reader))]);
  }
  return { sources, image };
}

function pictureOf(file: string, input: ImageInput, reader: Reader): Sample {
  return {
    file,
    key: async () => {
      const bytes = reader.read(file);
      // Decoded now, so that what is damaged is left out before the samples are chosen.
      const { dims } = await loadImage(bytes, input);
      return dims.join('x');
    },
    load: async () => ({ [input.name]: await loadImage(reader.read(file), input) }),
  };
}

function soleInput(model: Model): string {
  const inputs = requiredInputs(model);
  const [input] = inputs;
  if (inputs.length === 1 && input !== undefined) return input.name;
  throw new GnSwapError('invalid-data', `an .npy holds one array; the model has ${inputs.length} inputs`, {
    remedy: 'Use an .npz with one array per input',
  });
}

/** ONNX's test data: `input_0.pb`, `input_1.pb` … in the order of the model's inputs, or under the names they bear. */
function testSet(files: readonly string[], model: Model, reader: Reader): Values {
  const names = requiredInputs(model).map(({ name }) => name);
  const values: Record<string, Value> = {};
  for (const [position, file] of files.entries()) {
    const { name, value } = readTensorFile(reader.read(file), { file });
    const index = Number(/input_(\d+)\.pb$/i.exec(file)?.[1] ?? position);
    values[names.includes(name) ? name : (names[index] ?? name)] = value;
  }
  return values;
}

/** The arrays of the file that was opened last: those of all files may be more than fits into memory. */
interface Latest {
  file: string | undefined;
  values: Values;
}

/** Splits arrays along the batch. */
function samplesOf(file: string, read: () => Values, model: Model, latest: Latest): Sample[] {
  const batch = batchOf(model);
  const open = () => {
    if (latest.file !== file) {
      latest.values = batchedInputs(read(), model, batch.inputs);
      latest.file = file;
    }
    return latest.values;
  };
  const values = open();
  const isAlone = batch.inputs.size === 0;
  const inputs = isAlone ? stackedInputs(values, model) : batch.inputs;
  const counts = Object.entries(values).flatMap(([name, { dims }]) => (inputs.has(name) ? [dims[0] ?? 1] : []));
  const [count = 1] = counts;
  if (counts.some((it) => it !== count)) {
    throw new GnSwapError('invalid-data', `its arrays hold ${counts.join(' and ')} samples`);
  }
  if (count === 0) throw new GnSwapError('invalid-data', 'its arrays are empty');
  const one = (index: number) => {
    const sample = Object.entries(open()).map(([name, value]) =>
      inputs.has(name) ? [name, sampleOf(value, count, index, isAlone)] : [name, value],
    );
    return Object.fromEntries(sample) as Values;
  };
  fitSample(model, one(0));
  // What is no batch is the same for all samples of a run, so only those of this file may share one.
  const isWhole = isAlone || Object.keys(values).every((name) => inputs.has(name));
  const key = JSON.stringify([
    isWhole ? '' : file,
    ...Object.values(one(0)).map(({ dims }) => dims.slice(isAlone ? 0 : 1)),
  ]);
  return Array.from({ length: count }, (_, index) => ({
    file,
    ...(isAlone && inputs.size === 0 ? {} : { row: index }),
    key: async () => key,
    load: async () => one(index),
  }));
}

/** The arrays that hold several samples of a model without a batch: those that have an axis more than the input. */
function stackedInputs(values: Values, model: Model): Set<string> {
  const isStack = ({ name, type }: ValueInfoProto) => {
    const rank = declaredType(type).shape?.length;
    return rank !== undefined && values[name]?.dims.length === rank + 1;
  };
  return new Set(
    requiredInputs(model)
      .filter(isStack)
      .map(({ name }) => name),
  );
}

function sampleOf(value: Value, count: number, index: number, isAlone: boolean): Value {
  const sample = takeSamples({ value }, count, index, index + 1).value as Value;
  return isAlone ? { ...sample, dims: sample.dims.slice(1) } : sample;
}

/** The model's inputs among the arrays. One that has a dimension less than the input is a single sample. */
function batchedInputs(given: Values, model: Model, batch: ReadonlySet<string>): Values {
  const values: Record<string, Value> = {};
  for (const { name, type } of requiredInputs(model)) {
    const value = given[name];
    if (value === undefined) {
      throw new GnSwapError('invalid-data', `it has no array ${JSON.stringify(name)} for the model’s input`);
    }
    const rank = declaredType(type).shape?.length;
    const isSingle = batch.has(name) && value.dims.length + 1 === rank;
    values[name] = isSingle ? { ...value, dims: [1, ...value.dims] } : value;
  }
  return values;
}
