import { expect } from 'chai';
import { Random } from '../../../src/inputs/random.ts';
import { adamwModule, type Kernel } from '../../../src/train/optimizers/adamw-kernel.ts';

const COUNT = 64;
const [BETA_1, BETA_2] = [0.9, 0.999];

/** The kernel over one memory that holds four vectors, one behind the other. */
function open() {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(adamwModule(BETA_1, BETA_2)), { e: { m: memory } });
  const vectors = [0, 1, 2, 3].map((index) => new Float32Array(memory.buffer, 4 * COUNT * index, COUNT));
  return { kernel: instance.exports.f as Kernel, vectors: vectors as [Float32Array, ...Float32Array[]] };
}

/** Numbers of all sizes, some of them none. */
function numbers(seed: number): Float32Array {
  const random = new Random(seed);
  const odd = [0, -0, 1e-45, -1e-40, 3e38, Number.POSITIVE_INFINITY, Number.NaN, 1];
  return Float32Array.from({ length: COUNT }, (_, i) =>
    i < odd.length ? (odd[(i + seed) % odd.length] as number) : random.normal() * 10 ** (random.integer(60) - 30),
  );
}

describe('train/optimizers/adamw-kernel', () => {
  it('is a module that says what its doc comment says: 283 bytes, one memory in, one function out', () => {
    const bytes = adamwModule(BETA_1, BETA_2);
    expect(WebAssembly.validate(bytes)).to.equal(true);
    expect(bytes).to.have.length(283);
    const module = new WebAssembly.Module(bytes);
    expect(WebAssembly.Module.imports(module)).to.deep.equal([{ module: 'e', name: 'm', kind: 'memory' }]);
    expect(WebAssembly.Module.exports(module)).to.deep.equal([{ name: 'f', kind: 'function' }]);
  });

  it('computes in float64 and rounds once, to the bit, for numbers of all sizes', () => {
    const { kernel, vectors } = open();
    const [first, second, own, small, before] = [0.07, 0.0007, 0.013, 3e-10, 0.9995];
    const given = [0, 1, 2, 3].map(numbers);
    // v is a mean of squares.
    given[3] = (given[3] as Float32Array).map(Math.abs);
    for (const [index, vector] of vectors.entries()) vector.set(given[index] as Float32Array);
    const [theta, gradient, m, v] = given as [Float32Array, Float32Array, Float32Array, Float32Array];
    kernel(0, 4 * COUNT, 8 * COUNT, 12 * COUNT, 4 * COUNT, first, second, own, small, before);
    for (let i = 0; i < COUNT; i++) {
      const [t, g] = [theta[i] as number, gradient[i] as number];
      const mean = BETA_1 * (m[i] as number) + first * g;
      const square = BETA_2 * (v[i] as number) + second * g * g;
      const moved = t * before - (own * mean) / (Math.sqrt(square) + small);
      const expected = [moved, g, mean, square].map(Math.fround);
      expect(
        vectors.map((vector) => vector[i]),
        `number ${i}`,
      ).to.deep.equal(expected);
    }
  });

  it('touches nothing outside of its range, at any pair of numbers', () => {
    for (const [from, to] of [
      [0, 2],
      [2, 8],
      [30, 64],
    ] as const) {
      const { kernel, vectors } = open();
      for (const vector of vectors) vector.fill(1);
      const at = (vector: number, index: number) => 4 * (COUNT * vector + index);
      kernel(at(0, from), at(1, from), at(2, from), at(3, from), at(0, to), 0.1, 0.1, 0.1, 0.1, 0.5);
      const [theta, gradient, m, v] = vectors as [Float32Array, Float32Array, Float32Array, Float32Array];
      expect(gradient.every((it) => it === 1)).to.equal(true);
      for (const vector of [theta, m, v]) {
        const changed = Array.from(vector, (it, index) => (it === 1 ? [] : [index])).flat();
        // m and v end at 1.0 and 1.099 here: of m, nothing tells.
        if (vector !== m) expect(changed).to.deep.equal(Array.from({ length: to - from }, (_, index) => from + index));
      }
    }
  });
});
