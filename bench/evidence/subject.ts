/** What a comparison is made on. */
import type { LabelledData } from '../../src/inputs/labelled/types.ts';
import type { CompareFinetuneOptions } from '../../src/jobs/compare-finetune/types.ts';
import type { Model } from '../../src/onnx/model.ts';

/** What is compared on, open. */
export interface Opened {
  readonly model: Model;
  readonly train: LabelledData;
  readonly held: LabelledData;
  readonly test: LabelledData;
  readonly options: Pick<CompareFinetuneOptions, 'task' | 'sites' | 'detection'>;
}

/** A model with kinds of pictures that it can be trained on. */
export interface Subject {
  readonly name: string;
  /** What a table calls it. */
  readonly title: string;
  /** Kinds of pictures. */
  readonly shifts: readonly string[];
  /** @returns undefined if its files are not here */
  open(shift: string, count: number): Promise<Opened | undefined>;
}
