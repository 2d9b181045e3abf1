/** A model as a value: read from bytes, changed into new values, written back to bytes. */
import { GnSwapError } from '../errors.ts';
import { type ByteSource, MemorySource } from './bytes.ts';
import { decode } from './decode.ts';
import { type Encoded, encode, toBytes } from './encode.ts';
import { isBytes, requireModel, sourceGiven } from './given.ts';
import { otherFormatOf } from './other-formats.ts';
import type { FunctionProto, GraphProto, ModelProto } from './schema.ts';
import { type ExternalData, noExternalData } from './tensor.ts';

/** An ONNX model. Immutable: steps that change a model return another, and share what they did not change. */
export interface Model {
  readonly proto: ModelProto & { readonly graph: GraphProto };
  /** Where it lives, with all that is made of it. */
  readonly home: Home;
}

/** Where a model lives, and with it all that is made of it: opens its data, and hands it to the runtime. */
export interface Home {
  /**
   * Whether the models are too large to be held in memory several times over. The runtime then maps their weights, and does not
   * optimise their graphs, which would copy them.
   */
  readonly large: boolean;
  /** Opens the files that tensors keep their data in. */
  readonly open: ExternalData;
  /**
   * Makes a model loadable, be it the one that was read or one that was made of it.
   *
   * @param asStored whether the file itself is asked for, even if something else takes less memory
   */
  load(model: Model, asStored?: boolean): Promise<Loaded>;
}

/** A file of weights, in memory. */
export interface DataFile {
  /** As the model names it. */
  readonly path: string;
  readonly data: Uint8Array;
}

/** Something that the runtime can load, until it is released. */
export interface Loaded {
  /** A path, or the bytes of a file. */
  readonly file: string | Uint8Array;
  /** Of bytes: the files that they keep their weights in. */
  readonly external?: readonly DataFile[];
  /** Removes what was made for the runtime. */
  release(): Promise<void>;
}

/** By its proto, so that no model that is made of another takes the other's file for its own. */
const FILES = new WeakMap<Model['proto'], ByteSource>();

/** The file that holds this very model; `undefined` for a model that was made of another. */
export function fileOf({ proto }: Model): ByteSource | undefined {
  return FILES.get(proto);
}

/** The bytes of a model: the file that holds it, else what it would be written as. */
export function sourceOf(model: Model): ByteSource {
  return fileOf(model) ?? new MemorySource(writeModel(model));
}

/** The same model, which that file holds: the runtime loads the file in its place. */
export function inFile(model: Model, file: ByteSource): Model {
  FILES.set(model.proto, file);
  return model;
}

function wholeFile(model: Model): Uint8Array | undefined {
  const file = fileOf(model);
  return file?.read(0, file.size);
}

/** Keeps models in memory: the runtime gets their bytes. It does not find external data, so models that have some load elsewhere. */
export function memoryHome(open: ExternalData = noExternalData): Home {
  return {
    large: false,
    open,
    load: async (model) => ({
      file: wholeFile(model) ?? writeModel(model),
      release: async () => {},
    }),
  };
}

/**
 * Decodes a model. Weights are not read: they stay views on the bytes, or ranges of the file.
 *
 * @param source the bytes of an `.onnx` file, or random access to them
 * @param home where it lives; in memory by default, where tensors with external data can't be read
 * @throws GnSwapError `invalid-model` where the bytes are not an ONNX model, `invalid-arguments` for what is neither bytes nor a source
 */
export function readModel(source: Uint8Array | ByteSource, home: Home = memoryHome()): Model {
  const bytes = isBytes(source) ? new MemorySource(source) : sourceGiven(source);
  try {
    return inFile({ proto: decodeModel(bytes), home }, bytes);
  } catch (cause) {
    const other = isInvalid(cause) ? otherFormatOf(bytes) : undefined;
    if (other === undefined) throw cause;
    throw new GnSwapError('invalid-model', `not an ONNX file: it is ${other.what}`, { remedy: other.remedy, cause });
  }
}

function decodeModel(bytes: ByteSource): Model['proto'] {
  if (bytes.size === 0) throw invalid('the file is empty');
  const proto = decode('ModelProto', bytes);
  // Any bytes that happen to be wire format decode; a model is what has a version, operator sets and a graph.
  if (proto.irVersion === undefined || proto.graph === undefined) {
    throw invalid(`not an ONNX model: it has no ${proto.graph === undefined ? 'graph' : 'IR version'}`);
  }
  if (proto.opsetImport.length === 0) throw invalid('not an ONNX model: it imports no operator set');
  return proto as Model['proto'];
}

function invalid(message: string): GnSwapError {
  return new GnSwapError('invalid-model', message, { remedy: 'Use an .onnx file as an exporter writes it' });
}

function isInvalid(cause: unknown): boolean {
  return cause instanceof GnSwapError && cause.code === 'invalid-model';
}

/**
 * The model's bytes as parts, for writing them one after the other without a copy of the weights.
 *
 * @param staysHere whether {@link toBytes} comes next
 */
export function encodeModel(model: Model, staysHere = false): Encoded {
  return encode('ModelProto', model.proto, staysHere);
}

/**
 * The model's bytes in one block. External data stays where it is.
 *
 * @throws GnSwapError `invalid-arguments` for what is not a model
 */
export function writeModel(model: Model): Uint8Array {
  requireModel(model, 'writeModel');
  return toBytes(encodeModel(model, true));
}

/** The same model with another graph. */
export function withGraph(model: Model, graph: GraphProto, changes: Partial<ModelProto> = {}): Model {
  return { proto: { ...model.proto, ...changes, graph }, home: model.home };
}

/** Version of the operator set that a model or function imports for a domain; `''` and `ai.onnx` are the same one. */
export function opsetVersion(from: ModelProto | FunctionProto, domain = ''): number | undefined {
  const imported = from.opsetImport.find((opset) => normalDomain(opset.domain) === normalDomain(domain));
  return imported === undefined ? undefined : Number(imported.version ?? 0);
}

/** Version of the standard operator set that a model is at; 0 of one that imports none, and has no standard operator then. */
export function opsetOf({ proto }: Model): number {
  return opsetVersion(proto) ?? 0;
}

/** `''` for the standard domain under either of its names. */
export function normalDomain(domain: string): string {
  return domain === 'ai.onnx' ? '' : domain;
}

/** Below this IR version every initializer must also be a graph input. */
export const FIRST_IR_WITH_FREE_INITIALIZERS = 4;
