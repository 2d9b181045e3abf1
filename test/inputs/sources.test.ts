import { expect } from 'chai';
import { arrayBytes, arrayCache } from '../../src/inputs/sources.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import type { Values } from '../../src/runtime/session.ts';

/** Arrays of so many bytes. */
const values = (bytes: number): Values => ({
  x: { type: DataType.FLOAT, dims: [bytes / 4], data: new Float32Array(bytes / 4) },
});

describe('arrayCache', () => {
  /** Asks for files in an order, each of so many bytes, and tells which were read. */
  function reads(order: string, kept: number | undefined, bytes = 40): string {
    const cached = arrayCache(kept);
    let log = '';
    for (const file of order) {
      const got = cached(file, () => {
        log += file;
        return values(bytes);
      });
      expect(arrayBytes(got)).to.equal(bytes);
    }
    return log;
  }

  it('keeps the latest file whatever it takes, and no other without room', () => {
    expect(reads('aabba', undefined)).to.equal('aba');
    expect(reads('aabba', 39)).to.equal('aba');
  });

  it('keeps as many as there is room for, and gives up what was asked for longest ago', () => {
    expect(reads('abababa', 80)).to.equal('ab');
    expect(reads('abcabc', 80), 'each a little too late').to.equal('abcabc');
    expect(reads('abacab', 80), 'a was asked for after b').to.equal('abcb');
    expect(reads('abcabcabc', 120)).to.equal('abc');
  });
});

describe('arrayBytes', () => {
  it('counts what numbers take, whole numbers of 64 bits and lists of others as 8 each', () => {
    expect(arrayBytes({})).to.equal(0);
    const more: Values = {
      ...values(12),
      y: { type: DataType.INT64, dims: [2], data: BigInt64Array.of(1n, 2n) },
      z: { type: DataType.STRING, dims: [3], data: ['a', 'b', 'c'] },
    };
    expect(arrayBytes(more)).to.equal(12 + 16 + 24);
  });
});
