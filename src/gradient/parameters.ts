/**
 * Which stored tensors of a model are parameters, and why.
 *
 * A file does not say what was learnt. What it says is who reads a tensor:
 * 1. weight and bias of Conv, ConvTranspose, Gemm, MatMul, Einsum and recurrent layers; the table of a Gather; PRelu's slope;
 * 2. scale and bias of norms, not their running statistics;
 * 3. what is added to the output of a layer of (1), one number only to a MatMul of one output;
 * 4. what is multiplied with or added to a value between two layers, unless it is one number (a constant of an activation,
 *    or a learnt factor: nothing tells), a mask, or a table that meets nothing but what is computed from sizes, as the anchors of a
 *    Faster R-CNN are added to the places of a grid;
 * 5. what is joined to a value between two layers, as the class token of a ViT;
 * 6. what a layer's weight is computed from in the file, as by weight standardization and weight normalization; zeros are left there.
 * A tensor is looked at through operators that only move its numbers. Conv weights that count 0, 1, 2 … turn a distribution into
 * its mean (as in YOLO's head), and are left.
 */
import { isFloat } from '../onnx/data-type.ts';
import { normalDomain } from '../onnx/model.ts';
import { nameAt } from '../onnx/operands.ts';
import type { NodeProto, TensorProto } from '../onnx/schema.ts';
import { elementCount, valuesOf } from '../onnx/tensor.ts';
import { type Forward, SIZES_ONLY } from './forward.ts';

/** What a parameter is to the node that reads it. */
export type Role = 'weight' | 'bias' | 'scale' | 'shift' | 'embedding' | 'slope';

/** A stored float tensor, and whether it counts as a parameter. */
export interface Candidate {
  readonly name: string;
  readonly dims: readonly number[];
  /** Absent if it is left. */
  readonly role?: Role | undefined;
  /** Whether it is the scale or bias of a norm, or of what a norm became. */
  readonly ofNorm: boolean;
  /** Whether no other layer comes behind the one that reads it. */
  readonly inHead: boolean;
  /** Why it was taken or left. */
  readonly why: string;
}

const LAYERS = new Set(['Conv', 'ConvTranspose', 'Gemm', 'MatMul', 'Einsum', 'LSTM', 'GRU', 'RNN']);
const NORMS = new Set([
  'BatchNormalization',
  'GroupNormalization',
  'InstanceNormalization',
  'LayerNormalization',
  'RMSNormalization',
]);
const AFFINE = new Set(['Add', 'Sub', 'Mul', 'Div']);
/** Operators through which a stored tensor is still itself. */
const MOVES = new Set([
  'Identity',
  'Transpose',
  'Reshape',
  'Squeeze',
  'Unsqueeze',
  'Flatten',
  'Expand',
  'Tile',
  'Slice',
  'Split',
]);
/** Operators that make floats of stored integers: their scales are no weights. */
const UNPACKS = new Set(['DequantizeLinear', 'QuantizeLinear']);
/** What may stand between a layer and the bias that is added to it. */
const PASSES = new Set(['Transpose', 'Reshape', 'Squeeze', 'Unsqueeze', 'Flatten', 'Identity', 'Cast']);

/** The graph's wiring, as far as the question needs it. */
interface Wiring {
  readonly readers: ReadonlyMap<string, readonly NodeProto[]>;
  readonly makers: ReadonlyMap<string, NodeProto>;
  /** Nodes that have a layer somewhere before them, or are one. */
  readonly behindLayer: ReadonlySet<NodeProto>;
  /** Nodes that have a layer or a norm somewhere behind them. */
  readonly beforeLayer: ReadonlySet<NodeProto>;
  readonly constants: ReadonlyMap<string, TensorProto>;
}

/** Every stored float tensor that a node reads, in the order of the nodes. */
export function candidatesOf(forward: Forward, stored: ReadonlySet<string>): Candidate[] {
  const wiring = wiringOf(forward);
  const found = new Map<string, Candidate>();
  for (const node of forward.nodes) {
    for (const name of node.input) {
      const tensor = stored.has(name) ? forward.constants.get(name) : undefined;
      if (tensor === undefined || found.has(name) || !isFloat(tensor.dataType)) continue;
      found.set(name, candidate(name, tensor, wiring, forward));
    }
  }
  return [...found.values()];
}

function candidate(name: string, tensor: TensorProto, wiring: Wiring, forward: Forward): Candidate {
  const uses = usesOf(name, wiring);
  const judged = uses.map((use) => {
    const own = judge(use, tensor, wiring, forward);
    return own.role === undefined ? (ofWeight(use, tensor, wiring, forward) ?? own) : own;
  });
  const statistic = judged.find(({ isStatistic }) => isStatistic);
  const taken = judged.find(({ role }) => role !== undefined);
  const best = statistic && taken ? { why: `${taken.why}, and ${statistic.why}` } : (taken ?? judged[0]);
  const inHead = best?.role !== undefined && uses.every(({ node }) => !wiring.beforeLayer.has(node));
  const ofNorm = best?.ofNorm ?? false;
  return {
    name,
    dims: tensor.dims.map(Number),
    role: best?.role,
    ofNorm,
    inHead,
    why: best?.why ?? 'no node computes with it',
  };
}

interface Use {
  readonly node: NodeProto;
  readonly index: number;
}

/** The nodes that compute with a tensor, moved or not. */
function usesOf(name: string, { readers }: Wiring): Use[] {
  const uses: Use[] = [];
  const seen = new Set<string>();
  const pending = [name];
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    if (seen.has(value)) continue;
    seen.add(value);
    for (const node of readers.get(value) ?? []) {
      for (const [index, input] of node.input.entries()) {
        if (input !== value) continue;
        if (MOVES.has(node.opType) && index === 0) pending.push(...node.output);
        else if (!SIZES_ONLY.has(node.opType)) uses.push({ node, index });
      }
    }
  }
  return uses;
}

interface Judged {
  readonly role?: Role;
  readonly ofNorm?: boolean;
  /** Whether it is a running statistic, which a step of training must not move. */
  readonly isStatistic?: boolean;
  readonly why: string;
}

function judge({ node, index }: Use, tensor: TensorProto, wiring: Wiring, forward: Forward): Judged {
  const { opType } = node;
  const title = called(node);
  if (normalDomain(node.domain) !== '') return { why: `read by ${title}, which is not a standard operator` };
  if (NORMS.has(opType) && !isStored(node, wiring)) {
    if (index === 1) return { role: 'scale', ofNorm: true, why: `scale of ${title}` };
    if (index === 2) return { role: 'bias', ofNorm: true, why: `bias of ${title}` };
    return { isStatistic: index > 2, why: `running statistic of ${title}` };
  }
  if (LAYERS.has(opType)) {
    if (countsUp(tensor, forward)) return { why: `weight of ${title} that counts 0, 1, 2 …: not learnt` };
    const isBias = (opType === 'Conv' || opType === 'ConvTranspose' || opType === 'Gemm') && index === 2;
    const isStep = (opType === 'LSTM' || opType === 'GRU' || opType === 'RNN') && index > 3;
    if (isStep) return { why: `a state of ${title}` };
    return isBias ? { role: 'bias', why: `bias of ${title}` } : { role: 'weight', why: `weight of ${title}` };
  }
  if (opType === 'Gather' && index === 0) return { role: 'embedding', why: `rows of ${title}` };
  if (opType === 'Concat' && wiring.behindLayer.has(node) && wiring.beforeLayer.has(node) && elementCount(tensor) > 1) {
    return { role: 'embedding', why: `joined to computed values in ${title}` };
  }
  if (opType === 'PRelu' && index === 1) return { role: 'slope', why: `slope of ${title}` };
  if (AFFINE.has(opType)) return judgeAffine({ node, index }, tensor, wiring, forward, title);
  return { why: `constant of ${title}` };
}

/** (6): undefined if no weight of a layer is made of the tensor. */
function ofWeight({ node, index }: Use, tensor: TensorProto, wiring: Wiring, forward: Forward): Judged | undefined {
  // One number may be a constant, and statistics of a norm are none of its parameters.
  if (elementCount(tensor) === 1 || (NORMS.has(node.opType) && index > 2)) return undefined;
  const computed = called(node);
  const pending = [node];
  const seen = new Set(pending);
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    if (UNPACKS.has(at.opType) || !isStored(at, wiring)) continue;
    for (const value of at.output) {
      for (const reader of wiring.readers.get(value) ?? []) {
        if (LAYERS.has(reader.opType) && !isStored(reader, wiring) && reader.input.indexOf(value) < 3) {
          const of = `the weight of ${called(reader)}, which ${computed} computes`;
          const isZero = valuesOf(tensor, forward.external).every((it) => it === 0);
          return isZero ? { why: `zeros, in ${of}` } : { role: 'weight', why: `in ${of}` };
        }
        if (!seen.has(reader)) pending.push(reader);
        seen.add(reader);
      }
    }
  }
  return undefined;
}

/** Whether a node computes with stored tensors and sizes alone. */
function isStored({ output }: NodeProto, { constants }: Wiring): boolean {
  return output.every((name) => name === '' || constants.has(name));
}

function called({ opType, name, output }: NodeProto): string {
  return `${opType} ${name || output[0]}`;
}

/** (3) and (4). */
function judgeAffine(
  { node, index }: Use,
  tensor: TensorProto,
  wiring: Wiring,
  forward: Forward,
  title: string,
): Judged {
  const adds = node.opType === 'Add' || node.opType === 'Sub';
  if (node.opType === 'Div' && index === 0) return { why: `constant of ${title}` };
  const other = nameAt(node.input, 1 - index);
  // The bias of a layer of one output is as large as its output.
  const maker = wiring.makers.get(other);
  const isOne = maker?.opType === 'MatMul' && wiring.constants.has(nameAt(maker.input, 1));
  if (elementCount(tensor) === 1 && !(adds && isOne && forward.types.get(other)?.dims.at(-1) === 1))
    return { why: `one number, ${adds ? 'added' : 'multiplied'} in ${title}: choose it by name if it was learnt` };
  if (adds && isLayerOutput(other, wiring)) return { role: 'bias', why: `added to a layer's output in ${title}` };
  if (!wiring.behindLayer.has(node)) return { why: `comes before every layer, in ${title}: prepares the input` };
  if (!wiring.beforeLayer.has(node)) return { why: `comes behind every layer, in ${title}` };
  if (isStored(node, wiring)) {
    return { why: `meets sizes alone, in ${title}: a table, such as anchors; choose it by name if it was learnt` };
  }
  if (isMask(tensor, forward)) return { why: `a mask, added in ${title}` };
  return adds
    ? { role: 'shift', ofNorm: isVector(tensor), why: `added between layers in ${title}` }
    : { role: 'scale', ofNorm: isVector(tensor), why: `multiplied between layers in ${title}` };
}

function isVector({ dims }: TensorProto): boolean {
  return dims.filter((dim) => Number(dim) !== 1).length === 1;
}

function isLayerOutput(value: string, { makers }: Wiring): boolean {
  let maker = makers.get(value);
  while (maker !== undefined && PASSES.has(maker.opType)) maker = makers.get(nameAt(maker.input, 0));
  return maker !== undefined && LAYERS.has(maker.opType);
}

/** No more than two different numbers, one of them very negative: what keeps a softmax off some positions. */
function isMask(tensor: TensorProto, { external }: Forward): boolean {
  const values = new Set(valuesOf(tensor, external));
  return values.size <= 2 && [...values].some((value) => value <= -50);
}

function countsUp(tensor: TensorProto, { external }: Forward): boolean {
  const count = elementCount(tensor);
  if (count < 2 || count > 1024) return false;
  return valuesOf(tensor, external).every((value, index) => value === index);
}

function wiringOf({ nodes, constants }: Forward): Wiring {
  const readers = new Map<string, NodeProto[]>();
  const makers = new Map<string, NodeProto>();
  const behindLayer = new Set<NodeProto>();
  const behind = new Set<string>();
  for (const node of nodes) {
    for (const name of new Set(node.input)) {
      const list = readers.get(name);
      if (list === undefined) readers.set(name, [node]);
      else list.push(node);
    }
    if (node.input.some((name) => behind.has(name))) behindLayer.add(node);
    const passesOn = behindLayer.has(node) || isLayer(node, constants);
    for (const name of node.output) {
      makers.set(name, node);
      if (passesOn) behind.add(name);
    }
  }
  const beforeLayer = new Set<NodeProto>();
  const before = new Set<string>();
  for (const node of [...nodes].reverse()) {
    if (node.output.some((name) => before.has(name))) beforeLayer.add(node);
    if (beforeLayer.has(node) || isLayer(node, constants)) for (const name of node.input) before.add(name);
  }
  return { readers, makers, behindLayer, beforeLayer, constants };
}

/** A layer that has a stored weight: products of two computed values are not layers. */
function isLayer(node: NodeProto, constants: ReadonlyMap<string, TensorProto>): boolean {
  if (!LAYERS.has(node.opType)) return false;
  return node.input.some((name) => {
    const tensor = constants.get(name);
    return tensor !== undefined && elementCount(tensor) > 1;
  });
}
