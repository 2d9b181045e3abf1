/**
 * Today's ONNX as a table: every message and field of `onnx.proto` up to IR version 14, by name, number and type.
 * Field numbers are facts of the format (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto). Types of the decoded
 * messages are derived from this table, so that codec and types can't disagree.
 *
 * `packed` is ours: the payload of a packed repeated number field, kept as undecoded bytes (see {@link Slice}).
 */
import type { Slice } from './bytes.ts';

/** A 64-bit integer: a number where it is exact, else a bigint. */
export type Int64 = number | bigint;

interface ScalarTypes {
  float: number;
  double: number;
  int32: number;
  int64: Int64;
  /** Absent and empty are the same. */
  string: string;
  /** Absent and empty differ (a member of a oneof). */
  'string?': string | undefined;
  /** Small bytes, such as a string attribute. */
  bytes: Uint8Array;
  /** Bytes that may be large: never read before they are needed. */
  blob: Slice;
  'packed float': Slice;
  'packed double': Slice;
  'packed int32': Slice;
  'packed int64': Slice;
  'packed uint64': Slice;
}

export type ScalarType = keyof ScalarTypes;

export interface Field {
  readonly number: number;
  readonly type: ScalarType | MessageName;
  readonly repeated: boolean;
}

function one<const T extends string>(number: number, type: T) {
  return { number, type, repeated: false } as const;
}

function many<const T extends string>(number: number, type: T) {
  return { number, type, repeated: true } as const;
}

export const SCHEMA = {
  ModelProto: {
    irVersion: one(1, 'int64'),
    producerName: one(2, 'string'),
    producerVersion: one(3, 'string'),
    domain: one(4, 'string'),
    modelVersion: one(5, 'int64'),
    docString: one(6, 'string'),
    graph: one(7, 'GraphProto'),
    opsetImport: many(8, 'OperatorSetIdProto'),
    metadataProps: many(14, 'StringStringEntryProto'),
    trainingInfo: many(20, 'TrainingInfoProto'),
    functions: many(25, 'FunctionProto'),
    configuration: many(26, 'DeviceConfigurationProto'),
  },
  GraphProto: {
    node: many(1, 'NodeProto'),
    name: one(2, 'string'),
    initializer: many(5, 'TensorProto'),
    docString: one(10, 'string'),
    input: many(11, 'ValueInfoProto'),
    output: many(12, 'ValueInfoProto'),
    valueInfo: many(13, 'ValueInfoProto'),
    quantizationAnnotation: many(14, 'TensorAnnotation'),
    sparseInitializer: many(15, 'SparseTensorProto'),
    metadataProps: many(16, 'StringStringEntryProto'),
  },
  NodeProto: {
    input: many(1, 'string'),
    output: many(2, 'string'),
    name: one(3, 'string'),
    opType: one(4, 'string'),
    attribute: many(5, 'AttributeProto'),
    docString: one(6, 'string'),
    domain: one(7, 'string'),
    overload: one(8, 'string'),
    metadataProps: many(9, 'StringStringEntryProto'),
    deviceConfigurations: many(10, 'NodeDeviceConfigurationProto'),
  },
  AttributeProto: {
    name: one(1, 'string'),
    f: one(2, 'float'),
    i: one(3, 'int64'),
    s: one(4, 'bytes'),
    t: one(5, 'TensorProto'),
    g: one(6, 'GraphProto'),
    floats: many(7, 'float'),
    ints: many(8, 'int64'),
    strings: many(9, 'bytes'),
    tensors: many(10, 'TensorProto'),
    graphs: many(11, 'GraphProto'),
    docString: one(13, 'string'),
    tp: one(14, 'TypeProto'),
    typeProtos: many(15, 'TypeProto'),
    type: one(20, 'int32'),
    refAttrName: one(21, 'string'),
    sparseTensor: one(22, 'SparseTensorProto'),
    sparseTensors: many(23, 'SparseTensorProto'),
  },
  TensorProto: {
    dims: many(1, 'int64'),
    dataType: one(2, 'int32'),
    segment: one(3, 'TensorSegment'),
    floatData: one(4, 'packed float'),
    int32Data: one(5, 'packed int32'),
    stringData: many(6, 'bytes'),
    int64Data: one(7, 'packed int64'),
    name: one(8, 'string'),
    rawData: one(9, 'blob'),
    doubleData: one(10, 'packed double'),
    uint64Data: one(11, 'packed uint64'),
    docString: one(12, 'string'),
    externalData: many(13, 'StringStringEntryProto'),
    dataLocation: one(14, 'int32'),
    metadataProps: many(16, 'StringStringEntryProto'),
  },
  TensorSegment: { begin: one(1, 'int64'), end: one(2, 'int64') },
  SparseTensorProto: {
    values: one(1, 'TensorProto'),
    indices: one(2, 'TensorProto'),
    dims: many(3, 'int64'),
  },
  ValueInfoProto: {
    name: one(1, 'string'),
    type: one(2, 'TypeProto'),
    docString: one(3, 'string'),
    metadataProps: many(4, 'StringStringEntryProto'),
  },
  TypeProto: {
    tensorType: one(1, 'TensorType'),
    sequenceType: one(4, 'SequenceType'),
    mapType: one(5, 'MapType'),
    denotation: one(6, 'string'),
    opaqueType: one(7, 'OpaqueType'),
    sparseTensorType: one(8, 'TensorType'),
    optionalType: one(9, 'SequenceType'),
  },
  TensorType: { elemType: one(1, 'int32'), shape: one(2, 'TensorShapeProto') },
  SequenceType: { elemType: one(1, 'TypeProto') },
  MapType: { keyType: one(1, 'int32'), valueType: one(2, 'TypeProto') },
  OpaqueType: { domain: one(1, 'string'), name: one(2, 'string') },
  TensorShapeProto: { dim: many(1, 'Dimension') },
  Dimension: {
    dimValue: one(1, 'int64'),
    dimParam: one(2, 'string?'),
    denotation: one(3, 'string'),
  },
  FunctionProto: {
    name: one(1, 'string'),
    input: many(4, 'string'),
    output: many(5, 'string'),
    attribute: many(6, 'string'),
    node: many(7, 'NodeProto'),
    docString: one(8, 'string'),
    opsetImport: many(9, 'OperatorSetIdProto'),
    domain: one(10, 'string'),
    attributeProto: many(11, 'AttributeProto'),
    valueInfo: many(12, 'ValueInfoProto'),
    overload: one(13, 'string'),
    metadataProps: many(14, 'StringStringEntryProto'),
  },
  OperatorSetIdProto: { domain: one(1, 'string'), version: one(2, 'int64') },
  StringStringEntryProto: { key: one(1, 'string'), value: one(2, 'string') },
  TensorAnnotation: {
    tensorName: one(1, 'string'),
    quantParameterTensorNames: many(2, 'StringStringEntryProto'),
  },
  TrainingInfoProto: {
    initialization: one(1, 'GraphProto'),
    algorithm: one(2, 'GraphProto'),
    initializationBinding: many(3, 'StringStringEntryProto'),
    updateBinding: many(4, 'StringStringEntryProto'),
  },
  DeviceConfigurationProto: {
    name: one(1, 'string'),
    numDevices: one(2, 'int32'),
    device: many(3, 'string'),
  },
  NodeDeviceConfigurationProto: {
    configurationId: one(1, 'string'),
    shardingSpec: many(2, 'ShardingSpecProto'),
    pipelineStage: one(3, 'int32'),
  },
  ShardingSpecProto: {
    tensorName: one(1, 'string'),
    device: many(2, 'int64'),
    indexToDeviceGroupMap: many(3, 'IntIntListEntryProto'),
    shardedDim: many(4, 'ShardedDimProto'),
  },
  IntIntListEntryProto: { key: one(1, 'int64'), value: many(2, 'int64') },
  ShardedDimProto: { axis: one(1, 'int64'), simpleSharding: many(2, 'SimpleShardedDimProto') },
  SimpleShardedDimProto: {
    dimValue: one(1, 'int64'),
    dimParam: one(2, 'string?'),
    numShards: one(3, 'int64'),
  },
} as const;

export type MessageName = keyof typeof SCHEMA;

type ValueOf<F extends { type: string; repeated: boolean }> = F['type'] extends ScalarType
  ? F['repeated'] extends true
    ? readonly ScalarTypes[F['type']][]
    : F['type'] extends 'string'
      ? string
      : ScalarTypes[F['type']] | undefined
  : F['type'] extends MessageName
    ? F['repeated'] extends true
      ? readonly Message<F['type']>[]
      : Message<F['type']> | undefined
    : never;

/**
 * A decoded message. Absent repeated fields are empty, absent strings are `''`, other absent fields are `undefined`.
 * Messages are values: change one with `{ ...message, field }`, which also tells the encoder that it changed.
 */
export type Message<K extends MessageName> = {
  readonly [F in keyof (typeof SCHEMA)[K]]: (typeof SCHEMA)[K][F] extends {
    type: string;
    repeated: boolean;
  }
    ? ValueOf<(typeof SCHEMA)[K][F]>
    : never;
} & {
  /** Fields that this schema does not know, tag and value, as they came. */
  readonly unknownFields: readonly Uint8Array[];
};

/** A model file. */
export type ModelProto = Message<'ModelProto'>;
/** A graph, or a subgraph of a node. */
export type GraphProto = Message<'GraphProto'>;
/** A call of an operator or function. */
export type NodeProto = Message<'NodeProto'>;
/** An attribute of a node. */
export type AttributeProto = Message<'AttributeProto'>;
/** A stored tensor; its values stay views on the file. */
export type TensorProto = Message<'TensorProto'>;
/** A stored tensor of few values that are not 0. */
export type SparseTensorProto = Message<'SparseTensorProto'>;
/** Name and type of a value. */
export type ValueInfoProto = Message<'ValueInfoProto'>;
/** A type: a tensor’s, or that of something made of tensors. */
export type TypeProto = Message<'TypeProto'>;
/** A function that the model defines itself. */
export type FunctionProto = Message<'FunctionProto'>;
