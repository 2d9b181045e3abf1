/**
 * Files of a newer IR version than the runtime reads. The package `onnx` writes its newest one unless it is told otherwise, months before a
 * runtime reads it, and nearly always nothing in the file needs it. So the runtime gets the same model with the newest version that it
 * reads: if something in it does need more, it refuses that.
 */
import type { GnSwapError } from '../errors.ts';
import { type Model, withGraph } from '../onnx/model.ts';

/** The newest version that the runtime reads, once it has refused a newer one. */
let newest: number | undefined;
/** Those of the models that were run as an older one. */
const told = new Set<number>();

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
  told.add(Number(irVersion));
}

/** The version that models of this one were run as; undefined if they were run as what they are, or not at all. */
export function ranAs(irVersion: number): number | undefined {
  return told.has(irVersion) ? newest : undefined;
}

/** What to tell of all models that were run as an older version; undefined if there were none. */
export function irNote(): string | undefined {
  return told.size === 0 || newest === undefined ? undefined : olderNote(Math.max(...told), newest);
}

/** What to tell of a model that was run as an older version. */
export function olderNote(irVersion: number, older: number): string {
  return `IR version ${irVersion} is newer than ONNX Runtime reads here, which is up to ${older}. The model was run as ${older}, and files keep the version that they have. If your runtime does not read it: python -c "import onnx; m = onnx.load('MODEL.onnx'); m.ir_version = ${older}; onnx.save(m, 'MODEL.onnx')"`;
}
