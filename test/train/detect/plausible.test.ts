import { expect } from 'chai';
import type { Values } from '../../../src/runtime/session.ts';
import { checkBoxes, type Known } from '../../../src/train/detect/plausible.ts';
import type { BoxReading } from '../../../src/train/detect/reading.ts';
import type { DetectorOptions } from '../../../src/train/detect/types.ts';
import { thrown } from '../../support/errors.ts';

const SIZE = { width: 64, height: 64 };
const PLAIN = { size: SIZE, isSet: false, isSquashed: false, format: undefined };
const KNOWN: Known = { ...PLAIN, unit: 'pixels', outputs: ['logits', 'corners'] };
const ROWS = 100;

/** Boxes of 8 × 8 pixels all over the picture, as middles and sides. */
const GRID = Array.from({ length: ROWS }, (_, row) => [6 * (row % 10) + 4, 6 * Math.floor(row / 10) + 4, 8, 8]);

function said(
  rows: readonly (readonly number[])[],
  {
    reading = {},
    known = {},
    options = {},
  }: { reading?: Partial<BoxReading>; known?: Partial<Known>; options?: DetectorOptions } = {},
): string | undefined {
  const values: Values = { boxes: { type: 1, dims: [1, rows.length, 4], data: Float32Array.from(rows.flat()) } };
  const columns = [{ output: 'boxes', layout: 'nrc', from: 0, to: 4 }] as const;
  const plain = { boxes: columns, scores: columns, format: 'cxcywh', factors: [1, 1, 1, 1], scale: [1, 1] } as const;
  const check = () => checkBoxes(values, { ...plain, ...reading }, { ...KNOWN, ...known }, options);
  try {
    check();
  } catch {
    return thrown(check).describe();
  }
  return undefined;
}

describe('checkBoxes', () => {
  it('accepts boxes that cover the picture, and queries that all begin in its middle', () => {
    expect(said(GRID)).to.equal(undefined);
    const middle = new Array(ROWS).fill([32, 32, 8, 8]);
    expect(said(middle, { known: { isSet: true } })).to.equal(undefined);
  });

  it('refuses offsets, of which half are negative', () => {
    const offsets = GRID.map((_, row) => [0.1, 0.2, Math.sin(row), Math.cos(row)]);
    expect(said(offsets)).to.match(/boxes: read as boxes \(cxcywh in pixels\): \d\d % have a negative width or height/);
    expect(said(offsets, { reading: { format: 'xyxy' } })).to.match(/negative width or height/);
    expect(said(offsets)).to.include('--box-format anchors --anchors');
    expect(said(offsets)).to.include('Name boxes and scores, of the file’s outputs logits, corners, as in --boxes');
  });

  it('refuses what a Sigmoid made, but of queries, behind NonMaxSuppression, and when it was said', () => {
    const shares = GRID.map((row) => row.map((it) => it / 64));
    const reading = { scale: [64, 64] } as const;
    const known = { isSquashed: true };
    expect(said(shares, { reading, known })).to.include('a Sigmoid makes these numbers, so they are scores');
    expect(said(shares, { reading, known: { ...known, isSet: true } })).to.equal(undefined);
    expect(said(shares, { reading, known: { ...known, format: 'cxcywh' } })).to.equal(undefined);
    expect(said(shares, { reading, known, options: { boxFormat: 'cxcywh' } })).to.equal(undefined);
  });

  it('refuses pixels that are read as shares, and shares that are read as pixels', () => {
    expect(said(GRID, { reading: { scale: [64, 64] } })).to.include('most lie outside the picture');
    const shares = GRID.map((row) => row.map((it) => it / 64));
    expect(said(shares)).to.match(/nearly all lie within 1.3 % of the picture’s sides/);
  });

  it('refuses numbers that are not finite', () => {
    const rows = GRID.map((row, at) => (at === 7 ? [Number.NaN, 0, 1, 1] : row));
    expect(said(rows)).to.include('1 of 100 are not finite numbers');
  });

  it('believes format and unit that were both said, if half of the boxes can be', () => {
    const options = { boxFormat: 'cxcywh', boxUnit: 'pixels' } as const;
    const middle = new Array(ROWS).fill([32, 32, 8, 8]);
    expect(said(middle)).to.include('nearly all lie within');
    expect(said(middle, { options })).to.equal(undefined);
    const offsets = GRID.map((_, row) => [32, 32, row % 4 === 0 ? 1 : -1, 1]);
    expect(said(offsets, { options })).to.include('75 % have a negative').and.to.include('another --box-format');
  });
});
