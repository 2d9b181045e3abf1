/**
 * Batch renormalization: BatchNormalization in training mode whose answers stay near those of its running statistics.
 *
 * y = γ ((x − μ_B)/σ_B · r + d) + β with r = clip(σ_B/σ, 1/r_max, r_max) and d = clip((μ_B − μ)/σ, −d_max, d_max), which count as constants in
 * the gradient. So it is BatchNormalization in training mode with the scale γ r and the bias β + γ d:
 * 1. r and d are written before the norm, and the gradient stops at them;
 * 2. the norm takes γ r and β + γ d, and has the rule that it always has.
 * With r_max = 1 and d_max = 0 it is training mode; without limits it answers as frozen. S. Ioffe, *Batch Renormalization*, 2017, arXiv:1702.03275.
 */
import { GnSwapError } from '../errors.ts';
import { floatAttribute } from '../onnx/attributes.ts';
import { calledBy } from '../onnx/operands.ts';
import type { NodeProto, TensorProto } from '../onnx/schema.ts';
import { type FixedType, type Forward, fixedOf, storedType } from './forward.ts';
import { type NameSpaces, Writer } from './writer.ts';

/** How far the statistics of a batch may be from the running ones. */
export interface RenormLimits {
  /** Of r, a factor ≥ 1. 3, where the paper's training ends. */
  readonly rMax?: number | undefined;
  /** Of d, in running standard deviations. 5. */
  readonly dMax?: number | undefined;
}

/** What the paper's training ends with. */
const RENORM_LIMITS = { rMax: 3, dMax: 5 } as const;

/** @param norms in training mode, with running statistics that are inputs */
export function renormed(
  forward: Forward,
  norms: ReadonlySet<NodeProto>,
  { rMax = RENORM_LIMITS.rMax, dMax = RENORM_LIMITS.dMax }: RenormLimits,
  names: NameSpaces,
): Forward {
  checkLimit('r-max', rMax, 1);
  checkLimit('d-max', dMax, 0);
  const added = new Map<string, TensorProto>();
  const types = new Map(forward.types);
  const stops = new Set(forward.stops);
  const nodes = forward.nodes.flatMap((node) => {
    if (!norms.has(node)) return [node];
    const writer = new Writer(calledBy(node), names, added);
    const [x = '', scale = '', bias = '', ...statistics] = node.input;
    const kind = fixedOf(types, statistics[0] ?? '');
    const { r, d } = correction(writer, node, fixedOf(types, x).dims, kind, { rMax, dMax });
    stops.add(r).add(d);
    const gain = writer.op('Mul', [scale, r]);
    const shift = writer.op('Mul', [scale, d]);
    const start = writer.op('Add', [bias, shift]);
    for (const name of [r, d, gain, shift, start]) types.set(name, kind);
    return [...writer.nodes, { ...node, input: [x, gain, start, ...statistics] }];
  });
  const constants = new Map(forward.constants);
  for (const tensor of added.values()) {
    constants.set(tensor.name, tensor);
    types.set(tensor.name, storedType(tensor));
  }
  return { ...forward, nodes, types, constants, stops };
}

function checkLimit(name: string, value: number, least: number): void {
  if (value >= least && value < Number.POSITIVE_INFINITY) return;
  throw new GnSwapError('invalid-arguments', `--${name} is ${value}`, { remedy: `Use a number ≥ ${least}` });
}

/** (1). Both by channel. */
function correction(
  writer: Writer,
  node: NodeProto,
  dims: readonly number[],
  { type, dims: channels }: FixedType,
  { rMax, dMax }: Required<{ [key in keyof RenormLimits]: number }>,
): { r: string; d: string } {
  const [x = '', , , mean = '', variance = ''] = node.input;
  const axes = writer.ints([...dims.keys()].filter((axis) => axis !== 1));
  const meanOf = (value: string) => writer.op('ReduceMean', [value, axes], { keepdims: 1 });
  const byChannel = (value: string) => writer.op('Reshape', [value, writer.ints(channels)]);
  const epsilon = writer.scalar(type, floatAttribute(node, 'epsilon', 1e-5));
  const deviation = (value: string) => writer.op('Sqrt', [writer.op('Add', [value, epsilon])]);
  const clip = (value: string, low: number, high: number) =>
    writer.op('Clip', [value, writer.scalar(type, low), writer.scalar(type, high)]);
  const ofBatch = meanOf(x);
  const centred = writer.op('Sub', [x, ofBatch]);
  const spread = byChannel(meanOf(writer.op('Mul', [centred, centred])));
  const moving = deviation(variance);
  const distance = writer.op('Sub', [byChannel(ofBatch), mean]);
  return {
    r: clip(writer.op('Div', [deviation(spread), moving]), 1 / rMax, rMax),
    d: clip(writer.op('Div', [distance, moving]), -dMax, dMax),
  };
}
