/** Moved labels and boxes, against the map solved in float64 apart, and against pixels that are moved with them. */
import { expect } from 'chai';
import { type LabelledBox, type Target, UNLABELLED } from '../../../src/inputs/labelled/types.ts';
import { Random } from '../../../src/inputs/random.ts';
import { type Affine, after, IDENTITY } from '../../../src/train/augment/affine.ts';
import { crop } from '../../../src/train/augment/crop.ts';
import { flip } from '../../../src/train/augment/flip.ts';
import { rotate } from '../../../src/train/augment/rotate.ts';
import { movedTarget } from '../../../src/train/augment/targets.ts';
import { warped } from '../../../src/train/augment/warp.ts';

const SIZE = { height: 30, width: 44 };

function maps(count: number): Affine[] {
  return Array.from({ length: count }, (_, seed) => {
    const random = new Random(seed);
    const drawn = [flip, crop, rotate].map((it) => it.draw(random, SIZE));
    return (seed % 2 === 0 ? drawn : drawn.slice(0, 2)).reduce(after, IDENTITY);
  });
}

const boxesOf = (target: Target): readonly LabelledBox[] => (target.kind === 'boxes' ? target.boxes : []);

describe('targets that follow their pixels', () => {
  it('have the label of the pixel that each comes from, and none from outside', () => {
    const labels = Int16Array.from({ length: SIZE.height * SIZE.width }, (_, at) => at % 1000);
    for (const [seed, map] of maps(20).entries()) {
      const target = movedTarget({ kind: 'map', labels, ...SIZE }, map, SIZE);
      if (target.kind !== 'map') return expect.fail(target.kind);
      const determinant = map.xx * map.yy - map.xy * map.yx;
      let outside = 0;
      for (let y = 0; y < SIZE.height; y++) {
        for (let x = 0; x < SIZE.width; x++) {
          const [u, v] = [x + 0.5 - map.x0, y + 0.5 - map.y0];
          const column = (u * map.yy - map.xy * v) / determinant;
          const row = (map.xx * v - u * map.yx) / determinant;
          // On the line between two pixels either is right.
          if ([column, row].some((it) => Math.abs(it - Math.round(it)) < 1e-9)) continue;
          const isInside = column > 0 && column < SIZE.width && row > 0 && row < SIZE.height;
          const expected = isInside ? labels[Math.floor(row) * SIZE.width + Math.floor(column)] : UNLABELLED;
          if (!isInside) outside++;
          expect(target.labels[y * SIZE.width + x], `seed ${seed}: ${x}, ${y}`).to.equal(expected);
        }
      }
      expect(outside).to.be.below(700);
    }
  });

  it('are exact where pixels are: a mirrored mask is the mirrored picture', () => {
    const labels = Int16Array.from({ length: 12 }, (_, at) => at);
    const size = { height: 3, width: 4 };
    const map = { ...IDENTITY, xx: -1, x0: 4 };
    const target = movedTarget({ kind: 'map', labels, ...size }, map, size);
    const pixels = { data: Float32Array.from(labels), ...size, channels: 1, pixelStride: 1, channelStride: 12 };
    expect(target.kind === 'map' && Array.from(target.labels)).to.deep.equal(Array.from(warped(pixels, map)));
  });

  it('are boxes around the moved corners, clipped at the edges', () => {
    const box: LabelledBox = { label: 3, left: 8.5, top: 6, right: 30, bottom: 24.25 };
    for (const [seed, map] of maps(20).entries()) {
      const [moved] = boxesOf(movedTarget({ kind: 'boxes', boxes: [box] }, map, SIZE));
      // Every point of the box's edge, moved, touches the sides of the new one and never passes them.
      const points = Array.from({ length: 401 }, (_, i) => i / 400).flatMap((t) => {
        const [x, y] = [box.left + t * (box.right - box.left), box.top + t * (box.bottom - box.top)];
        return [
          [x, box.top],
          [x, box.bottom],
          [box.left, y],
          [box.right, y],
        ] as const;
      });
      const xs = points.map(([x, y]) => map.xx * x + map.xy * y + map.x0);
      const ys = points.map(([x, y]) => map.yx * x + map.yy * y + map.y0);
      const within = (value: number, most: number) => Math.min(most, Math.max(0, value));
      expect(moved?.label).to.equal(3);
      expect(moved?.left, `seed ${seed}`).to.be.closeTo(within(Math.min(...xs), SIZE.width), 1e-9);
      expect(moved?.right).to.be.closeTo(within(Math.max(...xs), SIZE.width), 1e-9);
      expect(moved?.top).to.be.closeTo(within(Math.min(...ys), SIZE.height), 1e-9);
      expect(moved?.bottom).to.be.closeTo(within(Math.max(...ys), SIZE.height), 1e-9);
    }
  });

  it('keep the order and the labels of boxes, and leave out those that are gone', () => {
    const row = (label: number, left: number): LabelledBox => ({ label, left, top: 5, right: left + 10, bottom: 15 });
    const map = { ...IDENTITY, x0: 12 };
    // 12 to the right of 44: of the last box 0, of the one before 2 of 10, just a fifth, stay.
    const moved = boxesOf(
      movedTarget({ kind: 'boxes', boxes: [row(5, 2), row(1, 30), row(2, 30.1), row(4, 34)] }, map, SIZE),
    );
    expect(moved.map(({ label, left, right }) => [label, left, right])).to.deep.equal([
      [5, 14, 24],
      [1, 42, 44],
    ]);
  });

  it('are the same if they have no place', () => {
    for (const target of [{ kind: 'class', label: 1 }, { kind: 'none' }, { kind: 'values', values: {} }] as Target[])
      expect(movedTarget(target, maps(1)[0] as Affine, SIZE)).to.equal(target);
  });
});
