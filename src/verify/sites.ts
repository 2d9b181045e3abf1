/**
 * Every site against its norm's float64 reference: what the written file's nodes answer, alone and in a batch, and what
 * the other forms of the same plan answer.
 *
 * A site of the main graph is fed its real input, fetched from a run of the written model; as many sites a run as memory
 * allows. A site in a subgraph can't be reached from outside, and one whose real input is not finite says nothing: those get
 * a made input with the running statistics of the source's norm.
 */
import { GnSwapError } from '../errors.ts';
import { formNamed } from '../forms/index.ts';
import type { GroupedNorm } from '../norms/types.ts';
import { DataType } from '../onnx/data-type.ts';
import { type Model, opsetVersion } from '../onnx/model.ts';
import { makeTensor, valuesOf } from '../onnx/tensor.ts';
import { legalForms, type SitePlan } from '../plan.ts';
import type { RewrittenSite } from '../rewrite.ts';
import { type Deviation, deviation, isWithin, NO_DEVIATION, part, worse } from './bounds.ts';
import { encodeHalf } from './half.ts';
import { sizeOf } from './inputs.ts';
import { inMemory, type Materialize } from './materialize.ts';
import { shapesOnly, siteModel, withOutputs } from './models.ts';
import { Random } from './random.ts';
import { numbersOf, type Session, type Value, type Values, withSession } from './runtime.ts';

/** What was found at one site. */
export interface SiteVerification {
  readonly name: string;
  /** Whether the site was fed what reaches it in the model, or a made input. */
  readonly input: 'real' | 'made';
  /** Of the site's input in this run. */
  readonly dims: readonly number[];
  /** The file's own nodes against the reference. */
  readonly reference: Deviation;
  /** A sample alone against the same sample in a batch of two. */
  readonly independence: Deviation;
  /** Each other legal form of the same plan against the reference. */
  readonly forms: readonly (Deviation & { readonly form: string })[];
  /** Names of the checks that failed. */
  readonly failed: readonly ('reference' | 'independence' | 'forms')[];
}

/** What {@link verifySites} needs. */
export interface SiteChecks {
  /** As read back from the file, or that model's float32 twin. */
  readonly written: Model;
  readonly sites: readonly RewrittenSite[];
  readonly inputs: Values;
  readonly materialize: Materialize;
  /** Bytes that fetched values and references may take. */
  readonly memory: number;
  readonly seed: number;
  onSite?(done: number): void;
}

/** Verifies all sites, in the order given. */
export async function verifySites(checks: SiteChecks): Promise<SiteVerification[]> {
  const results = new Map<RewrittenSite, SiteVerification>();
  const record = (site: RewrittenSite, result: SiteVerification) => {
    results.set(site, result);
    checks.onSite?.(results.size);
  };
  const reachable = checks.sites.filter(({ plan }) => plan.site.path === '');
  for (const chunk of await chunks(reachable, checks)) {
    const names = chunk.flatMap(({ plan }) => [plan.site.input, plan.site.output]);
    const probe = checks.materialize(withOutputs(checks.written, names));
    const values = await withSession(probe, (session) => session.run(checks.inputs, [...new Set(names)]));
    for (const site of chunk) {
      const [x, y] = [values[site.plan.site.input], values[site.plan.site.output]];
      if (x !== undefined && y !== undefined && allFinite(x)) record(site, await verifySite(site, x, y, checks));
    }
  }
  for (const site of checks.sites) {
    if (!results.has(site)) record(site, await verifySite(site, madeInput(site.plan, checks), undefined, checks));
  }
  return checks.sites.map((site) => results.get(site) as SiteVerification);
}

/** Splits sites so that the values of each part fit the memory. The sizes are those of a run, so they are asked of one. */
async function chunks(sites: readonly RewrittenSite[], checks: SiteChecks): Promise<RewrittenSite[][]> {
  if (sites.length === 0) return [];
  const names = sites.map(({ plan }) => plan.site.input);
  const probe = checks.materialize(shapesOnly(checks.written, names));
  const shapes = await withSession(probe, async (session) => {
    const values = await session.run(checks.inputs);
    return session.outputs.map((name) => Array.from(numbersOf(values[name] as Value) ?? []));
  });
  const parts: RewrittenSite[][] = [];
  let free = 0;
  for (const [index, site] of sites.entries()) {
    const dims = shapes[index] ?? [];
    // x and y at their own width, and for one sample a float64 reference, its magnitude, and the answers of other forms.
    const bytes = 2 * 8 * sizeOf({ dims }) + (8 * 8 * sizeOf({ dims })) / (dims[0] || 1);
    if (parts.length === 0 || bytes > free) {
      parts.push([]);
      free = checks.memory;
    }
    parts.at(-1)?.push(site);
    free -= bytes;
  }
  return parts;
}

function allFinite(value: Value): boolean {
  const numbers = numbersOf(value) ?? [];
  for (let i = 0; i < numbers.length; i++) if (!Number.isFinite(numbers[i])) return false;
  return numbers.length > 0;
}

async function verifySite(
  rewritten: RewrittenSite,
  x: Value,
  y: Value | undefined,
  { written, seed }: SiteChecks,
): Promise<SiteVerification> {
  const { plan } = rewritten;
  const norm = storedNorm(plan);
  const own = formNamed(plan.form);
  const others = legalForms(plan, opsetVersion(written.proto) ?? 0).filter((form) => form !== own);
  const against = (value: Value, on: Value, form: typeof own) =>
    deviation(
      numbersOf(on) as ArrayLike<number>,
      numbersOf(value) as ArrayLike<number>,
      on.dims,
      norm,
      x.type,
      form.oneStage({ ...plan.site, groups: plan.groups }),
    );
  const pair = pairOf(x, seed);
  const first = sample(pair, 0);
  const alone = siteModel(written, rewritten, others);
  return withSession(inMemory(alone.model), async (session) => {
    const [inPair, inFirst] = [
      await runSite(session, plan, pair, alone.written),
      await runSite(session, plan, first, alone.written),
    ];
    const reference = worse(y === undefined ? NO_DEVIATION : against(y, x, own), against(inPair, pair, own));
    const independence = differenceOf(sample(inPair, 0), inFirst, against(inFirst, first, own).bound);
    const forms: (Deviation & { form: string })[] = [];
    for (const form of others) {
      const output = await runSite(session, plan, first, alone.others.get(form.name) as string);
      forms.push({ form: form.name, ...against(output, first, form) });
    }
    const failed: SiteVerification['failed'][number][] = [];
    if (!isWithin(reference)) failed.push('reference');
    if (!isWithin(independence)) failed.push('independence');
    if (!forms.every(isWithin)) failed.push('forms');
    const input = y === undefined ? 'made' : 'real';
    return { name: plan.site.name, input, dims: x.dims, reference, independence, forms, failed };
  });
}

async function runSite(session: Session, { site }: SitePlan, x: Value, output: string): Promise<Value> {
  const value = (await session.run({ [site.input]: x }, [output]))[output];
  if (value === undefined) throw new GnSwapError('runtime-failed', 'the norm answers nothing', { node: site.name });
  return value;
}

/** The plan's norm with γ′ and β′ as the file must hold them: rounded to the element type. */
function storedNorm(plan: SitePlan): GroupedNorm {
  const rounded = (role: 'scale' | 'bias') =>
    valuesOf(makeTensor(role, plan.site.elementType, [plan.channels], plan[role]));
  const { channels, groups, epsilon } = plan;
  return { channels, groups, epsilon: Math.fround(epsilon), scale: rounded('scale'), bias: rounded('bias') };
}

/** Two different samples: the first two, or the only one and a noisy, shifted copy of it. */
function pairOf(x: Value, seed: number): Value {
  if ((x.dims[0] ?? 0) >= 2) return slice(x, 0, 2);
  const random = new Random(seed);
  const numbers = numbersOf(x) as ArrayLike<number>;
  const both = new Float64Array(2 * numbers.length);
  both.set(numbers);
  for (let i = 0; i < numbers.length; i++)
    both[numbers.length + i] = 1 - 0.5 * (numbers[i] as number) + random.normal();
  return { type: x.type, dims: [2, ...x.dims.slice(1)], data: typed(x.type, both) };
}

function sample(value: Value, index: number): Value {
  return slice(value, index, index + 1);
}

function slice({ type, dims, data }: Value, from: number, to: number): Value {
  const size = sizeOf({ dims }) / (dims[0] || 1);
  const range = part(data as ArrayLike<number>, from * size, to * size);
  return { type, dims: [to - from, ...dims.slice(1)], data: range };
}

function differenceOf(a: Value, b: Value, bound: number): Deviation {
  const [some, others] = [numbersOf(a) as ArrayLike<number>, numbersOf(b) as ArrayLike<number>];
  let error = 0;
  for (let i = 0; i < some.length; i++) {
    const difference = Math.abs((some[i] as number) - (others[i] as number));
    if (!(difference <= error)) error = difference;
  }
  return { error, bound };
}

/** An input whose channels have the running mean and variance of the source's norm. */
function madeInput({ site, channels }: SitePlan, { seed }: SiteChecks): Value {
  const random = new Random(seed);
  const open = site.shape?.length === 2 ? [] : [7, 5, 4];
  const rank = site.shape?.length ?? 4;
  const dims = [2, channels, ...open.slice(0, rank - 2)].map((dim, axis) =>
    axis < 2 ? dim : (site.shape?.[axis] ?? dim),
  );
  const { mean, variance } = site.statistics;
  const area = sizeOf({ dims: dims.slice(2) });
  const values = Float64Array.from({ length: sizeOf({ dims }) }, (_, i) => {
    const channel = Math.floor(i / area) % channels;
    return (mean[channel] as number) + Math.sqrt(variance[channel] as number) * random.normal();
  });
  return { type: site.elementType, dims, data: typed(site.elementType, values) };
}

function typed(type: DataType, values: Float64Array): Value['data'] {
  if (type === DataType.FLOAT16) return encodeHalf(values);
  return type === DataType.DOUBLE ? values : Float32Array.from(values);
}
