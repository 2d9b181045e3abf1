/**
 * One step of an optimizer as nodes: gradients, parameters and state in, the next ones out.
 *
 * AdamW (Loshchilov & Hutter, arXiv:1711.05101). m and v are sums here, not means: the factors 1−β and the corrections of the first steps
 * are taken into the rate and ε, which are numbers. That saves two of thirteen passes over tensors as large as the parameter:
 *   m′ = β₁ m + g, v′ = β₂ v + g², θ′ = θ (1 − lr λ) − lr (1−β₁)/(1−β₁ᵗ) k · m′/(√v′ + ε k), k = √((1−β₂ᵗ)/(1−β₂))
 * SGD: v′ = μ v + g + λ θ, θ′ = θ − lr v′.
 * The weight decay λ is left out for what has one dimension: biases and the scale of norms.
 * A clip scales all gradients so that their common norm is no larger than it.
 */
import { DataType } from '../onnx/data-type.ts';
import { decays } from './flat.ts';
import type { FixedType } from './forward.ts';
import type { OptimizerName } from './losses.ts';
import type { NameSpaces, Writer } from './writer.ts';

/** How an optimizer steps; each with its default. */
export interface OptimizerOptions {
  /** λ, 0.01. */
  readonly weightDecay?: number | undefined;
  /** μ of SGD, 0.9. */
  readonly momentum?: number | undefined;
  /** β₁ and β₂ of AdamW, 0.9 and 0.999. */
  readonly betas?: readonly [number, number] | undefined;
  /** ε of AdamW, 1e-8. */
  readonly epsilon?: number | undefined;
  /** The largest norm of all gradients together; no limit if it is absent. */
  readonly clip?: number | undefined;
}

/** A value that goes in and comes out again, changed. */
export interface Updated {
  readonly input: string;
  readonly output: string;
  readonly type: FixedType;
  /** Whether it starts at 0; a parameter starts at what the file holds. */
  readonly isState: boolean;
}

/** What is known of a parameter, or of all in one vector. */
export interface Trained {
  readonly gradient: string;
  readonly type: FixedType;
  /** How many numbers at the front decay; by its dimensions if it is absent. */
  readonly decayed?: number | undefined;
}

/** @param trained each parameter, by its name */
export function writeOptimizer(
  writer: Writer,
  names: NameSpaces,
  name: OptimizerName,
  trained: ReadonlyMap<string, Trained>,
  { weightDecay = 0.01, momentum = 0.9, betas = [0.9, 0.999], epsilon = 1e-8, clip }: OptimizerOptions,
): { updated: Updated[]; lr: string; step: string | undefined } {
  const updated: Updated[] = [];
  const scalar = (value: number) => writer.scalar(DataType.FLOAT, value);
  const times = (value: string, factor: number, { type, dims }: FixedType) =>
    writer.op('Mul', [value, writer.tensor(type, numberDims(dims), [factor])]);
  const lr = names.values.fresh('lr');
  const limit = clip === undefined ? undefined : clipFactor(writer, [...trained.values()], clip);
  const follow = (role: string, parameter: string, type: FixedType) => {
    const input = names.values.fresh(`${role}/${parameter}`);
    const output = names.values.fresh(`next/${input}`);
    updated.push({ input, output, type, isState: true });
    return { input, output };
  };
  const next = (parameter: string, type: FixedType) => {
    const output = names.values.fresh(`next/${parameter}`);
    updated.push({ input: parameter, output, type, isState: false });
    return output;
  };
  /** A factor for the numbers that decay, and 1 for the others; undefined if none does. */
  const decayFactor = ({ type, decayed }: Trained, factor: string) => {
    const count = type.dims.reduce((product, dim) => product * dim, 1);
    const own = decayed ?? (decays(type.dims) ? count : 0);
    if (weightDecay === 0 || own === 0) return undefined;
    if (own === count) return numberFor(writer, factor, type);
    const parts = [
      writer.op('Expand', [factor, writer.ints([own])]),
      writer.op('Expand', [scalar(1), writer.ints([count - own])]),
    ];
    return inType(writer, writer.op('Concat', parts, { axis: 0 }), type);
  };

  if (name === 'sgd') {
    for (const [parameter, it] of trained) {
      const { gradient, type } = it;
      const v = follow('v', parameter, type);
      const own = limit === undefined ? gradient : writer.op('Mul', [gradient, numberFor(writer, limit, type)]);
      // λ θ as θ (1 + λ) − θ: what does not decay has the factor 1.
      const factor = decayFactor(it, scalar(1 + weightDecay));
      const grown = factor && writer.op('Sub', [writer.op('Mul', [parameter, factor]), parameter]);
      const decayed = grown === undefined ? own : writer.op('Add', [own, grown]);
      const velocity = writer.op('Add', [times(v.input, momentum, type), decayed], {}, v.output);
      const change = writer.op('Mul', [velocity, numberFor(writer, lr, type)]);
      writer.op('Sub', [parameter, change], {}, next(parameter, type));
    }
    return { updated, lr, step: undefined };
  }

  const step = names.values.fresh('step');
  const t = writer.op('Cast', [step], { to: DataType.FLOAT });
  const left = (beta: number) => writer.op('Sub', [scalar(1), writer.op('Pow', [scalar(beta), t])]);
  const k = writer.op('Sqrt', [writer.op('Div', [left(betas[1]), scalar(1 - betas[1])])]);
  const share = writer.op('Div', [writer.op('Mul', [lr, scalar(1 - betas[0])]), left(betas[0])]);
  const rate = writer.op('Mul', [share, k]);
  const small = writer.op('Mul', [k, scalar(epsilon)]);
  const kept = writer.op('Sub', [scalar(1), writer.op('Mul', [lr, scalar(weightDecay)])]);
  for (const [parameter, it] of trained) {
    const { type } = it;
    const [m, v] = [follow('m', parameter, type), follow('v', parameter, type)];
    const by = (opType: string, value: string, number: string) =>
      writer.op(opType, [value, numberFor(writer, number, type)]);
    const gradient = limit === undefined ? it.gradient : by('Mul', it.gradient, limit);
    const mean = writer.op('Add', [times(m.input, betas[0], type), gradient], {}, m.output);
    const square = writer.op('Mul', [gradient, gradient]);
    const spread = writer.op('Add', [times(v.input, betas[1], type), square], {}, v.output);
    const size = by('Add', writer.op('Sqrt', [spread]), small);
    const change = by('Mul', writer.op('Div', [mean, size]), rate);
    const factor = decayFactor(it, kept);
    const before = factor === undefined ? parameter : writer.op('Mul', [parameter, factor]);
    writer.op('Sub', [before, change], {}, next(parameter, type));
  }
  return { updated, lr, step };
}

/**
 * Dimensions of a number that a tensor is multiplied with: as many as the tensor has, if one of its own is 1.
 *
 * ONNX Runtime 1.32 takes 60 times as long for [512, 256, 1, 1] times [] as for the same times [1, 1, 1, 1]: 1.3 ms for 0.02.
 */
function numberDims(dims: readonly number[]): number[] {
  return dims.length > 1 && dims.includes(1) ? dims.map(() => 1) : [];
}

/** Rates and factors are float32, whatever is trained. */
function inType(writer: Writer, value: string, { type }: Pick<FixedType, 'type'>): string {
  return type === DataType.FLOAT ? value : writer.op('Cast', [value], { to: type });
}

/** A computed number in the type and these dimensions. */
function numberFor(writer: Writer, value: string, type: FixedType): string {
  const own = numberDims(type.dims);
  const number = inType(writer, value, type);
  return own.length === 0 ? number : writer.op('Reshape', [number, writer.ints(own)]);
}

/** min(1, clip / ‖all gradients‖). */
function clipFactor(writer: Writer, trained: readonly Trained[], clip: number): string {
  const squares = trained.map(({ gradient, type }) => {
    const sum = writer.op('ReduceSumSquare', [gradient], { keepdims: 0 });
    return type.type === DataType.FLOAT ? sum : writer.op('Cast', [sum], { to: DataType.FLOAT });
  });
  const norm = writer.op('Sqrt', [writer.op('Sum', squares)]);
  const ratio = writer.op('Div', [
    writer.scalar(DataType.FLOAT, clip),
    writer.op('Max', [norm, writer.scalar(DataType.FLOAT, 1e-12)]),
  ]);
  return writer.op('Min', [ratio, writer.scalar(DataType.FLOAT, 1)]);
}
