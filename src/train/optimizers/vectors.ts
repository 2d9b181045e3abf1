/**
 * Vectors that a step reads and writes side by side: parameters, and the state of their optimizer.
 *
 * Large arrays all begin at the same place of a memory page. A processor that compares the last twelve bits of addresses then takes a read
 * of one for a read of what was just written to another, and waits: AdamW on 11.7 million parameters took 56 to 169 ms from run to run,
 * and 56 with vectors that are set apart. They are in one memory of WebAssembly, for a loop that is written in it, if there is room.
 */

/** Bytes of a memory page, and of one of WebAssembly. */
const PAGE = 4096;
const BLOCK = 65536;
/** Most blocks that a memory of WebAssembly has. */
const MOST_BLOCKS = 65536;
/** Bytes between the places of two vectors in a page: a quarter, for parameters, gradient and two of state. */
const APART = 1024;

/** Numbers at the front of the memory that a step copies its gradient to, part by part. */
export const PART = BLOCK / Float32Array.BYTES_PER_ELEMENT;

const memories = new WeakMap<ArrayBufferLike, WebAssembly.Memory>();

/** Makes vectors of zeros that are used together. */
export function sideBySide(count: number, vectors: number): Float32Array[] {
  const size = Math.ceil((count * Float32Array.BYTES_PER_ELEMENT) / PAGE) * PAGE;
  const memory = memoryFor(BLOCK + vectors * (size + PAGE));
  return Array.from({ length: vectors }, (_, index) => {
    // The first quarter of a page is where other arrays begin, such as the gradient.
    const apart = (index + 1) * APART;
    if (memory === undefined) return new Float32Array(new ArrayBuffer(size + PAGE), apart % PAGE, count);
    return new Float32Array(memory.buffer, BLOCK + index * size + apart, count);
  });
}

/** The memory that vectors lie in; undefined if it is not WebAssembly's. */
export function memoryOf({ buffer }: Float32Array): WebAssembly.Memory | undefined {
  return memories.get(buffer);
}

function memoryFor(bytes: number): WebAssembly.Memory | undefined {
  const blocks = Math.ceil(bytes / BLOCK);
  if (typeof WebAssembly === 'undefined' || blocks > MOST_BLOCKS) return undefined;
  try {
    const memory = new WebAssembly.Memory({ initial: blocks, maximum: blocks });
    memories.set(memory.buffer, memory);
    return memory;
  } catch {
    return undefined;
  }
}
