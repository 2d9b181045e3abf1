/** Opsets at which an operator is tried: its first, and those at which the spelling of many operators changed. */

/** The newest opset that a gradient is written for. */
const NEWEST = 26;

/** From 7, or the opset that brought the operator, to the newest. */
export function opsetsFrom(since: number, ...between: readonly number[]): number[] {
  const steps = between.length > 0 ? between : [13, 18];
  return [...new Set([Math.max(7, since), ...steps, NEWEST])].filter((opset) => opset >= since);
}
