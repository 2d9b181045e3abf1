/**
 * Messages as objects of few shapes: a large graph is a million of them.
 *
 * 1. Nodes, attributes and tensors have classes that write their fields out: such an object is made four times as fast as one
 *    that is filled from a table, and code that reads it sees one shape.
 * 2. A decoded message remembers the bytes it came from in a private field. A copy of it, `{ ...message, field }`, does not,
 *    which is how the encoder tells what changed. A WeakMap did the same, and took longer than all other decoding.
 * 3. Absent lists are one empty list, which is frozen.
 */
import type { ByteSource, Slice } from './bytes.ts';
import {
  type AttributeProto,
  type Field,
  type GraphProto,
  type Int64,
  type Message,
  type MessageName,
  type NodeProto,
  SCHEMA,
  type SparseTensorProto,
  type TensorProto,
  type TypeProto,
} from './table.ts';

/** Where a message stood: its tag and length at `header`, its content from `start` to `end`. */
export interface RawSpan {
  readonly source: ByteSource;
  readonly header: number;
  readonly start: number;
  readonly end: number;
  /** Number of the field it stood in; 0 for the outermost message. */
  readonly field: number;
}

/** The bytes that a message was decoded from, if it is exactly as decoded. */
export function rawSpanOf(message: object): RawSpan | undefined {
  return (message as { readonly [SPAN]?: RawSpan | undefined })[SPAN];
}

/** Notes where a message was decoded from. */
export function setRawSpan(message: Mutable, span: RawSpan): void {
  message[SPAN] = span;
}

/** Key of the accessor on each class; on the class, so that it is not copied with an object's own fields. */
const SPAN = Symbol('where it was decoded from');

/** A message under construction. */
export type Mutable = Record<string, unknown> & {
  unknownFields: Uint8Array[] | readonly never[];
  [SPAN]?: RawSpan | undefined;
};

const EMPTY: readonly never[] = Object.freeze([]);

/** What each message is: where it stood is in its own fields, as an object for each of a million would take as much room again. */
class Spanned {
  #source: ByteSource | undefined = undefined;
  #header = 0;
  #start = 0;
  #end = 0;
  #field = 0;

  get [SPAN](): RawSpan | undefined {
    if (this.#source === undefined) return undefined;
    return { source: this.#source, header: this.#header, start: this.#start, end: this.#end, field: this.#field };
  }

  set [SPAN](span: RawSpan | undefined) {
    this.#source = span?.source;
    this.#header = span?.header ?? 0;
    this.#start = span?.start ?? 0;
    this.#end = span?.end ?? 0;
    this.#field = span?.field ?? 0;
  }
}

class NodeMessage extends Spanned implements NodeProto {
  input: readonly string[];
  output: readonly string[];
  name: string;
  opType: string;
  attribute: readonly AttributeProto[];
  docString: string;
  domain: string;
  overload: string;
  metadataProps: NodeProto['metadataProps'];
  deviceConfigurations: NodeProto['deviceConfigurations'];
  unknownFields: readonly Uint8Array[];

  constructor() {
    super();
    this.input = EMPTY;
    this.output = EMPTY;
    this.name = '';
    this.opType = '';
    this.attribute = EMPTY;
    this.docString = '';
    this.domain = '';
    this.overload = '';
    this.metadataProps = EMPTY;
    this.deviceConfigurations = EMPTY;
    this.unknownFields = EMPTY;
  }
}

class AttributeMessage extends Spanned implements AttributeProto {
  name: string;
  f: number | undefined;
  i: Int64 | undefined;
  s: Uint8Array | undefined;
  t: TensorProto | undefined;
  g: GraphProto | undefined;
  floats: readonly number[];
  ints: readonly Int64[];
  strings: readonly Uint8Array[];
  tensors: readonly TensorProto[];
  graphs: readonly GraphProto[];
  docString: string;
  tp: TypeProto | undefined;
  typeProtos: readonly TypeProto[];
  type: number | undefined;
  refAttrName: string;
  sparseTensor: SparseTensorProto | undefined;
  sparseTensors: readonly SparseTensorProto[];
  unknownFields: readonly Uint8Array[];

  constructor() {
    super();
    this.name = '';
    this.f = undefined;
    this.i = undefined;
    this.s = undefined;
    this.t = undefined;
    this.g = undefined;
    this.floats = EMPTY;
    this.ints = EMPTY;
    this.strings = EMPTY;
    this.tensors = EMPTY;
    this.graphs = EMPTY;
    this.docString = '';
    this.tp = undefined;
    this.typeProtos = EMPTY;
    this.type = undefined;
    this.refAttrName = '';
    this.sparseTensor = undefined;
    this.sparseTensors = EMPTY;
    this.unknownFields = EMPTY;
  }
}

class TensorMessage extends Spanned implements TensorProto {
  dims: readonly Int64[];
  dataType: number | undefined;
  segment: TensorProto['segment'];
  floatData: Slice | undefined;
  int32Data: Slice | undefined;
  stringData: readonly Uint8Array[];
  int64Data: Slice | undefined;
  name: string;
  rawData: Slice | undefined;
  doubleData: Slice | undefined;
  uint64Data: Slice | undefined;
  docString: string;
  externalData: TensorProto['externalData'];
  dataLocation: number | undefined;
  metadataProps: TensorProto['metadataProps'];
  unknownFields: readonly Uint8Array[];

  constructor() {
    super();
    this.dims = EMPTY;
    this.dataType = undefined;
    this.segment = undefined;
    this.floatData = undefined;
    this.int32Data = undefined;
    this.stringData = EMPTY;
    this.int64Data = undefined;
    this.name = '';
    this.rawData = undefined;
    this.doubleData = undefined;
    this.uint64Data = undefined;
    this.docString = '';
    this.externalData = EMPTY;
    this.dataLocation = undefined;
    this.metadataProps = EMPTY;
    this.unknownFields = EMPTY;
  }
}

/** A message of any other type. */
class OtherMessage extends Spanned {
  constructor(defaults: readonly (readonly [string, unknown])[]) {
    super();
    const fields = this as Record<string, unknown>;
    for (let index = 0; index < defaults.length; index++) {
      const [name, value] = defaults[index] as [string, unknown];
      fields[name] = value;
    }
  }
}

const DEFAULTS = Object.fromEntries(
  Object.entries(SCHEMA).map(([message, fields]) => [
    message,
    [
      ...Object.entries(fields as Record<string, Field>).map(
        ([name, { type, repeated }]) => [name, repeated ? EMPTY : type === 'string' ? '' : undefined] as const,
      ),
      ['unknownFields', EMPTY] as const,
    ],
  ]),
) as Record<MessageName, (readonly [string, unknown])[]>;

/** A new message of nothing but defaults, to be filled in by whoever asked for it. */
export function begin(type: MessageName): Mutable {
  switch (type) {
    case 'NodeProto':
      return new NodeMessage() as object as Mutable;
    case 'AttributeProto':
      return new AttributeMessage() as object as Mutable;
    case 'TensorProto':
      return new TensorMessage() as object as Mutable;
    default:
      return new OtherMessage(DEFAULTS[type]) as object as Mutable;
  }
}

/** A new message: the given fields, and defaults for the rest. */
export function create<K extends MessageName>(
  type: K,
  fields: { readonly [F in keyof Message<K>]?: Message<K>[F] | undefined },
): Message<K> {
  return Object.assign(begin(type) as object as Message<K>, fields);
}

/** A new tensor with its data in `raw_data`; as {@link create}, in less time. */
export function createTensor(name: string, dataType: number, dims: readonly number[], rawData: Slice): TensorProto {
  const tensor = new TensorMessage();
  tensor.name = name;
  tensor.dataType = dataType;
  tensor.dims = dims;
  tensor.rawData = rawData;
  return tensor;
}

/** A new node; as {@link create}, in a third of the time. */
export function createNode(
  opType: string,
  input: readonly string[],
  output: readonly string[],
  name: string,
  attribute: readonly AttributeProto[],
): NodeProto {
  const node = new NodeMessage();
  node.opType = opType;
  node.input = input;
  node.output = output;
  node.name = name;
  node.attribute = attribute;
  return node;
}
