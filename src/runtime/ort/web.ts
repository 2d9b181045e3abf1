/// <reference lib="dom" />
/**
 * ONNX Runtime in a browser: WebAssembly with SIMD, on several threads if the page is cross-origin isolated, and WebGPU where it is asked for.
 * Offers what `node.ts` does.
 */
import type { InferenceSession } from 'onnxruntime-node';
import { GnSwapError } from '../../errors.ts';
import type { DataFile } from '../../onnx/model.ts';
import type { Device } from '../device.ts';
import { sumInOneChain } from '../sum-chains.ts';
import { createInMemory, refuseTooLarge } from './in-memory.ts';
import type { Ort } from './node.ts';

export { browserDevices as devicesOf } from './browser-devices.ts';

const IF_TOO_LARGE = 'Use the command line for it, or choose not to verify';

// A browser has no other runtime.
sumInOneChain();

let loading: Promise<Ort> | undefined;
let loadingWebGpu: Promise<Ort> | undefined;

/**
 * Loads the runtime. The one with WebGPU is another file of twice the size, so it is loaded for that alone.
 *
 * @throws GnSwapError `runtime-missing`
 */
export async function loadOrt(device: Device = 'cpu'): Promise<Ort> {
  if (device === 'webgpu') {
    loadingWebGpu ??= import('onnxruntime-web/webgpu').catch(failed);
    return loadingWebGpu;
  }
  loading ??= import('onnxruntime-web/wasm').catch(failed);
  return loading;
}

function failed(cause: unknown): never {
  throw new GnSwapError('runtime-missing', 'onnxruntime-web cannot be loaded', {
    remedy: 'Check that its files are beside the page, and reload it',
    cause,
  });
}

/** Version of ONNX Runtime. */
export function versionOf({ env }: Ort): string {
  return `${env.versions.web ?? 'unknown'} (WebAssembly)`;
}

/**
 * Loads a model.
 *
 * @param external files that it keeps its weights in
 * @throws GnSwapError `unsupported-model` if it is larger than WebAssembly can hold
 */
export async function createSession(
  ort: Ort,
  model: string | Uint8Array,
  options: InferenceSession.SessionOptions,
  external: readonly DataFile[] = [],
): Promise<InferenceSession> {
  if (typeof model === 'string') throw new Error('a browser has no paths');
  return createInMemory(ort, model, options, external, IF_TOO_LARGE);
}

/**
 * Refuses files that would be too large to run, before any of them is read.
 *
 * @param bytes of all of them
 * @throws GnSwapError `unsupported-model`
 */
export function refuseTooLargeFiles(bytes: number): void {
  refuseTooLarge(bytes, IF_TOO_LARGE);
}
