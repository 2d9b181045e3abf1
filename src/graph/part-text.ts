/** What counts of nodes, attributes and tensors, as texts: two of them do the same if their texts are the same. Names of nodes are left out. */
import { DataType, isFloat } from '../onnx/data-type.ts';
import { type Model, normalDomain } from '../onnx/model.ts';
import { isSameList } from '../onnx/same-list.ts';
import type { AttributeProto, NodeProto, SparseTensorProto, TensorProto } from '../onnx/schema.ts';
import { elementCount, valuesOf } from '../onnx/tensor.ts';
import { typeText } from '../onnx/type-text.ts';

/** Integer tensors up to this size say how something is computed; larger ones are tables or quantised weights. */
const MOST_INTEGERS = 4096;

/** Operator, inputs, outputs and attributes of a node; the name says nothing. */
export function nodeText(node: NodeProto, model: Model): string {
  return `[${operatorOf(node)},${new NodeTexts(model).rest(node).slice(0, -1)}`;
}

/** The texts of the nodes of a model, each in two pieces: how all nodes of an operator in a graph begin, and what is the node's own. */
export class NodeTexts {
  readonly #model: Model;
  /** Attributes that nodes before had, and what they say; the place of the next ones. */
  readonly #recent: { readonly list: readonly AttributeProto[]; readonly text: string }[] = [];
  #next = 0;

  constructor(model: Model) {
    this.#model = model;
  }

  /** A part's text up to the inputs. */
  start(node: NodeProto, path: string): string {
    return `["node","",${quoted(path)},[${operatorOf(node)},`;
  }

  /** Inputs, outputs and attributes. */
  rest({ input, output, attribute }: NodeProto): string {
    return `${listed(input)},${listed(output)},${this.#textOf(attribute)}]]`;
  }

  /** What a list of attributes says, in the order of their names. */
  #textOf(list: readonly AttributeProto[]): string {
    if (list.length === 0) return '[]';
    // A file that repeats an attribute has one message for it: see `repeats.ts`.
    for (const recent of this.#recent) if (isSameList(recent.list, list)) return recent.text;
    const sorted = list.length < 2 ? list : list.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    const text = `[${sorted.map((it) => attributeText(it, this.#model)).join(',')}]`;
    this.#recent[this.#next] = { list, text };
    this.#next = (this.#next + 1) % RECENT;
    return text;
  }
}

/** So many lists of attributes are compared with: large graphs have few kinds of layers, by turns. */
const RECENT = 8;

function operatorOf({ domain, opType, overload }: NodeProto): string {
  return `${quoted(normalDomain(domain))},${quoted(opType)},${quoted(overload)}`;
}

/** A character that JSON may spell with a backslash: a control character, a quote, a backslash, half of a pair. */
const ESCAPED = /[^ !#-[\]-\ud7ff\ue000-\uffff]/;

export function quoted(text: string): string {
  return ESCAPED.test(text) ? JSON.stringify(text) : `"${text}"`;
}

/** A list of names. Optional ones at the end may be left out, or have no name. */
function listed(names: readonly string[]): string {
  let end = names.length;
  while (end > 0 && names[end - 1] === '') end--;
  if (end === 0) return '[]';
  let text = `[${quoted(names[0] as string)}`;
  for (let index = 1; index < end; index++) text += `,${quoted(names[index] as string)}`;
  return `${text}]`;
}

/** An attribute's name and value; what a subgraph holds are parts of their own. */
export function attributeText(it: AttributeProto, model: Model): string {
  // What most are, as JSON has it: a large graph has some 100,000.
  if (isOneNumber(it)) {
    const { name, i, f, ints } = it;
    if (i !== undefined) return `{"name":${quoted(name)},"int":"${i}"}`;
    if (f !== undefined) return `{"name":${quoted(name)},"float":"${Math.fround(f)}"}`;
    return `{"name":${quoted(name)},"ints":${listed(ints.map(String))}}`;
  }
  return JSON.stringify(attributeContent(it, model));
}

/** Whether an attribute is one number or a list of integers, and says nothing else. */
function isOneNumber(it: AttributeProto): boolean {
  const { i, f, s, t, g, tp, sparseTensor, ints, floats, strings, tensors, graphs, typeProtos, sparseTensors } = it;
  const numbers = Number(i !== undefined) + Number(f !== undefined) + Number(ints.length > 0);
  const isOther = s !== undefined || t !== undefined || g !== undefined || tp !== undefined || it.refAttrName !== '';
  const others = floats.length + strings.length + tensors.length + graphs.length + typeProtos.length;
  return numbers === 1 && !isOther && others + sparseTensors.length === 0 && sparseTensor === undefined;
}

/** As JSON, what is not there is left out. */
export function attributeContent(it: AttributeProto, model: Model): unknown {
  const tensor = (value: TensorProto) => tensorContent(value, model);
  const sparse = (value: SparseTensorProto) => sparseContent(value, model);
  const bytes = (value: Uint8Array) => Array.from(value);
  // A file holds float32, whatever it was made from.
  const float = (value: number) => String(Math.fround(value));
  return {
    name: it.name,
    ref: it.refAttrName || undefined,
    float: one(it.f, float),
    floats: all(it.floats, float),
    int: one(it.i, String),
    ints: all(it.ints, String),
    string: one(it.s, bytes),
    strings: all(it.strings, bytes),
    tensor: one(it.t, tensor),
    tensors: all(it.tensors, tensor),
    sparse: one(it.sparseTensor, sparse),
    sparses: all(it.sparseTensors, sparse),
    graph: it.g === undefined ? undefined : 1,
    graphs: it.graphs.length || undefined,
    type: one(it.tp, typeText),
    types: all(it.typeProtos, typeText),
  };
}

function one<T>(value: T | undefined, of: (value: T) => unknown): unknown {
  return value === undefined ? undefined : of(value);
}

function all<T>(values: Iterable<T> & { readonly length: number }, of: (value: T) => unknown): unknown {
  return values.length === 0 ? undefined : Array.from(values, (value) => of(value));
}

/** Type and dimensions of a tensor, and its values where they say how something is computed. */
export function tensorText(tensor: TensorProto, model: Model): string {
  const type = tensor.dataType ?? 0;
  // What most are; as JSON has it.
  if (isFloat(type)) return `[${type},${listed(tensor.dims.map(String))},null]`;
  return JSON.stringify(tensorContent(tensor, model));
}

function tensorContent(tensor: TensorProto, model: Model): unknown {
  const type = tensor.dataType ?? 0;
  const isSmall = elementCount(tensor) <= MOST_INTEGERS;
  return [type, tensor.dims.map(String), isSmall && !isFloat(type) ? integers(tensor, model) : null];
}

function integers(tensor: TensorProto, { home }: Model): unknown {
  if (tensor.dataType === DataType.STRING) return tensor.stringData.map((bytes) => Array.from(bytes));
  try {
    return Array.from(valuesOf(tensor, home.open), String);
  } catch {
    // Complex numbers, and data that is not there: whoever reads weights will say so.
    return null;
  }
}

export function sparseContent({ values, indices, dims }: SparseTensorProto, model: Model): unknown {
  const [a, b] = [values, indices].map((tensor) => tensor && tensorContent(tensor, model));
  return [a, b, dims.map(String)];
}
