/**
 * One step of an optimizer as nodes: gradients, parameters and state in, the next ones out.
 *
 * AdamW (Loshchilov & Hutter, arXiv:1711.05101) with the corrections of the first steps taken into the rate and ε:
 *   m′ = β₁ m + (1−β₁) g, v′ = β₂ v + (1−β₂) g², θ′ = θ (1 − lr λ) − lr √(1−β₂ᵗ)/(1−β₁ᵗ) · m′/(√v′ + ε √(1−β₂ᵗ))
 * SGD: v′ = μ v + g + λ θ, θ′ = θ − lr v′.
 * The weight decay λ is left out for what has one dimension: biases and the scale of norms.
 * A clip scales all gradients so that their common norm is no larger than it.
 */
import { DataType } from '../onnx/data-type.ts';
import type { FixedType } from './forward.ts';
import type { OptimizerName } from './losses.ts';
import type { NameSpaces, Writer } from './writer.ts';

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

/** @param trained gradient and type of each parameter, by its name */
export function writeOptimizer(
  writer: Writer,
  names: NameSpaces,
  name: OptimizerName,
  trained: ReadonlyMap<string, { readonly gradient: string; readonly type: FixedType }>,
  { weightDecay = 0.01, momentum = 0.9, betas = [0.9, 0.999], epsilon = 1e-8, clip }: OptimizerOptions,
): { updated: Updated[]; lr: string; step: string | undefined } {
  const updated: Updated[] = [];
  const scalar = (value: number) => writer.scalar(DataType.FLOAT, value);
  const lr = names.values.fresh('lr');
  const limit =
    clip === undefined
      ? undefined
      : clipFactor(
          writer,
          [...trained.values()].map(({ gradient }) => gradient),
          clip,
        );
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
  const decays = ({ dims }: FixedType) => weightDecay !== 0 && dims.filter((dim) => dim !== 1).length > 1;

  if (name === 'sgd') {
    for (const [parameter, { gradient, type }] of trained) {
      const v = follow('v', parameter, type);
      const own = limit === undefined ? gradient : writer.op('Mul', [gradient, limit]);
      const decayed = decays(type) ? writer.op('Add', [own, writer.op('Mul', [parameter, scalar(weightDecay)])]) : own;
      const velocity = writer.op('Add', [writer.op('Mul', [v.input, scalar(momentum)]), decayed], {}, v.output);
      writer.op('Sub', [parameter, writer.op('Mul', [velocity, lr])], {}, next(parameter, type));
    }
    return { updated, lr, step: undefined };
  }

  const step = names.values.fresh('step');
  const t = writer.op('Cast', [step], { to: DataType.FLOAT });
  const left = (beta: number) => writer.op('Sub', [scalar(1), writer.op('Pow', [scalar(beta), t])]);
  const root = writer.op('Sqrt', [left(betas[1])]);
  const rate = writer.op('Div', [writer.op('Mul', [lr, root]), left(betas[0])]);
  const small = writer.op('Mul', [root, scalar(epsilon)]);
  const kept = writer.op('Sub', [scalar(1), writer.op('Mul', [lr, scalar(weightDecay)])]);
  const share = (beta: number, power: number) => {
    const rest = scalar(1 - beta);
    if (limit === undefined) return rest;
    return writer.op('Mul', [rest, power === 1 ? limit : writer.op('Mul', [limit, limit])]);
  };
  for (const [parameter, { gradient, type }] of trained) {
    const [m, v] = [follow('m', parameter, type), follow('v', parameter, type)];
    const blend = (old: string, beta: number, fresh: string, weight: string, output: string) =>
      writer.op('Add', [writer.op('Mul', [old, scalar(beta)]), writer.op('Mul', [fresh, weight])], {}, output);
    const mean = blend(m.input, betas[0], gradient, share(betas[0], 1), m.output);
    const square = writer.op('Mul', [gradient, gradient]);
    const spread = blend(v.input, betas[1], square, share(betas[1], 2), v.output);
    const size = writer.op('Add', [writer.op('Sqrt', [spread]), small]);
    const change = writer.op('Mul', [writer.op('Div', [mean, size]), rate]);
    const before = decays(type) ? writer.op('Mul', [parameter, kept]) : parameter;
    writer.op('Sub', [before, change], {}, next(parameter, type));
  }
  return { updated, lr, step };
}

/** min(1, clip / ‖all gradients‖). */
function clipFactor(writer: Writer, gradients: readonly string[], clip: number): string {
  const squares = gradients.map((it) => writer.op('ReduceSumSquare', [it], { keepdims: 0 }));
  const norm = writer.op('Sqrt', [writer.op('Sum', squares)]);
  const ratio = writer.op('Div', [
    writer.scalar(DataType.FLOAT, clip),
    writer.op('Max', [norm, writer.scalar(DataType.FLOAT, 1e-12)]),
  ]);
  return writer.op('Min', [ratio, writer.scalar(DataType.FLOAT, 1)]);
}
