/** What a node reads and makes, by position, and what to call it by. */
import type { NodeProto } from './schema.ts';

/** The name at a position of a node's inputs or outputs; `''` for one that is left out, which ONNX writes so or, behind the last, not at all. */
export function nameAt(names: readonly string[], index: number): string {
  return names[index] ?? '';
}

/** What a node is called by: its name, else that of its first output, else its operator. */
export function calledBy({ name, output, opType }: NodeProto): string {
  return name || output.find((it) => it !== '') || opType;
}
