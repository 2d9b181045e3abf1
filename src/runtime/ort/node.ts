/** ONNX Runtime in Node. `web.ts` beside it is the same for a browser. */
import type * as OrtModule from 'onnxruntime-node';
import { GnSwapError } from '../../errors.ts';
import type { DataFile } from '../../onnx/model.ts';

/** What both packages of ONNX Runtime have. */
export type Ort = Pick<typeof OrtModule, 'env' | 'InferenceSession' | 'Tensor'>;

let loading: Promise<Ort> | undefined;

/** @throws GnSwapError `runtime-missing` */
export async function loadOrt(): Promise<Ort> {
  loading ??= import('onnxruntime-node').catch((cause: unknown) => {
    throw new GnSwapError('runtime-missing', 'onnxruntime-node is not installed, or does not run on this machine', {
      remedy:
        'Run npm install -g gn-swap --ignore-scripts (an install script of onnxruntime-node may have failed, and npm then leaves it out), or pass --no-verify to rewrite only',
      cause,
    });
  });
  return loading;
}

/** Version of ONNX Runtime. */
export function versionOf({ env }: Ort): string {
  return env.versions.node ?? 'unknown';
}

/**
 * Loads a model.
 *
 * @param model the path of a file, or the bytes of one
 * @param _external not taken here: what keeps its weights elsewhere is a file on disk
 */
export async function createSession(
  { InferenceSession }: Ort,
  model: string | Uint8Array,
  options: OrtModule.InferenceSession.SessionOptions,
  _external?: readonly DataFile[],
): Promise<OrtModule.InferenceSession> {
  return typeof model === 'string' ? InferenceSession.create(model, options) : InferenceSession.create(model, options);
}
