/**
 * ONNX Runtime in Node: onnxruntime-node, or onnxruntime-web if that is installed and the native one does not load. `web.ts` beside it is
 * the same for a browser.
 */
import type * as OrtModule from 'onnxruntime-node';
import { GnSwapError } from '../../errors.ts';
import type { DataFile } from '../../onnx/model.ts';
import type { Device } from '../device.ts';
import { sumInOneChain } from '../sum-chains.ts';
import { createInMemory } from './in-memory.ts';

/** What both packages of ONNX Runtime have. */
export type Ort = Pick<typeof OrtModule, 'env' | 'InferenceSession' | 'Tensor'> &
  Partial<Pick<typeof OrtModule, 'listSupportedBackends'>>;

/** A runtime, and whether it is the one that stands in for onnxruntime-node. */
interface Loaded {
  readonly ort: Ort;
  readonly isFallback: boolean;
}

let loading: Promise<Loaded> | undefined;
let isFallbackUsed = false;

/**
 * Loads the runtime, which is the same for all devices.
 *
 * @throws GnSwapError `runtime-missing`
 */
export async function loadOrt(_device?: Device): Promise<Ort> {
  return (await load()).ort;
}

/** Tells whether models must be handed over as bytes, as the runtime that is loaded reads no weights from files. */
export async function takesBytesOnly(): Promise<boolean> {
  return (await load()).isFallback;
}

/** What to tell of the runtime that was used; undefined if it is the native one, or none was. */
export function fallbackNote(): string | undefined {
  return isFallbackUsed
    ? 'onnxruntime-node is missing, so onnxruntime-web ran the model, which is slower. To mend it: npm install -g gn-swap --ignore-scripts'
    : undefined;
}

function load(): Promise<Loaded> {
  stayQuiet();
  loading ??= import('onnxruntime-node').then(
    (ort) => ({ ort, isFallback: false }),
    async (cause: unknown) => ({ ort: await loadFallback(cause), isFallback: true }),
  );
  return loading;
}

/**
 * ONNX Runtime 1.30 tells Microsoft of every session, and writes a device id and a database below the home folder and files into the folder
 * for temporary ones, unless this is set before its library is loaded. What somebody set is left.
 */
function stayQuiet(): void {
  process.env.ORT_DISABLE_TELEMETRY ??= '1';
}

async function loadFallback(cause: unknown): Promise<Ort> {
  const ort = await import('onnxruntime-web').catch(() => {
    throw new GnSwapError('runtime-missing', 'onnxruntime-node is not installed, or does not run on this machine', {
      remedy:
        'Run npm install -g gn-swap --ignore-scripts (an install script of onnxruntime-node may have failed, and npm then leaves it out). npm install -g onnxruntime-web --ignore-scripts is a slower replacement; --no-verify only rewrites',
      cause,
    });
  });
  // More would be workers, which take longer to start than most runs here take.
  ort.env.wasm.numThreads = 1;
  isFallbackUsed = true;
  sumInOneChain();
  return ort;
}

/** Devices that the runtime was built with, or whose files it may find. */
export async function devicesOf({ listSupportedBackends }: Ort): Promise<readonly string[]> {
  return isFallbackUsed || listSupportedBackends === undefined
    ? ['cpu']
    : listSupportedBackends().map(({ name }) => name);
}

/** Version of ONNX Runtime. */
export function versionOf({ env }: Ort): string {
  return isFallbackUsed ? `${env.versions.web ?? 'unknown'} (WebAssembly)` : (env.versions.node ?? 'unknown');
}

/**
 * Loads a model.
 *
 * @param model the path of a file, or the bytes of one
 * @param external files that bytes keep their weights in; native, such models are files on disk
 */
export async function createSession(
  ort: Ort,
  model: string | Uint8Array,
  options: OrtModule.InferenceSession.SessionOptions,
  external: readonly DataFile[] = [],
): Promise<OrtModule.InferenceSession> {
  const { InferenceSession } = ort;
  if (typeof model === 'string') return InferenceSession.create(model, options);
  if (!isFallbackUsed) return InferenceSession.create(model, options);
  return createInMemory(ort, model, options, external, 'Install onnxruntime-node, or pass --no-verify');
}
