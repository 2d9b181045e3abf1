/** Sessions of the WebAssembly runtime, which has a memory of its own and no files. */
import type * as OrtModule from 'onnxruntime-node';
import { GnSwapError } from '../../errors.ts';
import type { DataFile } from '../../onnx/model.ts';

/** What a model and its weights may take together: the runtime holds them twice while it loads them, in 4 GB at most. */
const MOST = 1.5e9;

/**
 * Loads a model.
 *
 * @param model its bytes
 * @param external files that it keeps its weights in
 * @param remedy what to do about a model that is too large
 * @throws GnSwapError `unsupported-model` if it is larger than WebAssembly can hold
 */
export function createInMemory(
  { InferenceSession }: Pick<typeof OrtModule, 'InferenceSession'>,
  model: Uint8Array,
  options: OrtModule.InferenceSession.SessionOptions,
  external: readonly DataFile[],
  remedy: string,
): Promise<OrtModule.InferenceSession> {
  refuseTooLarge(
    external.reduce((sum, { data }) => sum + data.length, model.length),
    remedy,
  );
  const files = external.map(({ path, data }) => ({ path, data }));
  return InferenceSession.create(model, { ...options, ...(files.length > 0 ? { externalData: files } : {}) });
}

/**
 * Refuses what WebAssembly cannot hold.
 *
 * @param bytes of a model and its weights
 * @param remedy what to do about it
 * @throws GnSwapError `unsupported-model`
 */
export function refuseTooLarge(bytes: number, remedy: string): void {
  if (bytes <= MOST) return;
  const size = `${(bytes / 1e9).toFixed(1)} GB`;
  throw new GnSwapError('unsupported-model', `it takes ${size} to run, and WebAssembly can run ${MOST / 1e9} GB`, {
    remedy,
  });
}
