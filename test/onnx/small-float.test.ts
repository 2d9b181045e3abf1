import { expect } from 'chai';
import fc from 'fast-check';
import { DataType } from '../../src/onnx/data-type.ts';
import {
  decodeBfloat16,
  decodeSmallFloat,
  encodeBfloat16,
  encodeSmallFloat,
  isSmallFloat,
} from '../../src/onnx/small-float.ts';

/** A format as text says it: `S` sign, `E` exponent, `M` mantissa bits. */
interface Written {
  readonly layout: string;
  readonly bias: number;
  /** Bit patterns, `x` for any bit, and what they are. */
  readonly special: readonly (readonly [string, number])[];
  /** Codes of NaN, of the largest number, and of −0 where there is one. */
  readonly nan: number;
  readonly max: number;
  readonly minusZero?: number;
}

/**
 * The formats as ONNX defines them (https://onnx.ai/onnx/technical/float8.html and float4.html), written in bits. The code
 * under test computes with shifts and masks; this reads text.
 */
const WRITTEN: Readonly<Record<string, Written>> = {
  FLOAT8E4M3FN: {
    layout: 'SEEEEMMM',
    bias: 7,
    special: [['x1111111', Number.NaN]],
    nan: 0x7f,
    max: 0x7e,
    minusZero: 0x80,
  },
  FLOAT8E4M3FNUZ: { layout: 'SEEEEMMM', bias: 8, special: [['10000000', Number.NaN]], nan: 0x80, max: 0x7f },
  FLOAT8E5M2: {
    layout: 'SEEEEEMM',
    bias: 15,
    special: [
      ['01111100', Number.POSITIVE_INFINITY],
      ['11111100', Number.NEGATIVE_INFINITY],
      ['x1111101', Number.NaN],
      ['x1111110', Number.NaN],
      ['x1111111', Number.NaN],
    ],
    nan: 0x7f,
    max: 0x7b,
    minusZero: 0x80,
  },
  FLOAT8E5M2FNUZ: { layout: 'SEEEEEMM', bias: 16, special: [['10000000', Number.NaN]], nan: 0x80, max: 0x7f },
  FLOAT6E2M3: { layout: 'SEEMMM', bias: 1, special: [], nan: 31, max: 31, minusZero: 32 },
  FLOAT6E3M2: { layout: 'SEEEMM', bias: 3, special: [], nan: 31, max: 31, minusZero: 32 },
  FLOAT4E2M1: { layout: 'SEEM', bias: 1, special: [], nan: 7, max: 7, minusZero: 8 },
};

function numberOf(code: number, { layout, bias, special }: Written): number {
  const bits = code.toString(2).padStart(layout.length, '0');
  const known = special.find(([pattern]) => [...pattern].every((bit, at) => bit === 'x' || bit === bits[at]));
  if (known !== undefined) return known[1];
  const part = (letter: string) => [...bits].filter((_, at) => layout[at] === letter).join('');
  const [sign, exponent] = [part('S') === '1' ? -1 : 1, Number.parseInt(part('E'), 2)];
  const fraction = [...part('M')].reduce((sum, bit, at) => sum + Number(bit) / 2 ** (at + 1), 0);
  return exponent === 0 ? sign * fraction * 2 ** (1 - bias) : sign * (1 + fraction) * 2 ** (exponent - bias);
}

const typeOf = (name: string) => DataType[name as keyof typeof DataType];

describe('onnx/small-float', () => {
  it('knows the float types of 8, 6 and 4 bits, and refuses others', () => {
    const known = Object.entries(DataType).filter(([, type]) => isSmallFloat(type));
    expect(known.map(([name]) => name)).to.have.members([...Object.keys(WRITTEN), 'FLOAT8E8M0']);
    expect(() => decodeSmallFloat(DataType.FLOAT, 0)).to.throw(RangeError);
  });

  for (const [name, written] of Object.entries(WRITTEN)) {
    describe(name, () => {
      const type = typeOf(name);
      const codes = Array.from({ length: 2 ** written.layout.length }, (_, code) => code);
      const finite = codes.map((code) => numberOf(code, written)).filter(Number.isFinite);
      const max = numberOf(written.max, written);

      it('decodes every code as the format is defined', () => {
        for (const code of codes) {
          expect(decodeSmallFloat(type, code), code.toString(2)).to.deep.equal(numberOf(code, written));
        }
        expect(Math.max(...finite)).to.equal(max);
      });

      it('encodes every number that it has as its own code', () => {
        for (const code of codes) {
          const value = numberOf(code, written);
          if (Number.isFinite(value)) expect(encodeSmallFloat(type, value), code.toString(2)).to.equal(code);
        }
      });

      it('encodes what lies between to the nearest, ties to the even code', () => {
        const distances = (value: number, code: number) => Math.abs(decodeSmallFloat(type, code) - value);
        const isRight = (value: number) => {
          const code = encodeSmallFloat(type, value);
          const nearest = Math.min(...finite.map((it) => Math.abs(it - value)));
          expect(distances(value, code), `${value} → ${code}`).to.equal(nearest);
          const isTie = new Set(finite.filter((it) => Math.abs(it - value) === nearest)).size > 1;
          if (isTie) expect(code % 2, `${value} → ${code}`).to.equal(0);
        };
        const sorted = [...new Set(finite)].sort((a, b) => a - b);
        for (let at = 1; at < sorted.length; at++) {
          const [below, above] = [sorted[at - 1] as number, sorted[at] as number];
          // The middle of two numbers of at most 4 significant bits, and the doubles next to it, are exact.
          const middle = (below + above) / 2;
          for (const value of [middle, middle + (above - below) * 2 ** -30, middle - (above - below) * 2 ** -30]) {
            isRight(value);
          }
        }
        fc.assert(fc.property(fc.double({ min: -max, max, noNaN: true }), isRight), { seed: 1, numRuns: 500 });
      });

      it('saturates: what is too large becomes the largest number, infinity too', () => {
        for (const value of [max * 1.001, max * 2, 1e300, Number.POSITIVE_INFINITY]) {
          expect(encodeSmallFloat(type, value), `${value}`).to.equal(written.max);
          expect(decodeSmallFloat(type, encodeSmallFloat(type, -value)), `${-value}`).to.equal(-max);
        }
      });

      it('keeps NaN where it can, and the sign of zero where it has one', () => {
        expect(encodeSmallFloat(type, Number.NaN)).to.equal(written.nan);
        const { minusZero = 0 } = written;
        expect(encodeSmallFloat(type, 0)).to.equal(0);
        expect(encodeSmallFloat(type, -0)).to.equal(minusZero);
        expect(encodeSmallFloat(type, -1e-30)).to.equal(minusZero);
        expect(encodeSmallFloat(type, 1e-30)).to.equal(0);
      });
    });
  }

  it('FLOAT8E8M0 is the powers of two from 2⁻¹²⁷ to 2¹²⁷, and NaN', () => {
    const type = DataType.FLOAT8E8M0;
    for (let code = 0; code < 255; code++) {
      expect(decodeSmallFloat(type, code)).to.equal(2 ** (code - 127));
      expect(encodeSmallFloat(type, 2 ** (code - 127))).to.equal(code);
    }
    expect(decodeSmallFloat(type, 255)).to.deep.equal(Number.NaN);
    expect(encodeSmallFloat(type, Number.NaN)).to.equal(255);
    expect(encodeSmallFloat(type, Number.POSITIVE_INFINITY)).to.equal(254);
    for (const value of [0, -1, -1e30]) expect(encodeSmallFloat(type, value)).to.equal(0);
    // Half way between 1 (127) and 2 (128), and between 2 and 4 (129): to the even code.
    expect(encodeSmallFloat(type, 1.5)).to.equal(128);
    expect(encodeSmallFloat(type, 3)).to.equal(128);
  });

  describe('bfloat16', () => {
    /** All values of one sign, ascending, by code: 8 bits of exponent, 7 of mantissa. */
    const magnitude = (code: number) => {
      const [exponent, fraction] = [code >> 7, (code & 127) / 128];
      return exponent === 0 ? fraction * 2 ** -126 : (1 + fraction) * 2 ** (exponent - 127);
    };

    it('decodes and encodes every code', () => {
      for (let code = 0; code < 0x7f80; code++) {
        const value = magnitude(code);
        expect(decodeBfloat16(code)).to.equal(value);
        expect(decodeBfloat16(code | 0x8000)).to.equal(-value);
        expect(encodeBfloat16(value)).to.equal(code);
        expect(encodeBfloat16(-value)).to.equal(code | 0x8000);
      }
      expect(decodeBfloat16(0x7f80)).to.equal(Number.POSITIVE_INFINITY);
      expect(decodeBfloat16(0xff80)).to.equal(Number.NEGATIVE_INFINITY);
      expect(encodeBfloat16(Number.POSITIVE_INFINITY)).to.equal(0x7f80);
      expect(encodeBfloat16(Number.NEGATIVE_INFINITY)).to.equal(0xff80);
      for (const code of [0x7f81, 0x7fc0, 0xffff]) expect(decodeBfloat16(code)).to.deep.equal(Number.NaN);
      expect(encodeBfloat16(Number.NaN)).to.equal(0x7fc0);
    });

    it('rounds to nearest, ties to even, from float64 in one step', () => {
      const codes = fc.nat({ max: 0x7f7e });
      fc.assert(
        fc.property(codes, fc.boolean(), (code, negative) => {
          const sign = negative ? -1 : 1;
          const [below, above] = [magnitude(code), magnitude(code + 1)];
          const middle = (below + above) / 2;
          const encode = (value: number) => encodeBfloat16(sign * value) & 0x7fff;
          expect(encode(middle)).to.equal(code % 2 === 0 ? code : code + 1);
          // So near the middle that float32 would call it a tie.
          expect(encode(middle + (above - below) * 2 ** -30)).to.equal(code + 1);
          expect(encode(middle - (above - below) * 2 ** -30)).to.equal(code);
        }),
        { seed: 2, numRuns: 3000 },
      );
    });

    it('overflows to infinity from half way beyond the largest number, and underflows to zero with its sign', () => {
      const [max, step] = [magnitude(0x7f7f), 2 ** 120];
      expect(encodeBfloat16(max + step / 2)).to.equal(0x7f80);
      expect(encodeBfloat16(max + step / 2 - step * 2 ** -30)).to.equal(0x7f7f);
      expect(encodeBfloat16(1e300)).to.equal(0x7f80);
      expect(encodeBfloat16(-1e300)).to.equal(0xff80);
      expect(encodeBfloat16(2 ** -134)).to.equal(0);
      expect(encodeBfloat16(-(2 ** -134))).to.equal(0x8000);
      expect(encodeBfloat16(2 ** -134 + 2 ** -160)).to.equal(1);
      expect(encodeBfloat16(5e-324)).to.equal(0);
    });
  });
});
