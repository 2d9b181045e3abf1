/** The tasks of training, by name. */
import type { TrainTask } from '../types.ts';
import { classify } from './classify.ts';
import { detect } from './detect.ts';
import { distill } from './distill.ts';
import { own } from './own.ts';
import { regress } from './regress.ts';
import { segment } from './segment.ts';

export const TRAIN_TASKS: readonly TrainTask[] = [classify, segment, detect, regress, distill, own];
