/**
 * Writes what the Python tests read: every fixture and real model, and its rewrite in every form that is legal for it, with
 * `index.json` to list them, and the inputs of what takes its numbers from data. `node --import tsx test/interop/models.ts FOLDER`
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MODELS } from '../../bench/ocr/models.ts';
import { atOpset10 } from '../../examples/finetune/opset-10.ts';
import { FIXTURES } from '../../fixtures/index.ts';
import { filesOf } from '../../fixtures/make.ts';
import { GnSwapError } from '../../src/errors.ts';
import type { Search } from '../../src/find/index.ts';
import { writeNpz } from '../../src/inputs/write-npz.ts';
import { group } from '../../src/norms/group.ts';
import { normNamed } from '../../src/norms/index.ts';
import { MemorySource } from '../../src/onnx/bytes.ts';
import { type Model, opsetVersion, readModel, writeModel } from '../../src/onnx/model.ts';
import type { PlanOptions } from '../../src/plan/choices.ts';
import type { Plan } from '../../src/plan/index.ts';
import { planAll } from '../../src/plan/refuse.ts';
import { findAllSites } from '../../src/rewrite/merged-sites.ts';
import { rewriteAll } from '../../src/rewrite/recorded.ts';
import type { Values } from '../../src/runtime/session.ts';
import { calibrateSearch, madeInputs } from '../support/calibration.ts';

/** A model to rewrite, as its files and in memory. */
interface Source {
  readonly name: string;
  /** Whether people use it, so that it is slow to run in Python. */
  readonly real: boolean;
  readonly bytes: Uint8Array;
  readonly model: Model;
  /** Beside the model: its external data. */
  readonly beside: ReadonlyMap<string, Uint8Array>;
  /** Where made-up inputs don't fit. */
  readonly inputs: Values | undefined;
}

/** One rewrite. The Python side declares the same fields in `models.py`. */
interface Rewrite {
  readonly form: string;
  /** Whom it was written for; absent where a form was asked for. */
  readonly consumer: string | undefined;
  readonly file: string;
  readonly sites: readonly {
    readonly name: string;
    readonly path: string;
    readonly input: string;
    readonly output: string;
    readonly groups: number;
    /** Names of the initializers that hold γ′ and β′. */
    readonly scale: string;
    readonly bias: string;
  }[];
  /** Operators of the sites that were left as they are. */
  readonly left: readonly string[];
}

/** A source with its rewrites, if it has any. */
interface Entry {
  readonly name: string;
  readonly real: boolean;
  readonly opset: number;
  readonly source: string;
  /** Name of a .npz, where made-up inputs don't fit. */
  readonly inputs: string | undefined;
  readonly rewrites: readonly Rewrite[];
  /** By other norms than `group`. */
  readonly norms: readonly NormRewrite[];
}

/** One rewrite by another norm. */
interface NormRewrite extends Rewrite {
  readonly norm: string;
  /** Limits of batch-renorm. */
  readonly limits: readonly [rMax: number, dMax: number];
  /** Of a norm that takes its numbers from data: a .npz of samples, and which of them were used. */
  readonly calibration: { readonly inputs: string; readonly solvedOn: readonly number[] } | undefined;
}

const LIMITS = { rMax: 1.5, dMax: 0.5 } as const;

/** Sources that other norms are written for: every operator set, rank and layer, and some of what is around them. */
const FOR_NORMS =
  /^(opset-|rank-|linear-|type-float|dynamic-|shared-everything|if-own-parameters|paddleocr-classifier)/;

const NORM_TARGETS: readonly (PlanOptions & { readonly to: string })[] = [
  { to: 'layer' },
  { to: 'layer', form: 'native-trainable' },
  { to: 'layer', form: 'reduce' },
  { to: 'instance' },
  { to: 'instance', form: 'reduce' },
  { to: 'frozen' },
  { to: 'frozen', fold: true },
  { to: 'weight' },
  { to: 'batch-renorm', ...LIMITS },
  { to: 'batch' },
];

/** Its elements become samples where they are read, and no sample goes with its other input. */
const WITHOUT_SAMPLES = 'rank-unknown-reshape';

/** Of them a fifth is held out. */
const SAMPLES = 6;
/** What the real models leave open; see feeds.py. */
const OPEN_SIZES = { fixture: 8, real: 96 } as const;

async function rewrittenByNorm(
  search: Search,
  source: Source,
  target: (typeof NORM_TARGETS)[number],
  folder: string,
): Promise<NormRewrite[]> {
  const { name, bytes } = source;
  const asked = await (async () => planAll(search, target))().catch((error: unknown) => {
    if (error instanceof GnSwapError && error.code === 'nothing-to-swap') return undefined;
    throw error;
  });
  if (asked === undefined) return [];
  const { planned, calibration } = await calibrated(search, asked, source, target, folder);
  const { model, sites } = rewriteAll(search, planned, new MemorySource(bytes));
  const form = target.form ?? (target.fold ? 'fold' : 'auto');
  const file = `${name}.${target.to}.${form}.onnx`;
  writeFileSync(join(folder, file), writeModel(model));
  const listed = sites.map(({ plan: { site, groups }, scale, bias }) => {
    const { name, path, input, output } = site;
    return { name, path, input, output, groups, scale, bias };
  });
  const left = planned.refusals.map(({ op }) => op);
  const limits = [LIMITS.rMax, LIMITS.dMax] as const;
  return [{ norm: target.to, limits, form, consumer: undefined, file, sites: listed, left, calibration }];
}

/** The plan itself, or where its norm takes its numbers from data the one with those of made inputs, which are written. */
async function calibrated(
  search: Search,
  planned: Plan,
  { name, real, inputs: given }: Source,
  target: (typeof NORM_TARGETS)[number],
  folder: string,
): Promise<{ planned: Plan } & Pick<NormRewrite, 'calibration'>> {
  if (normNamed(target.to).data !== 'required') return { planned, calibration: undefined };
  const inputs = given ?? madeInputs(search.model, SAMPLES, 1, OPEN_SIZES[real ? 'real' : 'fixture']);
  const { calibration } = await calibrateSearch(search, SAMPLES, { ...target, inputs });
  const file = `${name}.${target.to}.npz`;
  writeFileSync(join(folder, file), writeNpz(new Map(Object.entries(inputs))));
  return { planned: calibration.plan, calibration: { inputs: file, solvedOn: calibration.solvedOn } };
}

function sourcesOf(): Source[] {
  const fixtures = FIXTURES.map((fixture): Source => {
    const [[, bytes] = ['', new Uint8Array()], ...beside] = filesOf(fixture);
    const { name } = fixture;
    const model = readModel(bytes, fixture.build().home);
    return { name, real: false, bytes, model, beside: new Map(beside), inputs: fixture.inputs?.() };
  });
  const real = Object.entries(MODELS).map(([role, path]): Source => {
    const bytes = readFileSync(path);
    const name = `paddleocr-${role}`;
    return { name, real: true, bytes, model: readModel(bytes), beside: new Map(), inputs: undefined };
  });
  return [...fixtures, ...real];
}

type Target = { readonly form: string } | { readonly for: string };

const TARGETS: readonly Target[] = group.forms.map((form) => ({ form }));
/** Those that want more than a form, which makes a difference where weights are Constant nodes. */
const TARGETS_OF_REAL: readonly Target[] = [...TARGETS, { for: 'pytorch' }, { for: 'ort-training' }];

async function rewritten(search: Search, source: Source, target: Target, folder: string): Promise<Rewrite[]> {
  const { name, bytes, real } = source;
  const consumer = 'for' in target ? target.for : undefined;
  try {
    // The usual rule leaves the 32 channels of most fixtures in one group.
    const read = consumer === 'pytorch' ? await findAllSites(atOpset10(search.model), { run: true }) : search;
    const planned = planAll(read, { ...target, groups: real ? 'auto' : 'paper' });
    const { model, sites } = rewriteAll(read, planned, new MemorySource(bytes), consumer);
    const file = `${name}.${'form' in target ? target.form : `for-${target.for}`}.onnx`;
    writeFileSync(join(folder, file), writeModel(model));
    const left = planned.refusals.map(({ op }) => op);
    const listed = sites.map(({ plan: { site, groups }, scale, bias }) => {
      const { name, path, input, output } = site;
      return { name, path, input, output, groups, scale, bias };
    });
    const form = planned.sites[0]?.form ?? '';
    return [{ form, consumer, file, sites: listed, left }];
  } catch (error) {
    // No site for which the form is legal.
    if (error instanceof GnSwapError && error.code === 'nothing-to-swap') return [];
    throw error;
  }
}

async function entryOf(source: Source, folder: string): Promise<Entry> {
  const { name, real, bytes, model, beside, inputs } = source;
  const file = `${name}.onnx`;
  writeFileSync(join(folder, file), bytes);
  for (const [path, content] of beside) writeFileSync(join(folder, path), content);
  const given = inputs === undefined ? undefined : `${name}.npz`;
  if (given !== undefined) writeFileSync(join(folder, given), writeNpz(new Map(Object.entries(inputs ?? {}))));
  const search = await findAllSites(model, { run: true });
  const rewrites: Rewrite[] = [];
  for (const target of real ? TARGETS_OF_REAL : TARGETS) {
    rewrites.push(...(await rewritten(search, source, target, folder)));
  }
  const norms: NormRewrite[] = [];
  for (const target of FOR_NORMS.test(name) ? NORM_TARGETS : []) {
    if (normNamed(target.to).data === 'required' && name === WITHOUT_SAMPLES) continue;
    norms.push(...(await rewrittenByNorm(search, source, target, folder)));
  }
  return { name, real, opset: opsetVersion(model.proto) ?? 0, source: file, inputs: given, rewrites, norms };
}

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new RangeError('name the folder to write to');
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const entries: Entry[] = [];
for (const source of sourcesOf()) entries.push(await entryOf(source, folder));
writeFileSync(join(folder, 'index.json'), JSON.stringify({ models: entries }, undefined, 1));
const count = entries.reduce((sum, { rewrites }) => sum + rewrites.length, 0);
console.log(`${entries.length} models, ${count} rewrites in ${folder}`);
