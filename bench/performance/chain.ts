/** Models to measure on: chains of Conv and BatchNormalization of any size, written without being held in memory. */
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Net } from '../../fixtures/build.ts';
import { Slice } from '../../src/onnx/bytes.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { encodeModel, type Model } from '../../src/onnx/model.ts';
import { create, type TensorProto } from '../../src/onnx/schema.ts';
import { Noise } from './noise.ts';

/** [1, C, side, side] → (Conv → BN), `units` times. */
export interface Chain {
  /** C, of every Conv's input and output. */
  readonly channels: number;
  readonly units: number;
  /** Height and width of a Conv's window; odd. */
  readonly kernel: number;
  readonly side: number;
  /** Over how many files of external data the weights are spread; 0: they are in the model. */
  readonly dataFiles: number;
}

/** Bytes of one Conv's weight. */
export function weightBytes({ channels, kernel }: Chain): number {
  return channels * channels * kernel * kernel * 4;
}

/** As many units as it takes for the weights to have that many bytes. */
export function chainOf(bytes: number, shape: Omit<Chain, 'units'>): Chain {
  return { ...shape, units: Math.round(bytes / weightBytes({ ...shape, units: 1 })) };
}

/** Where a unit's weight is: `file` counts from 0, and `offset` is in bytes. */
export function placeOf(unit: number, chain: Chain): { file: number; offset: number } {
  return { file: unit % chain.dataFiles, offset: Math.floor(unit / chain.dataFiles) * weightBytes(chain) };
}

/** The model as a value. Its weights are {@link Noise}, scaled so that a Conv keeps the deviation of its input. */
export function chainModel(chain: Chain): Model {
  const { channels, units, kernel, side, dataFiles } = chain;
  const net = new Net({ opset: 17 });
  const noise = noiseOf(chain);
  let x = net.input('x', [1, channels, side, side]);
  for (let unit = 0; unit < units; unit++) {
    const name = `conv${unit}.weight`;
    const dims = [channels, channels, kernel, kernel];
    const tensor = { name, dataType: DataType.FLOAT, dims };
    net.add(
      dataFiles === 0
        ? create('TensorProto', { ...tensor, rawData: new Slice(noise, 0, noise.size) })
        : create('TensorProto', { ...tensor, dataLocation: 1, externalData: entriesOf(unit, chain) }),
    );
    const pads = new Array<number>(4).fill((kernel - 1) / 2);
    x = net.node('Conv', [x, name], { kernel_shape: [kernel, kernel], pads });
    // Running statistics near those of noise, so that a long chain neither grows nor fades.
    const mean = net.numbers(channels, -0.1, 0.1);
    x = net.bn(x, channels, { mean, variance: net.numbers(channels, 0.8, 1.2) });
  }
  return net.output(x, [1, channels, side, side]).model();
}

function noiseOf(chain: Chain): Noise {
  return new Noise(weightBytes(chain), 1 / Math.sqrt(chain.channels * chain.kernel ** 2));
}

function entriesOf(unit: number, chain: Chain): TensorProto['externalData'] {
  const { file, offset } = placeOf(unit, chain);
  return Object.entries({ location: dataFile(file), offset, length: weightBytes(chain) }).map(([key, value]) =>
    create('StringStringEntryProto', { key, value: String(value) }),
  );
}

/** Name of a file of external data, beside the model. */
export function dataFile(index: number): string {
  return `weights-${index}.bin`;
}

/**
 * Writes the model and its external data.
 *
 * @returns bytes of all its files
 */
export function writeChain(file: string, chain: Chain): number {
  let size = write(file, encodeModel(chainModel(chain)).parts);
  const noise = noiseOf(chain);
  for (let index = 0; index < chain.dataFiles; index++) {
    const units = Array.from({ length: chain.units }, (_, unit) => unit).filter(
      (it) => placeOf(it, chain).file === index,
    );
    size += write(
      join(dirname(file), dataFile(index)),
      units.map(() => new Slice(noise, 0, noise.size)),
    );
  }
  return size;
}

function write(file: string, parts: Iterable<Uint8Array | Slice>): number {
  const fd = openSync(file, 'wx');
  let size = 0;
  try {
    for (const part of parts) {
      for (const chunk of part instanceof Slice ? part.chunks() : [part]) size += writeSync(fd, chunk);
    }
    // Or the disk would still be busy with it when the measuring begins.
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  return size;
}
