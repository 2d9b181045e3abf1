/** Makes all sessions of ONNX Runtime use one thread: small networks are no slower, and several runs can share a machine. */
import { InferenceSession } from 'onnxruntime-node';

type Create = typeof InferenceSession.create;

/** Call it before any model is run. */
export function useOneThread(): void {
  const create = InferenceSession.create.bind(InferenceSession) as (...all: unknown[]) => ReturnType<Create>;
  const single = (model: unknown, options: object = {}) => create(model, { ...options, intraOpNumThreads: 1 });
  Object.assign(InferenceSession, { create: single });
}
