/** A model with other class channels: weights and biases of the layers, and the constants behind them that hold the number. */
import { GnSwapError } from '../../errors.ts';
import type { Lookup } from '../../graph/scope.ts';
import { viewOf } from '../../graph/view.ts';
import type { Random } from '../../inputs/random.ts';
import { makeAttribute, subgraphsOf } from '../../onnx/attributes.ts';
import { DataType } from '../../onnx/data-type.ts';
import { FIRST_IR_WITH_FREE_INITIALIZERS, type Model, withGraph } from '../../onnx/model.ts';
import { namesOf } from '../../onnx/names.ts';
import { calledBy, nameAt } from '../../onnx/operands.ts';
import { create, type NodeProto, type TensorProto, type ValueInfoProto } from '../../onnx/schema.ts';
import { dimsOf, makeTensor } from '../../onnx/tensor.ts';
import { makeValueInfo } from '../../onnx/value-type.ts';
import { pass } from './flow.ts';
import { type ClassLayer, weightAxis } from './layers.ts';
import { type Place, sizeAfter } from './place.ts';
import { type Known, LAYOUTS, type Rewrite } from './rule.ts';
import { type Columns, classValues, type Fresh, withColumns } from './tensors.ts';

/** How new classes begin. */
export interface Beginning {
  readonly random: Random;
  /** Bias of a new class; the mean of the old ones if undefined. */
  readonly bias: number | undefined;
}

/** Stored tensors of a model by the name of the value. */
export type Stored = ReadonlyMap<string, TensorProto>;

/**
 * Rebuilds the class channels of layers and follows them to the outputs.
 *
 * @throws GnSwapError `unsupported-model` naming the node where the number of classes can't be changed
 */
export function rebuild(
  model: Model,
  layers: readonly ClassLayer[],
  columns: Columns,
  known: Known,
  stored: Stored,
  beginning: Beginning,
): Model {
  const work = new Rebuilding(model, columns, known, stored, beginning);
  for (const layer of layers) work.layer(layer);
  for (const node of model.proto.graph.node) work.follow(node);
  return work.result();
}

class Rebuilding {
  readonly #model: Model;
  readonly #columns: Columns;
  readonly #known: Known;
  readonly #stored: Stored;
  readonly #beginning: Beginning;
  readonly #makers: Lookup<NodeProto>;
  readonly #places = new Map<string, Place>();
  /** By node: its inputs that read something else. */
  readonly #inputs = new Map<NodeProto, Map<number, TensorProto>>();
  readonly #attributes = new Map<NodeProto, Rewrite[]>();
  /** What tensors became, so that layers which share one still do: what is new in it is made once. */
  readonly #grown = new Map<string, TensorProto>();
  /** Of layers that had none. */
  readonly #biases = new Map<NodeProto, TensorProto>();
  #more = 0;

  constructor(model: Model, columns: Columns, known: Known, stored: Stored, beginning: Beginning) {
    this.#model = model;
    this.#columns = columns;
    this.#known = known;
    this.#stored = stored;
    this.#beginning = beginning;
    this.#makers = viewOf(model).scopes[0]?.producers ?? new Map();
  }

  layer({ node, place }: ClassLayer): void {
    this.#more = this.#columns.length - place.count;
    this.#places.set(nameAt(node.output, 0), place);
    const axis = weightAxis(node, this.#known) ?? 0;
    this.#grow(node, 1, { ...place, axis }, { kind: 'noise', random: this.#beginning.random });
    const bias = this.#known.dimsOf(nameAt(node.input, 2));
    if (bias === undefined || bias.length === 0) {
      if (node.opType === 'Conv' && this.#beginning.bias !== undefined) {
        const type = this.#stored.get(nameAt(node.input, 1))?.dataType ?? DataType.FLOAT;
        this.#biases.set(node, this.#ownBias(place, type));
      }
      return;
    }
    // One number is for all classes, however many.
    if (bias.at(-1) !== place.size) return;
    this.#growBias(node, 2, { ...place, axis: bias.length - 1 });
  }

  follow(node: NodeProto): void {
    const own = new Map<string, Place>();
    for (const name of node.input) {
      const place = this.#places.get(name);
      if (place !== undefined) own.set(name, place);
    }
    if (own.size === 0) return;
    const { places, rewrites, grown = [], blocked } = pass(node, own, this.#more, this.#known);
    if (blocked !== undefined && this.#more !== 0) {
      throw new GnSwapError('unsupported-model', `the number of classes can't change at this node: ${blocked}`, {
        node: calledBy(node),
        remedy: 'Export the model before its choice of boxes, or with as many classes as the data has',
      });
    }
    for (const [value, place] of places) this.#places.set(value, place);
    for (const it of rewrites) {
      if (it.attribute !== undefined) this.#attributes.set(it.node, [...(this.#attributes.get(it.node) ?? []), it]);
      else if (it.input !== undefined) this.#integers(it.node, it.input, it.values, it.was);
    }
    for (const { input, place } of grown) this.#growBias(node, input, place);
  }

  #grow(node: NodeProto, input: number, place: Place, fresh: Fresh): void {
    const name = nameAt(node.input, input);
    const tensor = this.#stored.get(name);
    if (tensor === undefined) throw this.#notStored(node, name);
    const key = JSON.stringify([name, place, fresh.kind === 'value' ? fresh.value : undefined]);
    const made = this.#grown.get(key) ?? withColumns(tensor, place, this.#columns, fresh, this.#model.home.open, name);
    this.#grown.set(key, made);
    this.#put(node, input, made);
  }

  #growBias(node: NodeProto, input: number, place: Place): void {
    const tensor = this.#stored.get(nameAt(node.input, input));
    if (tensor === undefined) throw this.#notStored(node, nameAt(node.input, input));
    const old = classValues(tensor, place, this.#model.home.open);
    const isBias = node.opType !== 'Mul' && node.opType !== 'Div';
    const mean = old.reduce((sum, it) => sum + it, 0) / Math.max(1, old.length);
    const value = isBias ? (this.#beginning.bias ?? mean) : mean;
    this.#grow(node, input, place, { kind: 'value', value });
  }

  /** 0 for what a layer without a bias had already. */
  #ownBias(place: Place, type: DataType): TensorProto {
    const none = makeTensor('', type, [place.size], new Float64Array(place.size));
    const fresh: Fresh = { kind: 'value', value: this.#beginning.bias ?? 0 };
    return withColumns(none, { ...place, axis: 0 }, this.#columns, fresh, this.#model.home.open);
  }

  #integers(node: NodeProto, input: number, values: readonly number[], was?: readonly number[]): void {
    const name = nameAt(node.input, input);
    const tensor = this.#stored.get(name);
    if (tensor !== undefined) {
      const now = this.#known.intsOf(name);
      // A size of −1 or 0 is told by the others.
      if (was !== undefined && now?.some((it, at) => it <= 0 && values[at] !== was[at])) return;
      this.#put(node, input, makeTensor(name, tensor.dataType ?? DataType.INT64, tensor.dims.map(Number), values));
      return;
    }
    // What is computed of the sizes of other values changes with them; what is stored among it does not.
    const maker = this.#makers.get(name);
    if (maker === undefined || was === undefined || String(was) === String(values)) return;
    if (LAYOUTS.has(maker.opType)) this.#integers(maker, 0, values, was);
    if (maker.opType !== 'Concat') return;
    let start = 0;
    for (const [index, part] of maker.input.entries()) {
      const end = start + (this.#known.dimsOf(part)?.[0] ?? 1);
      const [own, before] = [values.slice(start, end), was.slice(start, end)];
      if (String(own) !== String(before)) this.#integers(maker, index, own, before);
      start = end;
    }
  }

  #put(node: NodeProto, input: number, tensor: TensorProto): void {
    const own = this.#inputs.get(node) ?? new Map<number, TensorProto>();
    own.set(input, tensor);
    this.#inputs.set(node, own);
  }

  #notStored(node: NodeProto, name: string): GnSwapError {
    return new GnSwapError(
      'unsupported-model',
      `its weight ${JSON.stringify(name)} is computed, so it can't be rebuilt`,
      {
        node: calledBy(node),
        remedy: 'Name another layer with --head',
      },
    );
  }

  result(): Model {
    const { graph } = this.#model.proto;
    const { values } = namesOf(graph);
    const readers = readersOf(graph.node);
    const renamed = new Map<string, { readonly tensor: TensorProto; readonly name: string }[]>();
    /** The name of a new tensor: the old one if nothing else reads that. */
    const nameOf = (old: string, tensor: TensorProto): string => {
      const known = renamed.get(old) ?? [];
      const same = known.find((it) => isSame(it.tensor, tensor));
      if (same !== undefined) return same.name;
      const all = readers.get(old) ?? [];
      const isAlone =
        known.length === 0 &&
        all.every((it) => [...(this.#inputs.get(it) ?? [])].some(([i, t]) => it.input[i] === old && isSame(t, tensor)));
      const name = isAlone ? old : values.fresh(old);
      renamed.set(old, [...known, { tensor, name }]);
      return name;
    };
    const biases: TensorProto[] = [];
    const node = graph.node.map((it): NodeProto => {
      const inputs = this.#inputs.get(it);
      const attributes = this.#attributes.get(it) ?? [];
      if (inputs === undefined && attributes.length === 0) return it;
      const input = it.input.map((name, index) => {
        const tensor = inputs?.get(index);
        return tensor === undefined ? name : nameOf(name, tensor);
      });
      const bias = this.#biases.get(it);
      if (bias !== undefined) {
        biases.push({ ...bias, name: values.fresh(`${it.input[1]}.bias`) });
        input[2] = biases.at(-1)?.name ?? '';
      }
      const rewritten = new Map(attributes.map(({ attribute = '', values: ints }) => [attribute, ints]));
      const attribute = it.attribute.map((own) => {
        const ints = rewritten.get(own.name);
        return ints === undefined ? own : makeAttribute(own.name, ints);
      });
      return { ...it, input, attribute };
    });
    const made = new Map([...renamed.values()].flat().map(({ tensor, name }) => [name, { ...tensor, name }]));
    const kept = graph.initializer.map((it) => made.get(it.name) ?? it);
    const isInitializer = new Set(kept.map(({ name }) => name));
    const constants = node.map((it) => {
      const tensor = it.opType === 'Constant' ? made.get(nameAt(it.output, 0)) : undefined;
      return tensor === undefined ? it : { ...it, attribute: [makeAttribute('value', { ...tensor, name: '' })] };
    });
    const isConstant = new Set(node.flatMap((it) => (it.opType === 'Constant' ? it.output : [])));
    const added = [...made.values()].filter(({ name }) => !isInitializer.has(name) && !isConstant.has(name));
    const initializer = [...kept, ...added, ...biases];
    return withGraph(this.#model, {
      ...graph,
      node: constants,
      initializer,
      valueInfo: graph.valueInfo.filter(({ name }) => !this.#places.has(name)),
      input: listed(this.#model, initializer),
      output: graph.output.map((it) => this.#typed(it)),
    });
  }

  /** The number of classes in the type of an output, if it is stated. */
  #typed(info: ValueInfoProto): ValueInfoProto {
    const place = this.#places.get(info.name);
    const tensor = info.type?.tensorType;
    if (place === undefined || tensor?.shape === undefined) return info;
    const dim = tensor.shape.dim.map((it, axis) =>
      axis === place.axis && it.dimValue !== undefined ? { ...it, dimValue: sizeAfter(place, this.#more) } : it,
    );
    const type = { ...info.type, tensorType: { ...tensor, shape: { ...tensor.shape, dim } } };
    return create('ValueInfoProto', { ...info, type: type as typeof info.type });
  }
}

/** Old files list weights among their inputs, all of them before IR 4, with shapes that have to be those of the new ones. */
function listed({ proto: { graph, irVersion } }: Model, stored: readonly TensorProto[]): ValueInfoProto[] {
  const tensors = new Map(stored.map((it) => [it.name, it]));
  const before = new Set(graph.initializer);
  const known = new Set(graph.input.map(({ name }) => name));
  const infoOf = (it: TensorProto) => makeValueInfo(it.name, it.dataType, dimsOf(it));
  const inputs = graph.input.map((info) => {
    const tensor = tensors.get(info.name);
    return tensor === undefined || before.has(tensor) ? info : infoOf(tensor);
  });
  if (Number(irVersion) >= FIRST_IR_WITH_FREE_INITIALIZERS) return inputs;
  return [...inputs, ...stored.filter(({ name }) => !known.has(name)).map(infoOf)];
}

function isSame(a: TensorProto, b: TensorProto): boolean {
  if (a === b) return true;
  const [x, y] = [a.rawData?.bytes(), b.rawData?.bytes()];
  return (
    x !== undefined &&
    y !== undefined &&
    String(a.dims) === String(b.dims) &&
    x.length === y.length &&
    x.every((it, index) => it === y[index])
  );
}

/** By value, the nodes that read it; those in subgraphs count as others. */
function readersOf(nodes: readonly NodeProto[]): Map<string, NodeProto[]> {
  const readers = new Map<string, NodeProto[]>();
  const visit = (node: NodeProto) => {
    for (const name of new Set(node.input)) readers.set(name, [...(readers.get(name) ?? []), node]);
    for (const { graph } of subgraphsOf(node)) graph.node.forEach(visit);
  };
  nodes.forEach(visit);
  return readers;
}
