/** The layers whose channels are the classes: those from which classes arrive where the scores are. */
import { viewOf } from '../../graph/view.ts';
import { intAttribute } from '../../onnx/attributes.ts';
import { type Model, normalDomain } from '../../onnx/model.ts';
import { nameAt } from '../../onnx/operands.ts';
import type { NodeProto } from '../../onnx/schema.ts';
import { pass } from './flow.ts';
import type { Place } from './place.ts';
import type { Known } from './rule.ts';

/** Where the scores of all classes are: in one block along an axis of a value, or in a block for each anchor. */
export interface Target {
  readonly value: string;
  readonly axis: number;
  /** Numbers of one anchor: the whole axis, but in maps. */
  readonly block: number;
  readonly from: number;
  readonly to: number;
}

/** A layer, and where the classes lie in its output. */
export interface ClassLayer {
  readonly node: NodeProto;
  readonly place: Place;
}

/** Numbers of an anchor in front of its classes: none; objectness and box; objectness; box. */
const IN_FRONT = [0, 5, 1, 4] as const;
const LAYERS = new Set(['Conv', 'Gemm', 'MatMul']);

/** Finds the layers of the classes. */
export function classLayers(model: Model, targets: readonly Target[], known: Known): ClassLayer[] {
  const { graph } = model.proto;
  return graph.node.filter(isLinear).flatMap((node): ClassLayer[] => {
    for (const place of placesFor(node, targets, known)) {
      if (arrives(graph.node, node, place, targets, known)) return [{ node, place }];
    }
    return [];
  });
}

/** Layers that were named, whatever becomes of their classes. */
export function namedLayers(model: Model, head: RegExp, targets: readonly Target[], known: Known): ClassLayer[] {
  return model.proto.graph.node.filter(isLinear).flatMap((node): ClassLayer[] => {
    if (!head.test(node.name) && !node.input.some((name) => known.isStored(name) && head.test(name))) return [];
    const [place] = placesFor(node, targets, known);
    return place === undefined ? [] : [{ node, place }];
  });
}

/** The last linear layers before the scores, for messages. */
export function lastLayers(model: Model, targets: readonly Target[]): NodeProto[] {
  const [main] = viewOf(model).scopes;
  const found = new Set<NodeProto>();
  const seen = new Set<string>();
  const pending = targets.map(({ value }) => value);
  for (let value = pending.shift(); value !== undefined && found.size < 3; value = pending.shift()) {
    const node = main?.producers.get(value);
    if (node === undefined || seen.has(value)) continue;
    seen.add(value);
    if (isLinear(node)) found.add(node);
    else pending.push(...node.input);
  }
  return [...found];
}

function isLinear({ opType, domain, input }: NodeProto): boolean {
  return LAYERS.has(opType) && normalDomain(domain) === '' && input.length >= 2;
}

/** The axis of a layer's weight that its outputs lie along; undefined if the weight is not stored. */
export function weightAxis(node: NodeProto, known: Known): number | undefined {
  if (!known.isStored(nameAt(node.input, 1))) return undefined;
  if (node.opType === 'Conv') return intAttribute(node, 'group', 1) === 1 ? 0 : undefined;
  if (node.opType === 'Gemm') return intAttribute(node, 'transB', 0) === 1 ? 0 : 1;
  const rank = known.dimsOf(nameAt(node.input, 1))?.length ?? 0;
  return rank === 2 ? 1 : undefined;
}

function placesFor(node: NodeProto, targets: readonly Target[], known: Known): Place[] {
  const dims = known.dimsOf(nameAt(node.output, 0));
  const [first] = targets;
  if (dims === undefined || first === undefined || weightAxis(node, known) === undefined) return [];
  const axis = node.opType === 'Conv' ? 1 : dims.length - 1;
  const size = dims[axis] ?? 0;
  const count = first.to - first.from;
  const blocks = IN_FRONT.flatMap((at): Place[] =>
    size > 0 && size % (at + count) === 0 ? [{ axis, size, block: at + count, at, count }] : [],
  );
  // One layer for the scores and the distances of a cell, as in NanoDet and PicoDet: classes come first, or last.
  const beside = size > count ? [0, size - count].map((at): Place => ({ axis, size, block: size, at, count })) : [];
  return [...blocks, ...beside];
}

function arrives(
  nodes: readonly NodeProto[],
  layer: NodeProto,
  place: Place,
  targets: readonly Target[],
  known: Known,
): boolean {
  const places = new Map([[nameAt(layer.output, 0), place]]);
  const isThere = (value: string, at: Place) =>
    targets.some(
      (it) =>
        it.value === value &&
        it.axis === at.axis &&
        it.block === at.block &&
        it.from === at.at &&
        it.to === at.at + at.count,
    );
  if (isThere(nameAt(layer.output, 0), place)) return true;
  for (const node of nodes) {
    const own = new Map(node.input.flatMap((name) => (places.has(name) ? [[name, places.get(name) as Place]] : [])));
    if (own.size === 0 || node === layer) continue;
    for (const [value, at] of pass(node, own, 0, known).places) {
      if (isThere(value, at)) return true;
      places.set(value, at);
    }
  }
  return false;
}
