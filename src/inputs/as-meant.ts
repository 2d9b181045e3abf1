/** A model as it was written → as it was meant, by what the caller says and by what can mean only one thing. */
import { assumeSpatial } from '../find/assume-spatial.ts';
import type { Model } from '../onnx/model.ts';
import { type BatchAxis, withBatchAxis } from './batch-axis.ts';
import { openZeroBatch } from './zero-batch.ts';

/** How a model is to be read. */
export interface MeantOptions {
  /** Whether `spatial=0` with one number per channel is read as `spatial=1`; default false. */
  readonly assumeSpatial?: boolean | undefined;
  /** Whether the first axis of the inputs counts samples; default what {@link batchAxisOf} finds. */
  readonly batchAxis?: Exclude<BatchAxis, 'unclear'> | undefined;
}

/**
 * Reads a model as the options say it is meant. A batch that is stored as 0 is an open one: with 0 samples a model answers nothing,
 * and ONNX Runtime would run it on nothing else.
 */
export function asMeant(given: Model, { assumeSpatial: wanted = false, batchAxis }: MeantOptions): Model {
  const opened = openZeroBatch(wanted ? assumeSpatial(given) : given);
  return batchAxis === undefined ? opened : withBatchAxis(opened, batchAxis);
}
