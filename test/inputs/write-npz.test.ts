import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { unzipSync } from 'fflate';
import { GnSwapError } from '../../src/errors.ts';
import { readNpz } from '../../src/inputs/npz.ts';
import { writeNpz } from '../../src/inputs/write-npz.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import type { Value } from '../../src/runtime/session.ts';

describe('inputs/write-npz', () => {
  /** Written by NumPy itself: see arrays.py beside this file. */
  const arrays = readNpz(readFileSync(new URL('arrays.npz', import.meta.url)));

  it('writes the same bytes for the same arrays, smaller ones where it takes the time', () => {
    const written = writeNpz(arrays);
    expect(written).to.deep.equal(writeNpz(readNpz(written)));
    const plain = writeNpz(arrays, false);
    expect(readNpz(plain)).to.deep.equal(arrays);
    expect(plain.length).to.be.above(written.length);
    expect(Object.keys(unzipSync(written))).to.deep.equal([...arrays.keys()].map((name) => `${name}.npy`));
  });

  it('refuses what NumPy has no type for, naming the array', () => {
    const bfloat16: Value = { type: DataType.BFLOAT16, dims: [1], data: Uint16Array.of(1) };
    expect(() => writeNpz(new Map([['x', bfloat16]])))
      .to.throw(GnSwapError, 'bfloat16')
      .with.property('node', 'x');
    const short: Value = { type: DataType.FLOAT, dims: [2], data: Float32Array.of(1) };
    expect(() => writeNpz(new Map([['x', short]]))).to.throw(GnSwapError, '1 elements; its shape [2] needs 2');
  });
});
