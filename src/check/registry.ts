/** What a file is checked for, in the order that it is reported: what comes first explains what comes later. */
import { data } from './data.ts';
import { drift } from './drift.ts';
import { forms } from './forms.ts';
import { independence } from './independence.ts';
import { kept } from './kept.ts';
import { legal } from './legal.ts';
import { loads } from './loads.ts';
import { parameters } from './parameters.ts';
import { record } from './record.ts';
import { reference } from './reference.ts';
import { runs } from './runs.ts';
import { signature } from './signature.ts';
import { sites } from './sites.ts';
import { source } from './source.ts';
import { structure } from './structure.ts';
import type { FileCheck } from './types.ts';
import { unchanged } from './unchanged.ts';
import { weights } from './weights.ts';

export const CHECKS: readonly FileCheck[] = [
  ...[data, legal, record, source, sites, structure, parameters, weights, signature, unchanged],
  ...[loads, runs, reference, independence, forms, drift, kept],
];
