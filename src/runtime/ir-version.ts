/**
 * Files of a newer IR version than the runtime reads. The package `onnx` writes its newest one unless it is told otherwise, months before a
 * runtime reads it, and nearly always nothing in the file needs it. So the runtime gets the same model with the newest version that it
 * reads: if something in it does need more, it refuses that.
 */
import type { GnSwapError } from '../errors.ts';
import { type Model, withGraph } from '../onnx/model.ts';

/** The newest version that the runtime reads, once it has refused a newer one. */
let newest: number | undefined;
/** Of the models that were run as an older one. */
let told: number | undefined;

/** Learns from a refusal. @returns whether the model may be tried again as {@link readable} makes it */
export function isOfNewerIr({ message }: GnSwapError, model: Model): boolean {
  const limit = Number(/max supported IR version: (\d+)/.exec(message)?.[1] ?? 0);
  if (limit === 0 || limit >= Number(model.proto.irVersion)) return false;
  newest = limit;
  return true;
}

/** The model as the runtime reads it; the very same where that is as it is. */
export function readable(model: Model): Model {
  if (newest === undefined || Number(model.proto.irVersion) <= newest) return model;
  return withGraph(model, model.proto.graph, { irVersion: newest });
}

/** Notes that a model was run as an older version. */
export function noteOlder({ proto: { irVersion } }: Model): void {
  told = Number(irVersion);
}

/** What to tell of models that were run as an older version; undefined if there were none. */
export function irNote(): string | undefined {
  return told === undefined
    ? undefined
    : `IR version ${told} is newer than ONNX Runtime reads here, which is up to ${newest}. The model was run as ${newest}, and files keep the version that they have. If your runtime does not read it: python -c "import onnx; m = onnx.load('MODEL.onnx'); m.ir_version = ${newest}; onnx.save(m, 'MODEL.onnx')"`;
}
