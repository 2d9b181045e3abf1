/** What a node reads and makes, by position. */

/** The name at a position of a node's inputs or outputs; `''` for one that is left out, which ONNX writes so or, behind the last, not at all. */
export function nameAt(names: readonly string[], index: number): string {
  return names[index] ?? '';
}
