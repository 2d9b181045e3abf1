/** How large the picture is that a model was given. */
import type { Values } from '../runtime/session.ts';

/** Height and width of the first input that can be a picture; undefined if there is none. */
export function pictureSize(inputs: Values): { height: number; width: number } | undefined {
  for (const { dims } of Object.values(inputs)) {
    if (dims.length !== 3 && dims.length !== 4) continue;
    const [a = 0, b = 0, c = 0] = dims.slice(-3);
    if (isChannels(a)) return { height: b, width: c };
    if (isChannels(c)) return { height: a, width: b };
  }
  return undefined;
}

function isChannels(dim: number): boolean {
  return dim === 1 || dim === 3;
}
