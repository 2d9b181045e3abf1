import { expect } from 'chai';
import fc from 'fast-check';
import { GnSwapError } from '../../src/errors.ts';
import { MemorySource, Slice } from '../../src/onnx/bytes.ts';
import { byteLengthOf, DataType, isNumber } from '../../src/onnx/data-type.ts';
import { decode } from '../../src/onnx/decode.ts';
import { create, type TensorProto } from '../../src/onnx/schema.ts';
import { isSmallFloat } from '../../src/onnx/small-float.ts';
import { dimsOf, elementCount, makeTensor, noExternalData, rawDataOf, valuesOf } from '../../src/onnx/tensor.ts';
import { PretendedSource, RecordingSource } from './support/sources.ts';
import { delimited, float32, float64, integer, join, varint } from './support/wire.ts';

interface Sample {
  readonly type: DataType;
  readonly values: readonly number[];
  /** In `raw_data`, as the ONNX page on TensorProto lays it out. */
  readonly raw: readonly number[];
  /** The field of its own that the type may use instead, packed: its number and content. */
  readonly field: number;
  readonly typed: Uint8Array;
}

const ints = (...values: readonly (number | bigint)[]) => join(...values.map(varint));

/** Each type with its extremes, bytes written out by hand. */
const SAMPLES: Readonly<Record<string, Sample>> = {
  FLOAT: {
    type: DataType.FLOAT,
    values: [1, -2.5, Number.POSITIVE_INFINITY],
    raw: [0, 0, 0x80, 0x3f, 0, 0, 0x20, 0xc0, 0, 0, 0x80, 0x7f],
    field: 4,
    typed: join(float32(1), float32(-2.5), float32(Number.POSITIVE_INFINITY)),
  },
  DOUBLE: {
    type: DataType.DOUBLE,
    values: [1, -0.1],
    raw: [0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0x9a, 0x99, 0x99, 0x99, 0x99, 0x99, 0xb9, 0xbf],
    field: 10,
    typed: join(float64(1), float64(-0.1)),
  },
  // 0x3c00 is 1, 0xc000 is −2, 0x0001 the smallest subnormal, 0x7bff the largest number.
  FLOAT16: {
    type: DataType.FLOAT16,
    values: [1, -2, 2 ** -24, 65504],
    raw: [0x00, 0x3c, 0x00, 0xc0, 0x01, 0x00, 0xff, 0x7b],
    field: 5,
    typed: ints(0x3c00, 0xc000, 1, 0x7bff),
  },
  BFLOAT16: {
    type: DataType.BFLOAT16,
    values: [1, -2, 3.140625],
    raw: [0x80, 0x3f, 0x00, 0xc0, 0x49, 0x40],
    field: 5,
    typed: ints(0x3f80, 0xc000, 0x4049),
  },
  INT8: {
    type: DataType.INT8,
    values: [0, 127, -128, -1],
    raw: [0, 127, 128, 255],
    field: 5,
    typed: ints(0, 127, -128, -1),
  },
  UINT8: {
    type: DataType.UINT8,
    values: [0, 127, 128, 255],
    raw: [0, 127, 128, 255],
    field: 5,
    typed: ints(0, 127, 128, 255),
  },
  BOOL: { type: DataType.BOOL, values: [1, 0, 1], raw: [1, 0, 1], field: 5, typed: ints(1, 0, 1) },
  INT16: {
    type: DataType.INT16,
    values: [1, -2, 32767, -32768],
    raw: [1, 0, 0xfe, 0xff, 0xff, 0x7f, 0, 0x80],
    field: 5,
    typed: ints(1, -2, 32767, -32768),
  },
  UINT16: { type: DataType.UINT16, values: [1, 65535], raw: [1, 0, 0xff, 0xff], field: 5, typed: ints(1, 65535) },
  INT32: {
    type: DataType.INT32,
    values: [1, -2, 2 ** 31 - 1, -(2 ** 31)],
    raw: [1, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0, 0, 0, 0x80],
    field: 5,
    typed: ints(1, -2, 2 ** 31 - 1, -(2 ** 31)),
  },
  UINT32: {
    type: DataType.UINT32,
    values: [1, 2 ** 32 - 1],
    raw: [1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff],
    field: 11,
    typed: ints(1, 2 ** 32 - 1),
  },
  INT64: {
    type: DataType.INT64,
    values: [1, -2, 2 ** 40],
    raw: [1, 0, 0, 0, 0, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1, 0, 0],
    field: 7,
    typed: ints(1, -2, 2 ** 40),
  },
  UINT64: {
    type: DataType.UINT64,
    values: [1, 2 ** 63],
    raw: [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80],
    field: 11,
    typed: ints(1, 2n ** 63n),
  },
  // 0x38 is 1, 0x7e is 448, 0x81 is −2⁻⁹.
  FLOAT8E4M3FN: {
    type: 17,
    values: [1, 448, -(2 ** -9)],
    raw: [0x38, 0x7e, 0x81],
    field: 5,
    typed: ints(0x38, 0x7e, 0x81),
  },
  FLOAT8E4M3FNUZ: {
    type: 18,
    values: [1, 240, -(2 ** -10)],
    raw: [0x40, 0x7f, 0x81],
    field: 5,
    typed: ints(0x40, 0x7f, 0x81),
  },
  FLOAT8E5M2: {
    type: 19,
    values: [1, 57344, -(2 ** -16)],
    raw: [0x3c, 0x7b, 0x81],
    field: 5,
    typed: ints(0x3c, 0x7b, 0x81),
  },
  FLOAT8E5M2FNUZ: {
    type: 20,
    values: [1, 57344, -(2 ** -17)],
    raw: [0x40, 0x7f, 0x81],
    field: 5,
    typed: ints(0x40, 0x7f, 0x81),
  },
  FLOAT8E8M0: { type: 24, values: [1, 2, 0.5], raw: [127, 128, 126], field: 5, typed: ints(127, 128, 126) },
  // The first element in the lowest bits; an odd one out leaves the rest of its byte zero.
  UINT4: { type: 21, values: [1, 15, 8], raw: [0xf1, 0x08], field: 5, typed: ints(0xf1, 0x08) },
  INT4: { type: 22, values: [1, -1, -8, 7, 3], raw: [0xf1, 0x78, 0x03], field: 5, typed: ints(0xf1, 0x78, 0x03) },
  FLOAT4E2M1: { type: 23, values: [0.5, -6, 3], raw: [0xf1, 0x05], field: 5, typed: ints(0xf1, 0x05) },
  // A stream of bits: codes 0x08, 0x1f and 0x21, and 0x0c in place of the first.
  FLOAT6E2M3: { type: 27, values: [1, 7.5, -0.125], raw: [0xc8, 0x17, 0x02], field: 5, typed: ints(0x08, 0x1f, 0x21) },
  FLOAT6E3M2: { type: 28, values: [1, 28, -0.0625], raw: [0xcc, 0x17, 0x02], field: 5, typed: ints(0x0c, 0x1f, 0x21) },
  UINT2: { type: 25, values: [1, 2, 3, 0, 3], raw: [0b00111001, 0b11], field: 5, typed: ints(0b00111001, 0b11) },
  INT2: { type: 26, values: [1, -2, -1, 0, -1], raw: [0b00111001, 0b11], field: 5, typed: ints(0b00111001, 0b11) },
};

/** A tensor with the fields given on the wire, of one dimension unless told. */
function tensorOf(type: DataType, dims: readonly (number | bigint)[], ...fields: readonly Uint8Array[]): TensorProto {
  const head = [...dims.map((dim) => integer(1, dim)), integer(2, type), delimited(8, 'w')];
  return decode('TensorProto', new MemorySource(join(...head, ...fields)));
}

/** The error of reading a tensor's values. */
function refusal(tensor: TensorProto, external = noExternalData): GnSwapError {
  try {
    valuesOf(tensor, external);
  } catch (error) {
    if (error instanceof GnSwapError) return error;
    throw error;
  }
  throw new Error('it was read');
}

function externalTensor(type: DataType, dims: readonly number[], entries: Readonly<Record<string, string>>) {
  const externalData = Object.entries(entries).map(([key, value]) => create('StringStringEntryProto', { key, value }));
  return create('TensorProto', { name: 'w', dataType: type, dims, dataLocation: 1, externalData });
}

describe('onnx/tensor', () => {
  it('has a sample of every type whose elements are numbers', () => {
    const numbers = Object.entries(DataType).filter(([, type]) => isNumber(type));
    expect(Object.keys(SAMPLES)).to.have.members(numbers.map(([name]) => name));
    for (const [name, type] of numbers) expect(SAMPLES[name]?.type, name).to.equal(type);
  });

  for (const [name, { type, values, raw, field, typed }] of Object.entries(SAMPLES)) {
    describe(name, () => {
      const dims = [values.length];
      const bytes = Uint8Array.from(raw);

      it('is read from raw_data, as a view on it', () => {
        const tensor = tensorOf(type, dims, delimited(9, bytes));
        expect([...valuesOf(tensor)]).to.deep.equal(values);
        expect(rawDataOf(tensor)).to.equal(tensor.rawData);
      });

      it('is read from the field of its own, packed and not', () => {
        expect([...valuesOf(tensorOf(type, dims, delimited(field, typed)))]).to.deep.equal(values);
        expect([...rawDataOf(tensorOf(type, dims, delimited(field, typed))).bytes()]).to.deep.equal(raw);
      });

      it('is read from external data, only where it lies', () => {
        const file = new RecordingSource(join(new Uint8Array(64).fill(0xee), bytes, new Uint8Array(9)));
        const entries = { location: 'w.bin', offset: '64', length: `${bytes.length}` };
        const open = (location: string) => {
          expect(location).to.equal('w.bin');
          return file;
        };
        expect([...valuesOf(externalTensor(type, dims, entries), open)]).to.deep.equal(values);
        expect(file.reads).to.deep.equal([{ start: 64, end: 64 + bytes.length }]);
      });

      it('is made with the same bytes', () => {
        const tensor = makeTensor('w', type, dims, values);
        expect([...(tensor.rawData?.bytes() ?? [])]).to.deep.equal(raw);
        expect([...valuesOf(tensor)]).to.deep.equal(values);
      });

      it('is refused with a byte or an element too few or too many', () => {
        for (const lying of [bytes.subarray(1), join(bytes, Uint8Array.of(0))]) {
          const error = refusal(tensorOf(type, dims, delimited(9, lying)));
          expect(error.code).to.equal('invalid-model');
          expect(error.message).to.match(new RegExp(`"w" has ${lying.length} bytes .* need ${bytes.length}$`));
        }
        const more = tensorOf(type, [values.length + 8], delimited(field, typed));
        const less = tensorOf(type, [Math.max(0, values.length - 4)], delimited(field, typed));
        for (const lying of [more, less]) expect(refusal(lying).code).to.equal('invalid-model');
      });

      it('of no elements has no values, and needs no data', () => {
        expect([...valuesOf(tensorOf(type, [3, 0]))]).to.deep.equal([]);
        expect([...valuesOf(makeTensor('w', type, [0], []))]).to.deep.equal([]);
      });

      it('of no dimensions is one element', () => {
        const scalar = makeTensor('w', type, [], values.slice(0, 1));
        expect(elementCount(scalar)).to.equal(1);
        expect([...valuesOf(scalar)]).to.deep.equal(values.slice(0, 1));
      });
    });
  }

  it('reads elements that were written one by one', () => {
    const tensor = tensorOf(DataType.INT64, [3], integer(7, 5), integer(7, -6), integer(7, 2 ** 40));
    expect([...valuesOf(tensor)]).to.deep.equal([5, -6, 2 ** 40]);
  });

  it('rounds integers beyond 2⁵³ to the nearest float64', () => {
    const typed = tensorOf(DataType.INT64, [2], delimited(7, ints(2n ** 63n - 1n, -(2n ** 63n))));
    expect([...valuesOf(typed)]).to.deep.equal([2 ** 63, -(2 ** 63)]);
    const unsigned = tensorOf(DataType.UINT64, [1], delimited(11, ints(2n ** 64n - 1n)));
    expect([...valuesOf(unsigned)]).to.deep.equal([2 ** 64]);
  });

  it('reads data that begins at any byte of its memory', () => {
    const bytes = join(Uint8Array.of(1, 2, 3), float64(0.1), float64(-7));
    const rawData = new Slice(new MemorySource(bytes), 3, 19);
    const tensor = create('TensorProto', { dataType: DataType.DOUBLE, dims: [2], rawData });
    expect([...valuesOf(tensor)]).to.deep.equal([0.1, -7]);
  });

  it('has dimensions and count as numbers', () => {
    const tensor = tensorOf(DataType.FLOAT, [2, 3, 4]);
    expect(dimsOf(tensor)).to.deep.equal([2, 3, 4]);
    expect(elementCount(tensor)).to.equal(24);
  });

  describe('dimensions that lie', () => {
    const cases: Readonly<Record<string, readonly (number | bigint)[]>> = {
      'one is negative': [-2],
      'two are negative, so that their product fits': [-2, -1],
      'one is 2⁴⁰': [2n ** 40n],
      'their product is 2⁶⁰': [2n ** 20n, 2n ** 20n, 2n ** 20n],
      'one is 2⁶³ − 1': [2n ** 63n - 1n],
      'their product is not finite': new Array<bigint>(40).fill(2n ** 62n),
      'their product is ∞ × 0': [...new Array<bigint>(40).fill(2n ** 62n), 0],
    };
    for (const [what, dims] of Object.entries(cases)) {
      it(`${what}: refused for every type and wherever the data is, without room for it`, () => {
        for (const { type, field, typed, raw } of Object.values(SAMPLES)) {
          const file = new MemorySource(Uint8Array.from(raw));
          for (const tensor of [
            tensorOf(type, dims),
            tensorOf(type, dims, delimited(9, Uint8Array.from(raw))),
            tensorOf(type, dims, delimited(field, typed)),
            { ...externalTensor(type, [], { location: 'f' }), dims },
          ]) {
            const error = refusal(tensor, () => file);
            expect(error.code).to.equal('invalid-model');
            expect(error.message).to.contain('"w"');
          }
        }
      });
    }
  });

  describe('data that is damaged', () => {
    it('varints that never end, or are cut short', () => {
      for (const bytes of [new Uint8Array(11).fill(0x80), Uint8Array.of(1, 0x80), Uint8Array.of(0x80, 1, 0xff)]) {
        for (const count of [0, 1, 2]) {
          const tensor = tensorOf(DataType.INT64, [count], delimited(7, bytes));
          expect(refusal(tensor).code, `${bytes} as ${count}`).to.equal('invalid-model');
        }
      }
      const long = join(new Uint8Array(12).fill(0x80), Uint8Array.of(1));
      expect(refusal(tensorOf(DataType.INT64, [1], delimited(7, long))).message).to.contain('cannot be read');
    });

    it('strings, complex numbers and what has no type are no numbers', () => {
      for (const type of [DataType.STRING, DataType.COMPLEX64, DataType.COMPLEX128, 0]) {
        const tensor = tensorOf(type, [1], delimited(9, new Uint8Array(byteLengthOf(type, 1) ?? 1)));
        expect(refusal(tensor).code).to.equal('invalid-model');
      }
    });

    it('complex numbers have raw data all the same', () => {
      const pairs = join(float32(1), float32(2));
      expect(rawDataOf(tensorOf(DataType.COMPLEX64, [1], delimited(4, pairs))).bytes()).to.deep.equal(pairs);
    });
  });

  describe('external data', () => {
    const open = () => new MemorySource(new Uint8Array(16));

    it('takes as many bytes as type and dimensions say where no length is given', () => {
      const tensor = externalTensor(DataType.FLOAT, [2], { location: 'f', offset: '8' });
      expect(rawDataOf(tensor, open).length).to.equal(8);
      expect(rawDataOf(externalTensor(DataType.FLOAT, [4], { location: 'f' }), open).length).to.equal(16);
    });

    it('is refused where it ends behind its file, or has another length than the tensor', () => {
      const cases = [
        { dims: [5], entries: { location: 'f' } },
        { dims: [2], entries: { location: 'f', offset: '12' } },
        { dims: [0], entries: { location: 'f', offset: '17' } },
        { dims: [2], entries: { location: 'f', length: '12' } },
        { dims: [2], entries: { location: 'f', offset: '9007199254740991', length: '8' } },
      ];
      for (const { dims, entries } of cases) {
        expect(refusal(externalTensor(DataType.FLOAT, dims, entries), open).code).to.equal('invalid-model');
      }
    });

    it('lies in files of any size', () => {
      const file = new PretendedSource(new Uint8Array(0), 2 ** 40);
      const tensor = externalTensor(DataType.FLOAT, [2], { location: 'f', offset: `${2 ** 40 - 8}` });
      expect([...valuesOf(tensor, () => file)]).to.deep.equal([0, 0]);
    });

    it('is refused where the model stands alone, and says what to do', () => {
      const error = refusal(externalTensor(DataType.FLOAT, [2], { location: 'weights.bin' }));
      expect(error.code).to.equal('invalid-data');
      expect(error.message).to.contain('"weights.bin"');
      expect(error.remedy).to.match(/path/);
    });
  });

  describe('makeTensor', () => {
    it('rounds to float16 to nearest, ties to even, in one step', () => {
      // Values of float16 by code, from its definition: 5 bits of exponent, 10 of mantissa.
      const magnitude = (code: number) => {
        const [exponent, fraction] = [code >> 10, (code & 1023) / 1024];
        return exponent === 0 ? fraction * 2 ** -14 : (1 + fraction) * 2 ** (exponent - 15);
      };
      const codeOf = (value: number) => {
        const [low = 0, high = 0] = makeTensor('', DataType.FLOAT16, [], [value]).rawData?.bytes() ?? [];
        return low | (high << 8);
      };
      fc.assert(
        fc.property(fc.nat({ max: 0x7bfe }), (code) => {
          const [below, above] = [magnitude(code), magnitude(code + 1)];
          const middle = (below + above) / 2;
          const hair = (above - below) * 2 ** -30;
          expect(codeOf(below)).to.equal(code);
          expect(codeOf(middle)).to.equal(code % 2 === 0 ? code : code + 1);
          expect(codeOf(middle + hair)).to.equal(code + 1);
          expect(codeOf(middle - hair)).to.equal(code);
          expect(codeOf(-middle - hair)).to.equal((code + 1) | 0x8000);
        }),
        { seed: 1, numRuns: 2000 },
      );
      expect(codeOf(65520)).to.equal(0x7c00);
      expect(codeOf(65519.99)).to.equal(0x7bff);
    });

    it('rounds to float32 as Math.fround does', () => {
      fc.assert(
        fc.property(fc.double(), (value) => {
          expect(valuesOf(makeTensor('', DataType.FLOAT, [1], [value]))[0]).to.deep.equal(Math.fround(value));
        }),
        { seed: 2 },
      );
    });

    it('reads back what it can hold, in any type', () => {
      for (const { type, values } of Object.values(SAMPLES)) {
        const value = fc.constantFrom(...values);
        fc.assert(
          fc.property(fc.array(value, { maxLength: 9 }), (list) => {
            const tensor = makeTensor('w', type, [list.length], list);
            expect([...valuesOf(tensor)]).to.deep.equal(list);
            expect(tensor.rawData?.length).to.equal(byteLengthOf(type, list.length));
          }),
          { seed: type, numRuns: 30 },
        );
      }
    });

    it('keeps NaN in every float type that has one', () => {
      const floats = [DataType.FLOAT, DataType.DOUBLE, DataType.FLOAT16, DataType.BFLOAT16];
      const none: readonly number[] = [DataType.FLOAT4E2M1, DataType.FLOAT6E2M3, DataType.FLOAT6E3M2];
      const small = Object.values(DataType).filter((type) => isSmallFloat(type) && !none.includes(type));
      for (const type of [...floats, ...small]) {
        expect(valuesOf(makeTensor('', type, [1], [Number.NaN]))[0], `${type}`).to.deep.equal(Number.NaN);
      }
    });

    it('tells a type that is newer than this code from damage', () => {
      const { code, message, remedy } = refusal(tensorOf(99, [4], delimited(9, Uint8Array.of(1, 2, 3))));
      expect(code).to.equal('unsupported-model');
      expect(message).to.equal('tensor "w" has type 99, which this version of gn-swap does not know');
      expect(remedy).to.contain('newer');
    });

    it('refuses elements of 6 bits that are not as many as the dimensions say, or have more bits', () => {
      const six = (...codes: readonly number[]) => tensorOf(DataType.FLOAT6E2M3, [3], delimited(5, ints(...codes)));
      expect(refusal(six(1, 2)).message).to.match(/has 2 bytes.*3/);
      expect(refusal(six(1, 2, 64)).message).to.contain('cannot be read');
      expect(refusal(six(1, 2, 200)).message).to.match(/has \d bytes|cannot be read/);
    });

    it('refuses what it has no bytes for, and values that do not fill the dimensions', () => {
      for (const type of [DataType.STRING, DataType.COMPLEX64, DataType.COMPLEX128, 99]) {
        expect(() => makeTensor('', type, [1], [1]), `${type}`).to.throw(RangeError, "can't make");
      }
      expect(() => makeTensor('', DataType.FLOAT, [3], [1, 2])).to.throw(RangeError, 'do not fill');
      expect(() => makeTensor('', DataType.FLOAT, [], [1, 2])).to.throw(RangeError, 'do not fill');
    });
  });
});
