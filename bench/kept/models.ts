/** The detectors of the comparison, with pictures for each: files that other packages ship. */
import { join } from 'node:path';
import type { Image } from '../ocr/image.ts';
import { Random } from '../ocr/random.ts';
import { type Decode, retinaFace, yolo8, yoloX } from './boxes.ts';
import { characters, mosaic, pages, photos, puzzle, tensorOf } from './pictures.ts';

export interface Detector {
  readonly name: string;
  readonly file: string;
  readonly input: string;
  readonly size: number;
  readonly decode: Decode;
  /** Of the overlap, in non-maximum suppression. */
  readonly limit: number;
  /** Whether its norms are folded into its Conv. */
  readonly isFolded: boolean;
  /** Tensors [1, 3, size, size] of so many pictures; another seed gives other pictures, of other photographs. */
  pictures(count: number, seed: number): Promise<Float32Array[]>;
}

/** Names of photographs with people. */
export const PEOPLE = /astronaut|biden|bus|obama|sample|t1|zidane|mask|Hanks/;

export function detectors(models: string, folder: string): Detector[] {
  /** Even seeds take every photograph with an even number, odd seeds the others. */
  const split = async (seed: number, pattern?: RegExp) =>
    (await photos(folder, pattern)).filter((_, i) => i % 2 === seed % 2);
  const from = async (
    count: number,
    seed: number,
    make: (photo: Image, random: Random) => Promise<Image>,
    scale: number,
    order: 'rgb' | 'bgr',
    pattern?: RegExp,
  ) => {
    const all = await split(seed, pattern);
    return Promise.all(
      Array.from({ length: count }, async (_, i) =>
        tensorOf(await make(all[i % all.length] as Image, new Random(seed, i)), scale, order),
      ),
    );
  };
  const face = (name: string, file: string, size: number): Detector => ({
    name,
    file: join(models, file),
    input: 'data',
    size,
    decode: retinaFace,
    limit: 0.5,
    isFolded: false,
    pictures: async (count, seed) => {
      const all = await split(seed, PEOPLE);
      return Promise.all(
        Array.from({ length: count }, async (_, i) =>
          tensorOf(await mosaic(all, i, new Random(seed, i), size), 1, 'rgb'),
        ),
      );
    },
  });
  const documents = (name: string, file: string, size: number): Detector => ({
    name,
    file: join(models, file),
    input: 'images',
    size,
    decode: yolo8('output0', 11),
    limit: 0.5,
    isFolded: true,
    pictures: async (count, seed) => (await pages(count, seed, size)).map((it) => tensorOf(it, 1 / 255, 'rgb')),
  });
  return [
    face('RetinaFace 512', 'mnet.25_v1.onnx', 512),
    face('RetinaFace 640', 'mnet.25_v2.onnx', 640),
    {
      name: 'YOLOX',
      file: join(models, 'common_det.onnx'),
      input: 'images',
      size: 416,
      decode: yoloX('output', 416),
      limit: 0.45,
      isFolded: true,
      pictures: (count, seed) => from(count, seed, (photo, random) => characters(photo, random, 416), 1, 'bgr'),
    },
    documents('YOLOv8n', 'yolov8n-doclaynet.onnx', 1024),
    documents('YOLOv8n 320', 'yolov8n-doclaynet-320.onnx', 320),
    {
      name: 'YOLO11s',
      file: join(models, 'slider.onnx'),
      input: 'images',
      size: 640,
      decode: yolo8('output0', 1),
      limit: 0.5,
      isFolded: true,
      pictures: (count, seed) => from(count, seed, (photo, random) => puzzle(photo, random, 640), 1 / 255, 'rgb'),
    },
  ];
}
