/** A model as a value: read from bytes, changed into new values, written back to bytes. */
import { GnSwapError } from '../errors.ts';
import { type ByteSource, MemorySource } from './bytes.ts';
import { decode } from './decode.ts';
import { type Encoded, encode, toBytes } from './encode.ts';
import { otherFormatOf } from './other-formats.ts';
import type { FunctionProto, GraphProto, ModelProto } from './schema.ts';
import { type ExternalData, noExternalData } from './tensor.ts';

/** An ONNX model. Immutable: steps that change a model return another, and share what they did not change. */
export interface Model {
  readonly proto: ModelProto & { readonly graph: GraphProto };
  /** Opens the files that tensors keep their data in. */
  readonly external: ExternalData;
}

/**
 * Decodes a model. Weights are not read: they stay views on the bytes, or ranges of the file.
 *
 * @param source the bytes of an `.onnx` file, or random access to them
 * @param external how to open files of external data; without it, tensors that have some can't be read
 * @throws GnSwapError `invalid-model` where the bytes are not an ONNX model
 */
export function readModel(source: Uint8Array | ByteSource, external: ExternalData = noExternalData): Model {
  const bytes = source instanceof Uint8Array ? new MemorySource(source) : source;
  try {
    return { proto: decodeModel(bytes), external };
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
  return new GnSwapError('invalid-model', message, { remedy: 'Give a file that an exporter wrote as .onnx' });
}

function isInvalid(cause: unknown): boolean {
  return cause instanceof GnSwapError && cause.code === 'invalid-model';
}

/** The model's bytes as parts, for writing them one after the other without a copy of the weights. */
export function encodeModel(model: Model): Encoded {
  return encode('ModelProto', model.proto);
}

/** The model's bytes in one block. External data stays where it is. */
export function writeModel(model: Model): Uint8Array {
  return toBytes(encodeModel(model));
}

/** The same model with another graph. */
export function withGraph(model: Model, graph: GraphProto, changes: Partial<ModelProto> = {}): Model {
  return { ...model, proto: { ...model.proto, ...changes, graph } };
}

/** Version of the operator set that a model or function imports for a domain; `''` and `ai.onnx` are the same one. */
export function opsetVersion(from: ModelProto | FunctionProto, domain = ''): number | undefined {
  const imported = from.opsetImport.find((opset) => normalDomain(opset.domain) === normalDomain(domain));
  return imported === undefined ? undefined : Number(imported.version ?? 0);
}

/** `''` for the standard domain under either of its names. */
export function normalDomain(domain: string): string {
  return domain === 'ai.onnx' ? '' : domain;
}

/** Below this IR version every initializer must also be a graph input. */
export const FIRST_IR_WITH_FREE_INITIALIZERS = 4;
