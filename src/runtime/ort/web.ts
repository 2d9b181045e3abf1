/// <reference lib="dom" />
/**
 * ONNX Runtime in a browser: WebAssembly with SIMD, on several threads if the page is cross-origin isolated. Offers what `node.ts` does.
 *
 * WebGPU is not used: see docs/decisions.md.
 */
import type { InferenceSession } from 'onnxruntime-node';
import { GnSwapError } from '../../errors.ts';
import type { DataFile } from '../../onnx/model.ts';
import { sumInOneChain } from '../sum-chains.ts';
import { createInMemory, refuseTooLarge } from './in-memory.ts';
import type { Ort } from './node.ts';

const IF_TOO_LARGE = 'Use the command line for it, or choose not to verify';

// A browser has no other runtime.
sumInOneChain();

let loading: Promise<Ort> | undefined;

/** @throws GnSwapError `runtime-missing` */
export async function loadOrt(): Promise<Ort> {
  loading ??= import('onnxruntime-web/wasm').catch((cause: unknown) => {
    throw new GnSwapError('runtime-missing', 'onnxruntime-web cannot be loaded', {
      remedy: 'Check that its files are beside the page, and reload it',
      cause,
    });
  });
  return loading;
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
