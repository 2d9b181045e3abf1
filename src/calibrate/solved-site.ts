/**
 * One site of the calibration graph: x′ of the rewritten path and y of the source's → statistics; γ′, β′; y′ = γ′ x̂ + β′.
 *
 * The formulas are those of statistics.ts and solve.ts, over the samples of this run. On [N, G, C/G, S], one axis is a group's
 * channels and another a channel's numbers; with one group x has such axes as it is.
 *
 * 1. Differences are taken before they are squared: x′ and y may lie far from 0.
 * 2. 16-bit types are cast to float32.
 * 3. Where begins with opset 9. Before it, initial + usable · (slope − initial), with a slope that is always a number.
 */
import type { Builder } from '../onnx/builder.ts';
import { DataType, isHalf } from '../onnx/data-type.ts';
import type { Names } from '../onnx/names.ts';
import type { TensorProto } from '../onnx/schema.ts';
import { makeTensor } from '../onnx/tensor.ts';
import type { SitePlan } from '../plan/index.ts';
import { LEAST_SLOPE, LEAST_VARIANCE } from './solve.ts';

const FIRST_WITH_WHERE = 9;

/** What {@link addSolvedSite} adds. */
export interface SolvedSite {
  /** Name of y′. */
  readonly output: string;
  /** Names of the statistics, in the order of {@link STATISTICS}. */
  readonly statistics: string[];
}

/**
 * @param parameters where the constants of this site are put
 * @param folder what their names begin with, as those of the builder do
 */
export function addSolvedSite(
  plan: SitePlan,
  input: string,
  builder: Builder,
  parameters: TensorProto[],
  folder: { readonly names: Names; readonly prefix: string },
): SolvedSite {
  const { site, epsilon } = plan;
  const layout = layoutOf(plan);
  const type = isHalf(site.elementType) ? DataType.FLOAT : site.elementType;
  const op = (name: string, role: string, ...inputs: string[]) => builder.node(name, role, inputs);
  const constant = (role: string, value: number) => builder.scalar(role, type, value);
  // (2)
  const wide = (value: string, role: string) => (type === site.elementType ? value : builder.cast(role, value, type));
  const rows = (value: string, role: string) => {
    const numbers = wide(value, `${role}Wide`);
    return layout.rows === undefined ? numbers : builder.reshape(role, numbers, layout.rows);
  };
  const overPositions = (value: string, role: string) => builder.mean(role, value, ...layout.positions);
  const overGroup = (value: string, role: string) => builder.mean(role, value, layout.group);
  const overSamples = (value: string, role: string) => builder.mean(role, value, 0);

  const [x, y] = [rows(input, 'X'), rows(site.output, 'Y')];
  const [meanX, meanY] = [overPositions(x, 'MeanX'), overPositions(y, 'MeanY')];
  // (1)
  const [dx, dy] = [op('Sub', 'DeltaX', x, meanX), op('Sub', 'DeltaY', y, meanY)];
  const varianceX = overPositions(op('Mul', 'SquareX', dx, dx), 'VarianceX');
  const varianceY = overPositions(op('Mul', 'SquareY', dy, dy), 'VarianceY');
  const covariance = overPositions(op('Mul', 'Product', dx, dy), 'Covariance');

  // x̂ = (x − m)/s, with s = √v of each group: its mean per sample and channel.
  const offset = op('Sub', 'Offset', meanX, overGroup(meanX, 'GroupMean'));
  const spread = op('Add', 'Spread', varianceX, op('Mul', 'OffsetSquare', offset, offset));
  const v = op('Add', 'AddEpsilon', overGroup(spread, 'GroupVariance'), constant('epsilon', epsilon));
  const s = op('Sqrt', 'GroupDeviation', v);
  const normalized = op('Div', 'Normalized', offset, s);

  // The line, one number a channel.
  const [meanOfX, meanOfY] = [overSamples(normalized, 'MeanOfX'), overSamples(meanY, 'MeanOfY')];
  const [ex, ey] = [op('Sub', 'SampleX', normalized, meanOfX), op('Sub', 'SampleY', meanY, meanOfY)];
  const moment = (role: string, within: string, divisor: string, a: string, b: string) => {
    const scaled = op('Div', `${role}Within`, within, divisor);
    return overSamples(op('Add', `${role}Total`, scaled, op('Mul', `${role}Between`, a, b)), role);
  };
  const lineX = moment('LineX', varianceX, v, ex, ex);
  const lineXY = moment('LineXY', covariance, s, ex, ey);
  const lineY = overSamples(op('Add', 'LineYTotal', varianceY, op('Mul', 'LineYBetween', ey, ey)), 'LineY');
  const gain = addGain(plan, { lineX, lineXY, lineY }, type, layout.perChannel, builder, parameters, folder);

  // γ′x̂ + β′ = γ′ (x̂ − E[x̂]) + E[y], and x̂ is its sample's mean and dx/s.
  const factor = op('Div', 'Factor', gain, s);
  const summand = op('Add', 'Summand', op('Mul', 'SampleAnswer', gain, ex), meanOfY);
  const answer = op('Add', 'Answer', op('Mul', 'Scaled', dx, factor), summand);
  const narrow = type === site.elementType ? answer : builder.cast('Narrow', answer, site.elementType);
  const output = layout.rows === undefined ? narrow : op('Reshape', 'Output', narrow, op('Shape', 'ShapeOf', input));
  return { output, statistics: [meanX, varianceX, meanY, varianceY, covariance] };
}

/** Where in a tensor the numbers of a channel and the channels of a group are. */
interface Layout {
  /** What x is reshaped to; nothing where it stays as it is. */
  readonly rows: readonly number[] | undefined;
  /** Axes of a channel's numbers. */
  readonly positions: readonly number[];
  /** Axis of a group's channels. */
  readonly group: number;
  /** Dimensions of one number a channel. */
  readonly perChannel: readonly number[];
}

function layoutOf({ site: { shape }, channels, groups }: SitePlan): Layout {
  if (groups === 1 && shape !== undefined && shape.length > 2) {
    const positions = shape.map((_, axis) => axis).slice(2);
    return { rows: undefined, positions, group: 1, perChannel: [1, channels, ...positions.map(() => 1)] };
  }
  const size = channels / groups;
  return { rows: [0, groups, size, -1], positions: [3], group: 2, perChannel: [1, groups, size, 1] };
}

/** Adds γ′: the slope where it is usable, else the one of `statistics`. */
function addGain(
  { scale }: SitePlan,
  { lineX, lineXY, lineY }: Readonly<Record<'lineX' | 'lineXY' | 'lineY', string>>,
  type: DataType,
  dims: readonly number[],
  builder: Builder,
  parameters: TensorProto[],
  { names, prefix }: Parameters<typeof addSolvedSite>[4],
): string {
  const op = (name: string, role: string, ...inputs: string[]) => builder.node(name, role, inputs);
  const perChannel = (role: string, values: ArrayLike<number>) => {
    const name = names.fresh(`${prefix}/${role}`);
    parameters.push(makeTensor(name, type, dims, values));
    return name;
  };
  const initial = perChannel('scale', scale);
  const sign = perChannel(
    'sign',
    Array.from(scale, (value) => Math.sign(value) || 1),
  );
  const least = perChannel(
    'least',
    Array.from(scale, (value) => LEAST_SLOPE * Math.abs(value)),
  );
  // (3)
  const hasWhere = builder.opset >= FIRST_WITH_WHERE;
  const divisor = hasWhere ? lineX : op('Add', 'SafeX', lineX, builder.scalar('least', type, 1e-30));
  const size = op('Sqrt', 'Size', op('Div', 'Ratio', lineY, divisor));
  const slope = op('Mul', 'Slope', size, sign);
  const hasVariance = op('Greater', 'HasVariance', lineX, builder.scalar('least_variance', type, LEAST_VARIANCE));
  const hasSlope = op('Greater', 'HasSlope', size, least);
  const isAlong = op('Greater', 'IsAlong', op('Mul', 'SignedXY', lineXY, sign), builder.scalar('zero', type, 0));
  const isUsable = op('And', 'IsUsable', op('And', 'HasBoth', hasVariance, hasSlope), isAlong);
  if (hasWhere) return op('Where', 'Gain', isUsable, slope, initial);
  const usable = builder.cast('Usable', isUsable, type);
  return op('Add', 'Gain', initial, op('Mul', 'Change', usable, op('Sub', 'Difference', slope, initial)));
}
