import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { unzipSync } from 'fflate';
import { GnSwapError } from '../../src/errors.ts';
import { readNpy, writeNpy } from '../../src/inputs/npy.ts';
import { DataType } from '../../src/onnx/data-type.ts';

/** A file as the format's description has it, written here by hand. */
function npy(header: string, data: readonly number[], version = 1): Uint8Array {
  const text = Uint8Array.from(header, (character) => character.charCodeAt(0));
  const length = version === 1 ? [text.length & 255, text.length >> 8] : [text.length & 255, text.length >> 8, 0, 0];
  return Uint8Array.of(
    0x93,
    ...Uint8Array.from('NUMPY', (c) => c.charCodeAt(0)),
    version,
    0,
    ...length,
    ...text,
    ...data,
  );
}

const TWO_FLOATS = [0, 0, 128, 63, 0, 0, 0, 192];
const header = (shape: string, descriptor = "'<f4'") =>
  `{'descr': ${descriptor}, 'fortran_order': False, 'shape': ${shape}, }\n`;

describe('inputs/npy', () => {
  it('reads data at any offset, in every version of the format', () => {
    for (const version of [1, 2, 3]) {
      for (let pad = 0; pad < 8; pad++) {
        const value = readNpy(npy(`${' '.repeat(pad)}${header('(2,)')}`, TWO_FLOATS, version));
        expect(value).to.deep.equal({ type: DataType.FLOAT, dims: [2], data: Float32Array.of(1, -2) });
      }
    }
  });

  it('reads a part of a larger block of memory', () => {
    const block = Uint8Array.of(1, 2, 3, ...npy(header('(2, 1)'), TWO_FLOATS), 4);
    expect(readNpy(block.subarray(3, -1))).to.deep.include({ dims: [2, 1], data: Float32Array.of(1, -2) });
  });

  it('reads a Buffer of Node that begins anywhere, as an array of an .npz does', () => {
    const file = npy(header('(2,)'), TWO_FLOATS);
    for (let pad = 0; pad < 8; pad++) {
      const bytes = Buffer.concat([new Uint8Array(pad), file]).subarray(pad);
      expect(readNpy(bytes), `${pad}`).to.deep.include({ dims: [2], data: Float32Array.of(1, -2) });
    }
  });

  it('reads numbers of either order of bytes, and refuses one that is cut off', () => {
    const value = readNpy(npy(header('(2,)', "'>f4'"), [63, 128, 0, 0, 192, 0, 0, 0]));
    expect(value).to.deep.equal({ type: DataType.FLOAT, dims: [2], data: Float32Array.of(1, -2) });
    const whole = readNpy(
      npy(header('(1, 2)', "'>i8'"), [...[0, 0, 0, 0, 0, 0, 1, 2], ...new Array<number>(8).fill(255)]),
    );
    expect(whole).to.deep.equal({ type: DataType.INT64, dims: [1, 2], data: BigInt64Array.of(258n, -1n) });
    expect(() => readNpy(npy(header('(2,)', "'>f4'"), [63, 128, 0, 0, 192, 0, 0]))).to.throw(GnSwapError, /its length/);
  });

  it('reads what NumPy wrote big-endian', () => {
    const file = unzipSync(readFileSync(new URL('refused.npz', import.meta.url)))['big-endian.npy'] as Uint8Array;
    expect(readNpy(file)).to.deep.equal({
      type: DataType.FLOAT,
      dims: [2, 3],
      data: Float32Array.of(0, 1, 2, 100, 101, 102),
    });
  });

  it('takes data where it is, if an element may begin there, and else a copy', () => {
    for (const pad of [0, 1, 2, 3, 4]) {
      const bytes = npy(`${' '.repeat(pad)}${header('(2,)')}`, TWO_FLOATS);
      const { data } = readNpy(bytes);
      expect(data).to.deep.equal(Float32Array.of(1, -2));
      const isAligned = (bytes.length - TWO_FLOATS.length) % 4 === 0;
      expect((data as Float32Array).buffer === bytes.buffer, `${pad}`).to.equal(isAligned);
    }
  });

  it('reads every byte but 0 of a bool as true, and refuses an element that is cut off', () => {
    const bools = readNpy(npy(header('(4,)', "'|b1'"), [0, 1, 255, 0]));
    expect(bools).to.deep.equal({ type: DataType.BOOL, dims: [4], data: Uint8Array.of(0, 1, 1, 0) });
    expect(() => readNpy(npy(header('(2,)'), TWO_FLOATS.slice(1)))).to.throw(GnSwapError, 'does not match');
  });

  it('writes a header that the format allows', () => {
    const bytes = writeNpy({ type: DataType.FLOAT16, dims: [2, 1], data: Uint16Array.of(0x3c00, 0xc000) });
    const length = bytes[8] as number;
    const text = String.fromCharCode(...bytes.subarray(10, 10 + length));
    expect(text).to.match(/^\{'descr':'<f2','fortran_order':False,'shape':\(2,1\)\} *\n$/);
    expect((10 + length) % 8, 'the data is aligned').to.equal(0);
    expect([...bytes.subarray(10 + length)]).to.deep.equal([0, 0x3c, 0, 0xc0]);
  });

  it('writes plain arrays of numbers as their type', () => {
    const bytes = writeNpy({ type: DataType.INT64, dims: [2], data: [1n, -1n] });
    expect(readNpy(bytes)).to.deep.equal({ type: DataType.INT64, dims: [2], data: BigInt64Array.of(1n, -1n) });
  });

  const refusal = (bytes: Uint8Array): string => {
    try {
      readNpy(bytes, { file: 'a.npy' });
    } catch (error) {
      if (error instanceof GnSwapError && error.code === 'invalid-data') return error.describe();
      throw error;
    }
    throw new Error('nothing was refused');
  };

  it('refuses what is no .npy, or a part of one', () => {
    const whole = npy(header('(2,)'), TWO_FLOATS);
    for (let length = 0; length < whole.length; length++) {
      expect(refusal(whole.subarray(0, length)), `${length} bytes`).to.match(
        /^a\.npy: it(s header|s length| is not| holds)/,
      );
    }
    expect(refusal(npy(header('(2,)'), [...TWO_FLOATS, 0]))).to.include('its length does not match its header');
    expect(refusal(npy(header('(3,)'), TWO_FLOATS))).to.include('it holds 2 elements; its shape [3] needs 3');
    expect(refusal(npy(header('(x,)'), TWO_FLOATS))).to.include('needs NaN');
    expect(refusal(npy("{'shape': (2,)}", TWO_FLOATS))).to.include('malformed');
  });

  it('refuses other types by name', () => {
    for (const type of ['>c8', '<c8', '<U1', '|S4', '|V2', '|O', '<f16']) {
      expect(refusal(npy(header('(2,)', `'${type}'`), TWO_FLOATS))).to.include(`a.npy: its type ${type}`);
    }
  });
});
