/**
 * Norms over groups of channels: their spelling by means, and the gradient written on sums per channel.
 *
 * With m and v the mean and variance of a group of n numbers, r = 1/√(v+ε), d = x − m:
 *   y  = d·(γ r) + β
 *   b_c = Σ dy d and a_c = Σ dy, per sample and channel
 *   dγ = Σ_samples b r,  dβ = Σ_samples a
 *   dx = dy·(γ r) − d·(r³/n Σ_group γ b) − r/n Σ_group γ a
 * The sums over d and dy are all that touches the large tensor; what follows is per channel.
 *
 * 1. The variance is taken of d, not as a difference of squares: runtimes' own kernels do that and lose digits (docs/decisions.md).
 * 2. value·scale + shift for each row is one pass as BatchNormalization with mean 0 and variance 1, where Mul and Add take two.
 * 3. Long sums are taken in two stages, which keeps two digits more of float32.
 * 4. A product and ReduceMean take a quarter of the time of ReduceSumSquare.
 */
import { type GradientContext, sizeOf, wanted } from '../gradient-rule.ts';
import { reshapeTo, rowMeans, rowSums } from '../shaping.ts';

/** A norm of x, [N, C, …], over `groups` groups of channels. */
export interface Grouped {
  readonly x: string;
  readonly dims: readonly number[];
  readonly groups: number;
  readonly epsilon: number;
  /** [C] or [groups], `''` for 1. */
  readonly scale: string;
  /** [C] or [groups], `''` for 0. */
  readonly bias: string;
  /** Whether the parameters are one a channel rather than one a group. */
  readonly perChannel: boolean;
}

/** The same numbers as rows: `byGroup` has one for each sample and group, `byChannel` one for each sample and channel. */
interface Rows {
  readonly batch: number;
  readonly channels: number;
  readonly groups: number;
  /** Channels of a group. */
  readonly each: number;
  readonly byGroup: readonly [number, number];
  readonly byChannel: readonly [number, number];
}

function rowsOf({ dims, groups }: Grouped): Rows {
  const [batch, channels] = dims as [number, number];
  const length = sizeOf(dims.slice(2));
  const each = channels / groups;
  return {
    batch,
    channels,
    groups,
    each,
    byGroup: [batch * groups, each * length],
    byChannel: [batch * channels, length],
  };
}

/** A parameter as [1, G, C/G], which fits [N, G, …]; [1, G, 1] if it is one a group. */
function grouped(g: GradientContext, { perChannel }: Grouped, { groups, each }: Rows, parameter: string): string {
  return reshapeTo(g, parameter, [1, groups, perChannel ? each : 1]);
}

/** (2): rows·scale + shift, with one number a row. */
function affine(g: GradientContext, value: string, rows: number, scale: string, shift: string): string {
  const flat = (it: string) => reshapeTo(g, it, [rows]);
  const uniform = (it: number) => g.tensor([rows], new Array<number>(rows).fill(it));
  return g.op('BatchNormalization', [value, flat(scale), flat(shift), uniform(0), uniform(1)], {
    epsilon: { float: 0 },
  });
}

/** Writes the norm; keeps d, r and γ r. */
export function spellGrouped(g: GradientContext, it: Grouped, output: string): Record<string, string> {
  const rows = rowsOf(it);
  const { batch, groups, each, byGroup, byChannel } = rows;
  const x = reshapeTo(g, it.x, [1, ...byGroup]);
  const d = g.op('Sub', [x, rowMeans(g, x, byGroup)]);
  const variance = rowMeans(g, g.op('Mul', [d, d]), byGroup);
  const root = g.op('Sqrt', [g.op('Add', [variance, g.scalar(it.epsilon)])]);
  const r = reshapeTo(g, g.op('Reciprocal', [root]), [batch, groups, 1]);
  const gain = it.scale === '' ? r : g.op('Mul', [r, grouped(g, it, rows, it.scale)]);
  const isWide = it.scale !== '' && it.perChannel;
  const factor = isWide || each === 1 ? gain : g.op('Expand', [gain, g.ints([batch, groups, each])]);
  const apart = reshapeTo(g, d, [1, ...byChannel]);
  const y =
    it.bias === ''
      ? g.op('Mul', [apart, reshapeTo(g, factor, [1, byChannel[0], 1])])
      : affine(g, apart, byChannel[0], factor, shiftOf(g, it, rows));
  g.op('Reshape', [y, g.ints(it.dims)], {}, output);
  return { d, r, factor };
}

/** β for each sample and channel. */
function shiftOf(g: GradientContext, it: Grouped, rows: Rows): string {
  const { batch, groups, each } = rows;
  if (batch === 1 && (it.perChannel || each === 1)) return it.bias;
  return g.op('Expand', [grouped(g, it, rows, it.bias), g.ints([batch, groups, each])]);
}

/** Gradients of x, γ and β, those that are wanted. */
export function groupedGradient(g: GradientContext, it: Grouped, dy: string): (string | undefined)[] {
  const [d, r, factor] = [g.saved('d'), g.saved('r'), g.saved('factor')];
  const rows = rowsOf(it);
  const { batch, groups, each, byGroup, byChannel } = rows;
  const flat = reshapeTo(g, dy, [1, ...byChannel]);
  const inGroups = (value: string) => reshapeTo(g, value, [batch, groups, each]);
  const a = () => inGroups(rowSums(g, flat, byChannel));
  const b = () => inGroups(rowSums(g, g.op('Mul', [flat, reshapeTo(g, d, [1, ...byChannel])]), byChannel));
  const dx = () => {
    // −1/n Σ_group γ r · sum: one number a group.
    const inverse = g.scalar(-1 / byGroup[1]);
    const spread = (sum: string) => {
      const product = g.op('Mul', [sum, factor]);
      const whole = each === 1 ? product : g.op('ReduceSum', [product, g.ints([2])], { keepdims: 1 });
      return g.op('Mul', [whole, inverse]);
    };
    const slope = g.op('Mul', [spread(b()), g.op('Mul', [r, r])]);
    const through = affine(g, d, byGroup[0], slope, spread(a()));
    const straight = g.op('Mul', [flat, reshapeTo(g, factor, [1, byChannel[0], 1])]);
    return reshapeTo(g, g.op('Add', [straight, reshapeTo(g, through, [1, ...byChannel])]), it.dims);
  };
  return wanted(
    g,
    dx,
    () => parameterGradient(g, it, rows, it.scale, g.op('Mul', [b(), r])),
    () => parameterGradient(g, it, rows, it.bias, a()),
  );
}

/** [N, G, C/G] summed over the samples, and over each group's channels if the parameter is one a group. */
function parameterGradient(
  g: GradientContext,
  it: Grouped,
  { batch, each }: Rows,
  parameter: string,
  value: string,
): string {
  const axes = [...(batch === 1 ? [] : [0]), ...(it.perChannel || each === 1 ? [] : [2])];
  const summed = axes.length === 0 ? value : g.op('ReduceSum', [value, g.ints(axes)], { keepdims: 0 });
  return reshapeTo(g, summed, g.dims(parameter));
}
