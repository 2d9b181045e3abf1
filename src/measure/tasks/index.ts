/** The tasks that outputs are used for, in the order that they are asked for their outputs: what is surest comes first. */
import { classify } from './classify.ts';
import { detect } from './detect.ts';
import { embed } from './embed.ts';
import { regress } from './regress.ts';
import { segment } from './segment.ts';
import type { Task } from './types.ts';

export const TASKS: readonly Task[] = [detect, segment, embed, classify, regress];
