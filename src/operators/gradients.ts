/** Every operator whose gradient is known. A new family is a folder with a `gradient.ts`, and a line here. */
import { convolution } from './conv/gradient.ts';
import { elementwise } from './elementwise/gradient.ts';
import type { Gradient, Gradients } from './gradient-rule.ts';
import { index } from './index/gradient.ts';
import { loss } from './loss/gradient.ts';
import { matmul } from './matmul/gradient.ts';
import { normalization } from './normalization/gradient.ts';
import { pool } from './pool/gradient.ts';
import { recurrent } from './recurrent/gradient.ts';
import { reduce } from './reduce/gradient.ts';
import { reshape } from './reshape/gradient.ts';
import { sampling } from './resize/gradient.ts';
import { softmax } from './softmax/gradient.ts';

/** Rules by family. */
export const FAMILIES: Readonly<Record<string, Gradients>> = {
  convolution,
  elementwise,
  index,
  loss,
  matmul,
  normalization,
  pool,
  recurrent,
  reduce,
  reshape,
  sampling,
  softmax,
};

/** By operator of the standard domain. */
export const GRADIENTS: ReadonlyMap<string, Gradient> = new Map(
  Object.values(FAMILIES).flatMap((family) => Object.entries(family)),
);
