/** How many processors this process may keep busy. It is one number for all: what one session leaves free, another would take. */

let most: number | undefined;

/** Limits the threads of sessions that are opened, and of pictures that are decoded, from now on; undefined lifts it. */
export function limitThreads(count: number | undefined): void {
  most = count;
}

/** How many threads a session may have; undefined if ONNX Runtime decides. */
export function threadLimit(): number | undefined {
  return most;
}
