/** What a graph says of its outputs: which operators made their numbers, and whether the data decide how many rows there are. */
import type { Scope } from '../graph/scope.ts';
import { viewOf } from '../graph/view.ts';
import { intAttribute, intsAttribute } from '../onnx/attributes.ts';
import { type Model, normalDomain } from '../onnx/model.ts';
import { nameAt } from '../onnx/operands.ts';
import type { NodeProto } from '../onnx/schema.ts';
import type { Shape } from '../onnx/value-type.ts';
import { byNumbers, readsOf, SELECTS, within } from './chosen-rows.ts';
import { classNames } from './class-names.ts';

/** What made a number. `linear` is a layer without an activation: a logit, or a plain value. */
export type Made = 'sigmoid' | 'softmax' | 'linear' | 'unit' | 'label' | 'bounded' | 'activation' | 'other';

/** Channels next to each other that one operator made. */
export interface Segment {
  /** How many; undefined if the file does not say. */
  readonly size: number | undefined;
  readonly made: Made;
  /** Whether they were split from more channels that the same operator made. */
  readonly carved: boolean;
}

const MADE: Readonly<Record<string, Made>> = {
  Sigmoid: 'sigmoid',
  HardSigmoid: 'sigmoid',
  Softmax: 'softmax',
  Conv: 'linear',
  ConvTranspose: 'linear',
  Gemm: 'linear',
  MatMul: 'linear',
  LogSoftmax: 'linear',
  LpNormalization: 'unit',
  ArgMax: 'label',
  Tanh: 'bounded',
  Clip: 'bounded',
  Relu: 'activation',
  LeakyRelu: 'activation',
  PRelu: 'activation',
  HardSwish: 'activation',
  BatchNormalization: 'activation',
  InstanceNormalization: 'activation',
  GroupNormalization: 'activation',
  LayerNormalization: 'activation',
};

/** Operators that hand numbers on as they are, or mix them only within a channel. */
export const PASSES: ReadonlySet<string> = new Set(['Identity', 'Cast', 'Dropout', 'Resize', 'Upsample', 'Pad']);
const RESHAPES = new Set(['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze']);
/** Operators that choose numbers and lay them out, and compute nothing. */
const MOVES = new Set(['Gather', 'GatherND', 'GatherElements', 'Slice', 'Transpose', 'Identity', 'Cast', ...RESHAPES]);
/** No exporter puts more nodes between a layer and an output; also an end to graphs that are circles. */
const STEPS = 200;

/** Answers questions about the outputs of one model. Only the main graph is looked at. */
export class Evidence {
  readonly #main: Scope;
  readonly #shapeOf: (value: string) => Shape | undefined;
  readonly #traced = new Map<string, Segment[]>();
  readonly #made = new Map<string, readonly NodeProto[]>();
  #numbers: ReadonlySet<string> | undefined;
  /** Names of the outputs. */
  readonly outputs: readonly string[];
  /** How many classes the file names; undefined if it names none. */
  readonly classes: number | undefined;

  /** @param dimsOf of values in a run, if more is known than the file says */
  constructor(model: Model, dimsOf: (value: string) => Shape | undefined = () => undefined) {
    const { scopes, typeOf } = viewOf(model);
    const [main] = scopes as [Scope, ...Scope[]];
    this.#main = main;
    this.outputs = main.graph.output.map(({ name }) => name);
    this.#shapeOf = (value) => dimsOf(value) ?? typeOf(main, value).shape;
    this.classes = classNames(model)?.length;
  }

  /** The runs of channels along an axis, in order. One run of `other` if nothing is known. */
  segments(output: string, axis: number): Segment[] {
    return merged(this.#trace(output, axis, STEPS));
  }

  /** What made an output, if it was the same for all channels. */
  made(output: string, axis: number): Made {
    const [first, ...others] = this.segments(output, axis);
    return first !== undefined && others.length === 0 ? first.made : 'other';
  }

  /** Whether the data decide how many rows an output has. */
  selects(output: string): boolean {
    return this.#makers(output).some(({ opType }) => SELECTS.has(opType));
  }

  /** Whether an output is behind NonMaxSuppression. */
  suppresses(output: string): boolean {
    return this.#makers(output).some(({ opType }) => opType === 'NonMaxSuppression');
  }

  /** How NonMaxSuppression reads the boxes that an output holds; undefined if it is given others, or the output is not behind it. */
  suppressedAs(output: string): 'xyxy' | 'cxcywh' | undefined {
    const node = this.#makers(output).find(({ opType }) => opType === 'NonMaxSuppression');
    const boxes = new Set(node === undefined ? [] : this.#moved(nameAt(node.input, 0)));
    if (node === undefined || !this.#moved(output).some((value) => boxes.has(value))) return undefined;
    return intAttribute(node, 'center_point_box', 0) === 0 ? 'xyxy' : 'cxcywh';
  }

  /** Values whose numbers a value holds, chosen and laid out otherwise. */
  #moved(value: string): string[] {
    const values = [value];
    for (let node = this.#maker(value); node !== undefined && MOVES.has(node.opType); ) {
      const from = nameAt(node.input, 0);
      values.push(from);
      if (values.length > STEPS) break;
      node = this.#maker(from);
    }
    return values;
  }

  /** Whether an output holds the best of many rows, be they as many as the data ask for or always the same number. */
  ranks(output: string): boolean {
    return this.#makers(output).some(({ opType }) => opType === 'TopK' || SELECTS.has(opType));
  }

  /** Classes of a Softmax that an output was made by, however it was reshaped since. */
  softmaxClasses(output: string): number | undefined {
    let value = output;
    for (let step = 0; step < STEPS; step++) {
      const node = this.#maker(value);
      if (node === undefined) return undefined;
      if (node.opType === 'Softmax') {
        const shape = this.#shapeOf(value);
        return shape?.at(intAttribute(node, 'axis', -1));
      }
      if (!PASSES.has(node.opType) && !RESHAPES.has(node.opType) && node.opType !== 'Transpose') return undefined;
      value = nameAt(node.input, 0);
    }
    return undefined;
  }

  #maker(value: string): NodeProto | undefined {
    const node = this.#main.producers.get(value);
    return node !== undefined && normalDomain(node.domain) === '' ? node : undefined;
  }

  /** All nodes with numbers of the inputs that an output depends on, those in subgraphs included. */
  #makers(output: string): readonly NodeProto[] {
    const known = this.#made.get(output) ?? this.#gather(output);
    this.#made.set(output, known);
    return known;
  }

  #gather(output: string): NodeProto[] {
    const seen = new Set<NodeProto>();
    const all: NodeProto[] = [];
    const pending = [output];
    for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
      const node = this.#main.producers.get(value);
      if (node === undefined || seen.has(node)) continue;
      seen.add(node);
      const reads = readsOf(node);
      this.#numbers ??= byNumbers(this.#main.graph);
      if (reads.some((name) => this.#numbers?.has(name))) all.push(...within(node));
      pending.push(...reads);
    }
    return all;
  }

  /** The same value may be reached on many ways. */
  #trace(value: string, axis: number, steps: number): Segment[] {
    const key = `${axis} ${value}`;
    const known = this.#traced.get(key) ?? this.#follow(value, axis, steps);
    this.#traced.set(key, known);
    return known;
  }

  #follow(value: string, axis: number, steps: number): Segment[] {
    const node = this.#maker(value);
    const size = this.#shapeOf(value)?.[axis];
    const whole = (made: Made): Segment[] => [{ size, made, carved: false }];
    if (node === undefined || steps === 0) return whole('other');
    const [x = ''] = node.input;
    const go = (from: string, at: number) => this.#trace(from, at, steps - 1);
    const { opType } = node;
    if (PASSES.has(opType)) return go(x, axis);
    if (RESHAPES.has(opType)) {
      const from = this.#sameAxis(x, value, axis);
      return from === undefined ? whole(uniform(go(x, 1))) : go(x, from);
    }
    if (opType === 'Transpose') {
      const rank = this.#shapeOf(value)?.length ?? 0;
      return go(x, intsAttribute(node, 'perm')?.[axis] ?? rank - 1 - axis);
    }
    if (opType === 'Concat') {
      const rank = this.#shapeOf(value)?.length ?? 0;
      const along = intAttribute(node, 'axis', 0);
      const isAlong = (along < 0 ? along + rank : along) === axis;
      return isAlong
        ? node.input.flatMap((it) => go(it, axis))
        : alike(
            node.input.map((it) => merged(go(it, axis))),
            size,
          );
    }
    if (opType === 'Split' || opType === 'Slice') {
      const isWhole = size !== undefined && size === this.#shapeOf(x)?.[axis];
      return isWhole ? go(x, axis) : [{ size, made: uniform(go(x, axis)), carved: true }];
    }
    // FCOS takes the root of two probabilities that are multiplied.
    if (opType === 'Sqrt' && uniform(go(x, axis)) === 'sigmoid') return go(x, axis);
    if (opType === 'Mul' || opType === 'Add') return this.#arithmetic(node, axis, size, go);
    return [{ size, made: MADE[opType] ?? 'other', carved: this.#isOfAnchor(x, axis) }];
  }

  /** Whether channels are some of those of an anchor, of which a layer has several a cell, as in YOLOv3. */
  #isOfAnchor(value: string, axis: number): boolean {
    let [isPart, at, along] = [false, value, axis];
    for (let node = this.#maker(at); node !== undefined; node = this.#maker(at)) {
      const from = nameAt(node.input, 0);
      const [before, after] = [this.#shapeOf(from), this.#shapeOf(at)];
      const size = after?.[along];
      if (size === undefined) return false;
      if (node.opType === 'Split' || node.opType === 'Slice') isPart ||= before?.[along] !== size;
      else if (node.opType === 'Transpose') along = intsAttribute(node, 'perm')?.[along] ?? along;
      else if (RESHAPES.has(node.opType)) {
        const same = this.#sameAxis(from, at, along);
        if (same === undefined) return isPart && (before?.[1] ?? 0) > size && this.made(from, 1) === 'linear';
        along = same;
      } else if (!PASSES.has(node.opType)) return false;
      at = from;
    }
    return false;
  }

  /** A bias is part of its layer, and a probability times another is one. */
  #arithmetic(
    { opType, input }: NodeProto,
    axis: number,
    size: number | undefined,
    go: (from: string, at: number) => Segment[],
  ): Segment[] {
    const [a = '', b = ''] = input;
    const isStored = (value: string) =>
      this.#main.initializers.has(value) || this.#main.producers.get(value)?.opType === 'Constant';
    if (opType === 'Add') {
      const from = isStored(b) ? a : isStored(a) ? b : '';
      const isLayer = ['MatMul', 'ConvTranspose', 'Conv'].includes(this.#maker(from)?.opType ?? '');
      return [{ size, made: isLayer ? 'linear' : 'other', carved: false }];
    }
    const both = [a, b].every((it) => !isStored(it) && uniform(go(it, axis)) === 'sigmoid');
    return [{ size, made: both ? 'sigmoid' : 'other', carved: false }];
  }

  /** The axis of `before` that an axis of `after` is, if only others were reshaped. */
  #sameAxis(before: string, after: string, axis: number): number | undefined {
    const [from, to] = [this.#shapeOf(before), this.#shapeOf(after)];
    const size = to?.[axis];
    if (from === undefined || size === undefined) return undefined;
    if (from[axis] === size && from.slice(0, axis).every((dim, index) => dim === to?.[index])) return axis;
    const fromEnd = to === undefined ? 0 : to.length - axis;
    const isTail = (dim: number | undefined, index: number) => dim !== undefined && dim === to?.[axis + index];
    if (from.length >= fromEnd && from.slice(from.length - fromEnd).every(isTail)) return from.length - fromEnd;
    const same = from.flatMap((dim, index) => (dim === size ? [index] : []));
    return same.length === 1 ? same[0] : undefined;
  }
}

/** Names the outputs of a model whose number of rows depends on the data. */
export function rowsByData(model: Model): ReadonlySet<string> {
  const selects = (node: NodeProto) => within(node).some(({ opType }) => SELECTS.has(opType));
  if (!model.proto.graph.node.some(selects)) return new Set();
  const evidence = new Evidence(model);
  return new Set(evidence.outputs.filter((name) => evidence.selects(name)));
}

function uniform(segments: readonly Segment[]): Made {
  const [first, ...others] = segments;
  return first !== undefined && others.every(({ made }) => made === first.made) ? first.made : 'other';
}

/** What pieces of the same structure have in common. */
function alike(lists: readonly Segment[][], size: number | undefined): Segment[] {
  const key = (list: readonly Segment[]) => JSON.stringify(list.map((it) => [it.size, it.made]));
  const [first] = lists;
  if (first !== undefined && lists.every((list) => key(list) === key(first))) return first;
  return [{ size, made: uniform(lists.flat()), carved: false }];
}

/** Runs that several operators of the same kind made stay apart only if they tell a role: a probability of its own. */
function merged(segments: readonly Segment[]): Segment[] {
  const runs: Segment[] = [];
  for (const it of segments) {
    const last = runs.at(-1);
    if (last === undefined || last.made !== it.made || it.made === 'sigmoid') runs.push(it);
    else runs[runs.length - 1] = { ...last, size: sum(last.size, it.size) };
  }
  return runs;
}

function sum(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a + b;
}
