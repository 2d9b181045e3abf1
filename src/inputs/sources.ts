/** Files of pictures, .npy, .npz, .pb and ONNX's own test data → ways to open them as samples. */
import { GnSwapError } from '../errors.ts';
import { requiredInputs } from '../graph/interface.ts';
import type { Model } from '../onnx/model.ts';
import type { Value, Values } from '../runtime/session.ts';
import { arraySamples, type Sample } from './arrays.ts';
import {
  decodeImage,
  IMAGE_FILES,
  type ImageInput,
  type ImageOptions,
  imageDims,
  imageInput,
  imageValue,
} from './images.ts';
import { readNpy } from './npy.ts';
import { readNpz } from './npz.ts';
import type { Pixels } from './pictures/types.ts';
import type { Reader } from './reader.ts';
import { readTensorFile } from './tensor-file.ts';

/** What files are made into. */
export interface SourceSettings {
  /** Bytes of arrays that are kept in memory; those of the latest file always are. Default 0. */
  readonly kept?: number;
  /** Bytes of decoded pictures that are kept in memory, so that they are read once. Default 0. */
  readonly pixels?: number;
}

/** Ways to open the files, each under the name of the file to blame, and what pictures among them are made into. */
export function sourcesOf(
  files: readonly string[],
  model: Model,
  options: ImageOptions,
  reader: Reader,
  { kept, pixels = 0 }: SourceSettings,
): { sources: [string, () => Sample[]][]; image: ImageInput | undefined } {
  const sources: [string, () => Sample[]][] = [];
  const testSets = new Map<string, string[]>();
  let image: ImageInput | undefined;
  const cached = arrayCache(kept);
  let room = pixels;
  const hasRoom = (bytes: number) => {
    if (bytes > room) return false;
    room -= bytes;
    return true;
  };
  const arrays = (file: string, read: () => Values) => arraySamples(file, () => cached(file, read), model);
  for (const file of files) {
    if (IMAGE_FILES.test(file)) {
      image ??= imageInput(model, options);
      const input = image;
      sources.push([file, () => [pictureOf(file, input, reader, hasRoom)]]);
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

/**
 * Remembers the arrays of the files that were read last: those of all files may be more than fits into memory.
 *
 * @param kept bytes to keep; the latest file is kept whatever it takes
 */
export function arrayCache(kept = 0): (file: string, read: () => Values) => Values {
  const known = new Map<string, { values: Values; bytes: number }>();
  let total = 0;
  return (file, read) => {
    const found = known.get(file);
    if (found !== undefined) {
      // To the end of the map, which is the place of the latest.
      known.delete(file);
      known.set(file, found);
      return found.values;
    }
    const values = read();
    const bytes = arrayBytes(values);
    known.set(file, { values, bytes });
    total += bytes;
    for (const [other, { bytes: freed }] of known) {
      if (total <= kept || other === file) break;
      known.delete(other);
      total -= freed;
    }
    return values;
  };
}

/** Bytes that some arrays take. */
export function arrayBytes(values: Values): number {
  return Object.values(values).reduce(
    (sum, { data }) => sum + (ArrayBuffer.isView(data) ? data.byteLength : 8 * data.length),
    0,
  );
}

/**
 * A picture that is decoded when its shape is asked for, so that one that is damaged shows itself. If there is room, it is kept as bytes:
 * calibration goes over its samples several times.
 *
 * @param hasRoom takes bytes of memory, if there are so many
 */
function pictureOf(file: string, input: ImageInput, reader: Reader, hasRoom: (bytes: number) => boolean): Sample {
  let kept: Pixels | undefined;
  const decoded = async () => {
    if (kept !== undefined) return kept;
    const pixels = await decodeImage(reader.read(file), input);
    if (kept === undefined && hasRoom(pixels.data.length)) kept = pixels;
    return pixels;
  };
  return {
    file,
    key: async () => imageDims(await decoded(), input).join('x'),
    load: async () => ({ [input.name]: imageValue(await decoded(), input) }),
  };
}

/** The input of a model that has one. @throws GnSwapError `invalid-data` if it has several */
export function soleInput(model: Model): string {
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
