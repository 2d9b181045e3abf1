/** What the options of a swap and of a check must be. */
import { SITE_KINDS } from '../../find/kinds.ts';
import type { CheckBytesOptions, SwapOptions } from '../options.ts';
import {
  anything,
  callback,
  expressions,
  flag,
  made,
  notNegative,
  oneOf,
  positive,
  type Rules,
  share,
  signal,
  whole,
} from './rules.ts';

const PROVEN = {
  inputs: made('an object of inputs by their names'),
  seed: whole,
  memory: positive,
  maxDrift: notNegative,
  minKept: share,
  tasks: made("an object, such as { task: ['detect'] }"),
  time: flag,
  onProgress: callback,
  signal,
  verify: flag,
};

export const SWAP: Rules<SwapOptions> = {
  ...PROVEN,
  to: anything,
  form: anything,
  for: anything,
  init: anything,
  groups: anything,
  channelsPerGroup: anything,
  rMax: anything,
  dMax: anything,
  refine: anything,
  fold: flag,
  strict: flag,
  absorbAffine: flag,
  assumeSpatial: flag,
  batchAxis: anything,
  include: expressions,
  exclude: expressions,
  sites: oneOf(...SITE_KINDS),
  reference: oneOf('source', 'adapted'),
  calibrate: made('inputs as datasetOf makes them', 'count', 'keyOf', 'load'),
};

export const CHECK: Rules<CheckBytesOptions> = {
  ...PROVEN,
  against: anything,
};
