import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import { unzipSync, zipSync } from 'fflate';
import { GnSwapError } from '../../src/errors.ts';
import { readNpz } from '../../src/inputs/npz.ts';
import { writeNpz } from '../../src/inputs/write-npz.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { numbersOf, type Value } from '../../src/runtime/session.ts';

/** Written by NumPy itself: see arrays.py beside this file. */
const fixture = (name: string) => readFileSync(new URL(name, import.meta.url));

describe('inputs/npz', () => {
  const arrays = readNpz(fixture('arrays.npz'));
  const read = (name: string) => arrays.get(name) as Value;

  for (const [name, type, array] of [
    ['f2', DataType.FLOAT16, Uint16Array],
    ['f4', DataType.FLOAT, Float32Array],
    ['f8', DataType.DOUBLE, Float64Array],
    ['i1', DataType.INT8, Int8Array],
    ['u1', DataType.UINT8, Uint8Array],
    ['i2', DataType.INT16, Int16Array],
    ['u2', DataType.UINT16, Uint16Array],
    ['i4', DataType.INT32, Int32Array],
    ['u4', DataType.UINT32, Uint32Array],
  ] as const) {
    it(`reads ${name} as NumPy writes it`, () => {
      const value = read(name);
      expect(value)
        .to.include({ type })
        .and.to.deep.include({ dims: [2, 3] });
      expect(value.data).to.be.instanceOf(array);
      expect(Array.from(numbersOf(value) as ArrayLike<number>)).to.deep.equal([0, 1, 2, 100, 101, 102]);
    });
  }

  it('reads 64-bit integers whole', () => {
    const [i8, u8] = [read('i8'), read('u8')];
    expect(i8).to.deep.equal({
      type: DataType.INT64,
      dims: [2],
      data: BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n),
    });
    expect(u8).to.deep.equal({ type: DataType.UINT64, dims: [2], data: BigUint64Array.of(0n, 2n ** 64n - 1n) });
  });

  it('reads bools as 0 and 1', () => {
    expect(read('b1')).to.deep.equal({ type: DataType.BOOL, dims: [2, 3], data: Uint8Array.of(0, 1, 0, 0, 1, 0) });
  });

  it('reads numbers that are none, and the smallest', () => {
    const data = read('special').data as Float64Array;
    const expected = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 5e-324];
    expect(data.length).to.equal(5);
    expected.forEach((value, i) => {
      expect(Object.is(data[i], value), `${value}`).to.equal(true);
    });
  });

  it('reads scalars, empty arrays, and names with a folder', () => {
    expect(read('scalar')).to.deep.equal({ type: DataType.FLOAT, dims: [], data: Float32Array.of(7.5) });
    expect(read('empty')).to.deep.equal({ type: DataType.FLOAT, dims: [0, 3], data: new Float32Array() });
    expect(read('folder/name with spaces').dims).to.deep.equal([1]);
  });

  it('turns Fortran order into C order', () => {
    const data = Int16Array.from({ length: 24 }, (_, i) => i);
    expect(read('fortran')).to.deep.equal({ type: DataType.INT16, dims: [2, 3, 4], data });
  });

  it('reads back what it writes, whatever the type and shape', () => {
    const types = [1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13] as const;
    const makers: Record<number, (bits: number[]) => Value['data']> = {
      1: (bits) => Float32Array.from(bits),
      2: (bits) => Uint8Array.from(bits),
      3: (bits) => Int8Array.from(bits),
      4: (bits) => Uint16Array.from(bits),
      5: (bits) => Int16Array.from(bits),
      6: (bits) => Int32Array.from(bits),
      7: (bits) => BigInt64Array.from(bits, BigInt),
      9: (bits) => Uint8Array.from(bits, (bit) => bit & 1),
      10: (bits) => Uint16Array.from(bits),
      11: (bits) => Float64Array.from(bits),
      12: (bits) => Uint32Array.from(bits),
      13: (bits) => BigUint64Array.from(bits, BigInt),
    };
    const value = fc
      .tuple(
        fc.constantFrom(...types),
        fc.array(fc.nat(4), { maxLength: 4 }),
        fc.array(fc.nat(2 ** 31), { minLength: 256 }),
      )
      .map(([type, dims, bits]): Value => {
        const count = dims.reduce((product, dim) => product * dim, 1);
        return { type, dims, data: (makers[type] as (bits: number[]) => Value['data'])(bits.slice(0, count)) };
      });
    const named = fc.dictionary(
      fc.string({ minLength: 1 }).filter((name) => !/[/\\]$/.test(name)),
      value,
      { minKeys: 1, maxKeys: 3 },
    );
    fc.assert(
      fc.property(named, (values) => {
        const given = new Map(Object.entries(values));
        expect(readNpz(writeNpz(given))).to.deep.equal(given);
      }),
      { seed: 5, numRuns: 60 },
    );
  });
});

describe('inputs/npz refuses', () => {
  const failure = (bytes: Uint8Array): GnSwapError => {
    try {
      readNpz(bytes, 'in.npz');
    } catch (error) {
      if (error instanceof GnSwapError) return error;
      throw error;
    }
    throw new Error('nothing was refused');
  };

  /** Numbers that no compression makes smaller. */
  const noise = Array.from({ length: 40 }, (_, i) => Math.sin(i * i + 1));
  const refused = unzipSync(fixture('refused.npz'));
  for (const [name, type] of [
    ['complex', '<c8'],
    ['text', '<U2'],
    ['bytes', '|S1'],
    ['record', '[…]'],
    ['date', '<M8[s]'],
  ] as const) {
    it(`${type} (${name}), naming the file and the array`, () => {
      const path = `${name}.npy`;
      const error = failure(zipSync({ [path]: refused[path] as Uint8Array }));
      expect(error).to.include({ code: 'invalid-data', file: 'in.npz', node: name });
      expect(error.describe()).to.equal(
        `in.npz: ${name}: its type ${type} is not supported. ` +
          'Use numbers or bools: numpy.savez(path, name=array.astype("<f4")).',
      );
    });
  }

  it('what is no zip, and a zip that is cut off', () => {
    expect(failure(Uint8Array.of(1, 2, 3)).describe()).to.match(/^in\.npz: it is not an \.npz, or damaged/);
    expect(failure(fixture('arrays.npz').subarray(0, 1000)).code).to.equal('invalid-data');
  });

  it('a zip in which a bit was flipped, or takes nothing from it', () => {
    const written = writeNpz(new Map([['x', { type: DataType.DOUBLE, dims: [40], data: Float64Array.from(noise) }]]));
    const whole = readNpz(written);
    let refusals = 0;
    for (let at = 0; at < written.length; at++) {
      const damaged = written.with(at, (written[at] as number) ^ (1 << (at % 8)));
      try {
        // What no reader looks at may be damaged, such as the time; and the array's name, which is not its data.
        expect([...readNpz(damaged, 'in.npz').values()], `byte ${at}`).to.deep.equal([...whole.values()]);
      } catch (error) {
        if (!(error instanceof GnSwapError)) throw error;
        expect(error).to.include({ code: 'invalid-data', file: 'in.npz' });
        refusals++;
      }
    }
    // The rest are the two copies of the name, times, versions and attributes: 81 of 497 bytes.
    expect(refusals).to.be.above(written.length - 100);
  });

  it('a zip without arrays, and one with something else', () => {
    expect(failure(zipSync({})).describe()).to.include('in.npz: it holds no arrays');
    expect(failure(zipSync({ folder: {} })).describe()).to.include('in.npz: it holds no arrays');
    const error = failure(zipSync({ 'read.me': Uint8Array.of(65) }));
    expect(error).to.include({ node: 'read.me', message: 'it is not an .npy array' });
  });

  it('an array whose data are cut off', () => {
    const bytes = unzipSync(fixture('arrays.npz'))['f4.npy'] as Uint8Array;
    const error = failure(zipSync({ 'f4.npy': bytes.subarray(0, bytes.length - 4) }));
    expect(error.describe()).to.include('in.npz: f4: it holds 5 elements; its shape [2,3] needs 6');
  });
});
