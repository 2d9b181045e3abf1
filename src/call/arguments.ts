/** What was typed → options, with an error that names the option where it makes no sense. */
import type { Shard } from '../calibrate/shards.ts';
import type { GradientOptions } from '../gradient/index.ts';
import type { ImageOptions } from '../inputs/images.ts';
import type { SwapOptions } from '../jobs/swap.ts';
import { reportFormatOf } from '../report/formats.ts';
import type { GateFormat } from '../report/gate/index.ts';
import { type ComparisonCall, comparisonCall } from './compare-finetune.ts';
import { type FinetuneCall, finetuneCall } from './finetune.ts';
import { batchAxis, minKept, taskOptions } from './meaning.ts';
import { images, namesInputs } from './pictures.ts';
import { renormLimits } from './renorm.ts';
import { count, number, type RawArguments, text, wrong } from './values.ts';

/** Options of one call of the command line, for all its files. */
export interface CallOptions {
  readonly swap: SwapOptions;
  readonly output: string | undefined;
  /** Path of calibration inputs, and how to read them. */
  readonly calibrate: string | undefined;
  /** Paths of what `gn-swap moments` wrote. */
  readonly moments: readonly string[];
  readonly shard: Shard;
  readonly samples: number;
  /** Most threads that compute. */
  readonly threads: number | undefined;
  readonly images: ImageOptions;
  /** Path of the model that files are checked against. */
  readonly against: string | undefined;
  /** Whether a file without a record of a rewrite fails. */
  readonly requireRecord: boolean;
  /** Path of an .npz. */
  readonly inputs: string | undefined;
  /** Files to write a report to. */
  readonly reports: readonly string[];
  /** What was typed behind the program's name. */
  readonly commandLine: readonly string[];
  /** Options as they were given or left at their defaults, by name. */
  readonly given: readonly (readonly [name: string, value: string])[];
  /** Files to write reports for CI to, by format. */
  readonly gate: Readonly<Record<GateFormat['name'], string | undefined>>;
  /** Whether to print annotations of GitHub Actions. */
  readonly github: boolean;
  readonly gradient: Pick<
    GradientOptions,
    'wrt' | 'lossOf' | 'optimizer' | 'optimizerOptions' | 'batchNorm' | 'renormLimits' | 'flat' | 'batch' | 'sizes'
  >;
  /** Name or path of the loss. */
  readonly gradientLoss: string;
  /** Of commands that train; absent for others. */
  readonly finetune: FinetuneCall | undefined;
  /** Of `gn-swap compare --finetune`; absent without. */
  readonly comparison: ComparisonCall | undefined;
  readonly force: boolean;
  readonly dryRun: boolean;
  readonly verify: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

/**
 * @param commandLine that `raw` was parsed from
 * @throws GnSwapError `invalid-arguments`
 */
export function callOptions(raw: RawArguments, commandLine: readonly string[] = []): CallOptions {
  for (const [name, value] of Object.entries(raw)) {
    if (Array.isArray(value) && !MULTIPLE.has(name))
      throw wrong(name, 'is given more than once', 'Set it once', { set: { [name]: String(value.at(-1)) } });
    if (value === '') throw wrong(name, 'is empty', 'Set a value, or drop it');
  }
  const flag = (name: string) => raw[name] === true;
  const comparison = comparisonCall(raw);
  return {
    swap: {
      to: text(raw, 'to'),
      sites: text(raw, 'sites') as SwapOptions['sites'],
      form: text(raw, 'form'),
      for: text(raw, 'for'),
      init: text(raw, 'init'),
      reference: text(raw, 'reference') as SwapOptions['reference'],
      refine: count(raw, 'refine'),
      groups: groups(text(raw, 'groups')),
      channelsPerGroup: count(raw, 'channels-per-group'),
      include: expressions(raw, 'include'),
      exclude: expressions(raw, 'exclude'),
      rMax: number(raw, 'r-max', 'Use a number ≥ 1'),
      dMax: number(raw, 'd-max', 'Use a number ≥ 0'),
      fold: flag('fold'),
      strict: flag('strict'),
      absorbAffine: flag('absorb-affine'),
      assumeSpatial: flag('assume-spatial'),
      batchAxis: batchAxis(raw),
      seed: seed(raw),
      memory: memory(text(raw, 'memory')),
      maxDrift: maxDrift(raw),
      minKept: minKept(raw),
      tasks: comparison === undefined ? taskOptions(raw) : undefined,
    },
    calibrate: calibration(raw),
    moments: moments(raw),
    shard: shard(text(raw, 'shard')),
    samples: samples(raw),
    threads: threads(raw),
    images: images(raw),
    output: text(raw, 'output'),
    against: text(raw, 'against'),
    requireRecord: flag('require-record'),
    inputs: text(raw, 'inputs'),
    reports: reports(raw),
    commandLine,
    given: given(raw),
    gate: { junit: text(raw, 'junit'), sarif: text(raw, 'sarif'), markdown: text(raw, 'markdown') },
    github: flag('github'),
    gradient: gradientOptions(raw),
    gradientLoss: text(raw, 'loss') ?? 'none',
    finetune: comparison?.finetune ?? (raw.epochs === undefined ? undefined : finetuneCall(raw)),
    comparison,
    force: flag('force'),
    dryRun: flag('dry-run'),
    verify: !flag('no-verify'),
    json: flag('json'),
    quiet: flag('quiet'),
    verbose: flag('verbose'),
  };
}

const MULTIPLE = new Set([
  'models',
  '_',
  'include',
  'exclude',
  'moments',
  'report',
  'size',
  'task',
  'wrt',
  'train',
  'freeze',
]);

function groups(value: string | undefined): number | 'auto' | 'paper' | undefined {
  if (value === undefined || value === 'auto' || value === 'paper') return value;
  if (!/^\d{1,10}$/.test(value)) {
    throw wrong('groups', `is ${JSON.stringify(value)}`, 'Use a positive whole number, auto or paper');
  }
  return Number(value);
}

function expressions(raw: RawArguments, name: string): RegExp[] {
  const given = raw[name] === undefined ? [] : [raw[name]].flat();
  return given.map((source) => {
    try {
      return new RegExp(String(source), 'u');
    } catch (cause) {
      const detail = cause instanceof Error ? cause.message : String(cause);
      throw wrong(name, `is not a regular expression: ${detail}`, 'Escape special characters with a backslash');
    }
  });
}

function seed(raw: RawArguments): number | undefined {
  const remedy = 'Use a whole number from 0 to 4294967295';
  const value = number(raw, 'seed', remedy);
  if (value !== undefined && !(Number.isInteger(value) && value >= 0 && value < 2 ** 32)) {
    throw wrong('seed', `is ${value}`, remedy);
  }
  return value;
}

const UNITS: Readonly<Record<string, number>> = { '': 1, K: 1e3, M: 1e6, G: 1e9, T: 1e12 };

function memory(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*([KMGT]?)B?$/i.exec(value) ?? [];
  const size = Number(digits) * (UNITS[unit.toUpperCase()] ?? Number.NaN);
  if (digits !== '' && Number.isFinite(size) && size > 0) return size;
  throw wrong('memory', `is ${JSON.stringify(value)}`, 'Use a size such as 500MB or 2GB');
}

/** More than any machine has is a slip. */
const MOST_THREADS = 1024;

function threads(raw: RawArguments): number | undefined {
  const remedy = `Use a whole number from 1 to ${MOST_THREADS}`;
  const value = number(raw, 'threads', remedy);
  if (value === undefined || (Number.isInteger(value) && value >= 1 && value <= MOST_THREADS)) return value;
  throw wrong('threads', `is ${value}`, remedy);
}

function maxDrift(raw: RawArguments): number | undefined {
  const value = number(raw, 'max-drift', 'Use a number such as 0.1');
  if (value !== undefined && value < 0) throw wrong('max-drift', `is ${value}`, 'Use a number ≥ 0');
  return value;
}

function calibration(raw: RawArguments): string | undefined {
  const data = text(raw, 'calibrate');
  const init = text(raw, 'init');
  if (data !== undefined && init !== undefined && init !== 'statistics') {
    throw wrong('calibrate', `and --init ${init} are both given`, 'Use only one of them', { drop: ['init'] });
  }
  const reads = (name: string) => raw[name] !== undefined && !(name === 'size' && namesInputs(raw));
  const only = ['size', 'preset', 'mean', 'std', 'scale', 'fit', 'channel-order', 'layout'].find(reads);
  if (data === undefined && raw.data === undefined && only !== undefined) {
    throw wrong(only, 'only applies to pictures', `Add --calibrate DIR, or drop --${only}`, {
      set: { calibrate: 'DIR' },
    });
  }
  return data;
}

function moments(raw: RawArguments): string[] {
  const files = raw.moments === undefined ? [] : [raw.moments].flat().map(String);
  if (files.length > 0 && raw.calibrate !== undefined)
    throw wrong('moments', 'and --calibrate are both given', 'Use only one of them', { drop: ['calibrate'] });
  if (files.length > 0 && raw.init !== undefined && raw.init !== 'statistics')
    throw wrong('moments', `and --init ${raw.init} are both given`, 'Use only one of them', { drop: ['init'] });
  // A shell spells `--moments part-*.npz` as one option and further names behind it.
  const more = files.length === 0 ? [] : modelsAndMoments(raw).moments;
  return [...files, ...more];
}

function reports(raw: RawArguments): string[] {
  const files = raw.report === undefined ? [] : [raw.report].flat().map(String);
  const unknown = files.find((file) => reportFormatOf(file) === undefined);
  if (unknown === undefined) return files;
  throw wrong('report', `is ${JSON.stringify(unknown)}`, 'Use a name that ends in .html, .md or .json', {
    set: { report: 'report.html' },
  });
}

function given(raw: RawArguments): [string, string][] {
  const options = Object.entries(raw).filter(
    ([name, value]) => name !== 'models' && name !== '_' && value !== undefined,
  );
  return options.map(([name, value]) => [name, value === true ? 'yes' : [value].flat().join(', ')]);
}

/** The names without an option: models, and behind --moments also its further files. */
export function modelsAndMoments(raw: RawArguments): { models: string[]; moments: string[] } {
  const names = [raw.models ?? []].flat().map(String);
  const isMoments = (name: string) => raw.moments !== undefined && /\.npz$/i.test(name);
  return { models: names.filter((name) => !isMoments(name)), moments: names.filter(isMoments) };
}

function shard(value: string | undefined): Shard {
  const [, index = '', of = ''] = /^(\d{1,6})\/(\d{1,6})$/.exec(value ?? '1/1') ?? [];
  const result = { index: Number(index), of: Number(of) };
  if (result.index >= 1 && result.index <= result.of) return result;
  throw wrong('shard', `is ${JSON.stringify(value)}`, 'Use i/n, such as 1/4, with i from 1 to n');
}

function samples(raw: RawArguments): number {
  const remedy = 'Use a positive whole number';
  const value = number(raw, 'samples', remedy) ?? 64;
  if (!(Number.isInteger(value) && value >= 1 && value <= 1e6)) throw wrong('samples', `is ${value}`, remedy);
  return value;
}

function gradientOptions(raw: RawArguments): CallOptions['gradient'] {
  const wrt = raw.wrt === undefined ? undefined : [raw.wrt].flat().map(String);
  const sizes = Object.fromEntries(
    (namesInputs(raw) ? [raw.size].flat() : []).map((it) => {
      const [, name = '', dims = ''] = /^(.+)=(\d+(?:x\d+)*)$/.exec(String(it)) ?? [];
      if (name === '')
        throw wrong('size', `is ${JSON.stringify(it)}`, 'Use NAME=1x3x64x64, the name and size of an input');
      return [name, dims.split('x').map(Number)] as const;
    }),
  );
  const batch = count(raw, 'batch');
  if (batch !== undefined && !(Number.isInteger(batch) && batch >= 1))
    throw wrong('batch', `is ${batch}`, 'Use a positive whole number');
  const optimizer = text(raw, 'optimizer') as GradientOptions['optimizer'];
  const batchNorm = text(raw, 'batch-norm') as GradientOptions['batchNorm'];
  const clip = number(raw, 'clip', 'Use a number above 0');
  if (clip !== undefined && !(clip > 0)) throw wrong('clip', `is ${clip}`, 'Use a number above 0');
  if (wrt !== undefined && clip !== undefined && (optimizer ?? 'none') === 'none')
    throw wrong('clip', 'has no optimizer to work with', 'Use --optimizer sgd or adamw as well');
  return {
    wrt,
    lossOf: text(raw, 'loss-of'),
    optimizer,
    optimizerOptions: { clip },
    batchNorm,
    renormLimits: raw.wrt === undefined ? {} : renormLimits(raw),
    flat: raw.flat === true,
    batch,
    sizes,
  };
}
