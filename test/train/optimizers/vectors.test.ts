import { expect } from 'chai';
import { memoryOf, PART, sideBySide } from '../../../src/train/optimizers/vectors.ts';

const PAGE = 4096;

/** Does something while WebAssembly gives no memory. */
function without<T>(how: unknown, act: () => T): T {
  const own = Object.getOwnPropertyDescriptor(globalThis, 'WebAssembly') as PropertyDescriptor;
  Object.defineProperty(globalThis, 'WebAssembly', { ...own, value: how });
  try {
    return act();
  } finally {
    Object.defineProperty(globalThis, 'WebAssembly', own);
  }
}

const NO_ROOM = {
  Memory: class {
    constructor() {
      throw new RangeError('could not allocate memory');
    }
  },
};

describe('train/optimizers/vectors', () => {
  const ways: readonly [string, (count: number, vectors: number) => Float32Array[]][] = [
    ['in one memory', sideBySide],
    ['where there is no WebAssembly', (...all) => without(undefined, () => sideBySide(...all))],
    ['where it has no room', (...all) => without(NO_ROOM, () => sideBySide(...all))],
  ];
  for (const [title, make] of ways) {
    it(`gives zeros that overlap nowhere, each at a place of its own in a page: ${title}`, () => {
      for (const count of [0, 1, 5, 1023, 1024, 4097]) {
        const all = make(count, 3);
        expect(all.map(({ length }) => length)).to.deep.equal([count, count, count]);
        // 0 is where other arrays begin.
        const places = all.map(({ byteOffset }) => byteOffset % PAGE);
        expect(new Set([0, ...places]).size).to.equal(4);
        for (const [index, vector] of all.entries()) vector.fill(index + 1);
        for (const [index, vector] of all.entries()) expect(vector.every((it) => it === index + 1)).to.equal(true);
      }
    });
  }

  it('leaves room for a part of the gradient at the front of a memory that it tells', () => {
    const all = sideBySide(10, 2);
    expect(Math.min(...all.map(({ byteOffset }) => byteOffset))).to.be.at.least(PART * 4);
    expect(all.map(memoryOf).every((memory) => memory?.buffer === all[0]?.buffer)).to.equal(true);
    expect(memoryOf(new Float32Array(3))).to.equal(undefined);
  });

  it('takes other arrays for more numbers than a memory has room for', () => {
    const asked: unknown[] = [];
    const small = {
      Memory: class {
        constructor(size: unknown) {
          asked.push(size);
          throw new RangeError();
        }
      },
    };
    without(small, () => sideBySide(10, 3));
    expect(asked).to.have.length(1);
    // 4 GiB are 2³⁰ numbers; arrays of that size are not made here.
    const array = globalThis.ArrayBuffer;
    const sizes: number[] = [];
    const Fake = class extends array {
      constructor(size: number) {
        sizes.push(size);
        super(PAGE);
      }
    };
    Object.defineProperty(globalThis, 'ArrayBuffer', { value: Fake, configurable: true, writable: true });
    try {
      expect(() => without(small, () => sideBySide(2 ** 29, 3))).to.throw(RangeError);
    } finally {
      Object.defineProperty(globalThis, 'ArrayBuffer', { value: array, configurable: true, writable: true });
    }
    expect(asked).to.have.length(1);
    expect(sizes).to.deep.equal([2 ** 31 + PAGE]);
  });
});
