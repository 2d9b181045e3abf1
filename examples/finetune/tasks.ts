/** What is learnt: pictures with another look than those that PaddleOCR's models answer well. */
import { renderLines } from '../../bench/ocr/lines.ts';
import { MODELS, openSession, run } from '../../bench/ocr/models.ts';
import { renderPages } from '../../bench/ocr/pages.ts';
import { DUSK, NOTES } from '../../bench/ocr/styles.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import type { Value } from '../../src/runtime/session.ts';

/** Inputs, and what is wanted of a model for them. */
export interface Samples {
  readonly inputs: Value;
  readonly targets: Value;
}

/** Of one set of samples. */
export interface SetOptions {
  readonly count: number;
  readonly seed: number;
}

/** A task for one of PaddleOCR's models. */
export interface Task {
  readonly name: string;
  readonly title: string;
  /** What its quality is, between 0 and 1. */
  readonly quality: string;
  /** The source model's file. */
  readonly source: string;
  /** How many samples each set has, in full and where one only wants to see everything run. */
  readonly counts: Readonly<Record<SetName, readonly [full: number, quick: number]>>;
  render(options: SetOptions): Promise<Samples>;
}

/** The sets of a task, each with a seed of its own, apart from those of the benchmarks. */
export const SEEDS = { train: 501, validation: 502, test: 503, calibration: 504 } as const;

export type SetName = keyof typeof SEEDS;

/** Sides of a page; the detector was made for pages of 640 and more, which train slowly. */
const PAGE = 192;

const classifier: Task = {
  name: 'classifier',
  title: 'Orientation classifier',
  quality: 'accuracy',
  source: MODELS.classifier,
  counts: { train: [384, 32], validation: [256, 32], test: [512, 32], calibration: [64, 16] },
  async render(options) {
    const { data, dims, labels } = await renderLines({ ...options, style: NOTES });
    return {
      inputs: { type: DataType.FLOAT, dims, data },
      targets: { type: DataType.UINT8, dims: [labels.length], data: labels },
    };
  },
};

const detector: Task = {
  name: 'detector',
  title: 'Text detector',
  quality: 'overlap with the source’s maps in good light',
  source: MODELS.detector,
  counts: { train: [128, 16], validation: [64, 8], test: [96, 8], calibration: [32, 8] },
  async render(options) {
    const seen = await renderPages({ ...options, size: PAGE, light: DUSK });
    const clear = await renderPages({ ...options, size: PAGE });
    const session = await openSession(MODELS.detector);
    const { data, dims } = await run(session, clear.data, clear.dims.slice(1), 1);
    await session.release();
    return {
      inputs: { type: DataType.FLOAT, dims: seen.dims, data: seen.data },
      targets: { type: DataType.FLOAT, dims, data },
    };
  },
};

export const TASKS: readonly Task[] = [classifier, detector];
