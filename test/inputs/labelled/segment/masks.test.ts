import { expect } from 'chai';
import { distinctLabels, labelsOf, placedLabels } from '../../../../src/inputs/labelled/segment/masks.ts';
import type { MaskPicture } from '../../../../src/inputs/labelled/segment/png.ts';
import { UNLABELLED } from '../../../../src/inputs/labelled/types.ts';
import { placementOf } from '../../../../src/inputs/picture-fit.ts';
import { rejection, thrown } from '../../../support/errors.ts';
import { pixelPng } from '../../../support/files.ts';
import { openFiles, targetsOf } from '../../../support/labelled.ts';

const mask = (ids: readonly number[] | undefined, colours: readonly number[] = []): MaskPicture => ({
  height: 1,
  width: (ids ?? colours).length,
  ids,
  colourAt: (pixel) => colours[pixel] ?? 0,
});
const reading = { kind: 'ids' } as const;
const coloured = (labelOf: readonly (readonly [number, number])[]) =>
  ({
    kind: 'colours',
    colours: {
      file: { path: 'd/classes.csv', name: 'classes.csv', inner: 'classes.csv' },
      names: ['a', 'b'],
      labelOf: new Map(labelOf),
    },
  }) as const;

describe('labels of a mask', () => {
  it('are its numbers, but for white in 8 bits or 16', () => {
    expect(Array.from(labelsOf(mask([0, 7, 255, 65_535, 32_767]), reading, 'm.png'))).to.deep.equal([
      0,
      7,
      UNLABELLED,
      UNLABELLED,
      32_767,
    ]);
    expect(thrown(() => labelsOf(mask([0, 32_768]), reading, 'm.png'))).to.include({
      code: 'invalid-data',
      file: 'm.png',
      message: 'the mask has class 32768, and classes go up to 32767',
    });
  });

  it('are those of its colours; one that no line names is told with its place', () => {
    const red = coloured([
      [0xff0000, 1],
      [0x00ff00, UNLABELLED],
    ]);
    expect(Array.from(labelsOf(mask(undefined, [0xff0000, 0x00ff00]), red, 'm.png'))).to.deep.equal([1, UNLABELLED]);
    const error = thrown(() => labelsOf(mask(undefined, [0xff0000, 0x0000fe]), red, 'm.png'));
    expect(error.message).to.equal('the colour 0,0,254 at 1, 0 is not in classes.csv');
    expect(thrown(() => labelsOf(mask(undefined, [0x010203]), reading, 'm.png')).message).to.equal(
      'the mask has colours (1,2,3), and no file says what they mean',
    );
  });

  it('are listed once each', () => {
    expect([...distinctLabels(Int16Array.of(3, 3, -1, 3, 0, 0, -1))]).to.deep.equal([3, -1, 0]);
    expect([...distinctLabels(new Int16Array())]).to.deep.equal([]);
  });

  it('lie in the input at the pixel whose middle each has, by exact fractions, for every fit', () => {
    for (const [height, width] of [
      [7, 11],
      [64, 3],
      [5, 5],
    ] as const) {
      const labels = Int16Array.from({ length: height * width }, (_, at) => at);
      for (const fit of ['fill', 'contain', 'cover'] as const) {
        const placement = placementOf({ height, width }, { height: 9, width: 13, squares: false, fit });
        const placed = placedLabels(labels, width, placement);
        for (let y = 0; y < 9; y++) {
          for (let x = 0; x < 13; x++) {
            // (2k + 1)·size / (2·scaled), in whole numbers.
            const at = (position: number, scaled: number, size: number) =>
              position < 0 || position >= scaled
                ? -1
                : Number((BigInt(2 * position + 1) * BigInt(size)) / BigInt(2 * scaled));
            const [row, column] = [
              at(y - placement.top, placement.height, height),
              at(x - placement.left, placement.width, width),
            ];
            const expected = row < 0 || column < 0 ? UNLABELLED : row * width + column;
            expect(placed[y * 13 + x], `${height}×${width} ${fit}: ${x}, ${y}`).to.equal(expected);
          }
        }
      }
    }
  });
});

describe('masks of numbers beside a file of colours', () => {
  it('are refused if a line of no class stands above classes: nobody knows if it is counted', async () => {
    const files = async (classes: string) => ({
      'd/images/a.png': await pixelPng([
        [0, 1],
        [2, 1],
      ]),
      'd/masks/a.png': await pixelPng([
        [0, 1],
        [0, 1],
      ]),
      'd/classes.csv': classes,
    });
    const open = async (classes: string) => openFiles(await files(classes), { task: 'segment' });
    const error = await rejection(open('road,1,2,3\nvoid,0,0,0\ncar,4,5,6\n'));
    expect(error).to.include({ code: 'invalid-data', file: 'd/classes.csv:2' });
    expect(error.message).to.equal(
      'the masks are numbers, and the numbers of the classes below "void" depend on whether it is counted',
    );
    const data = await open('road,1,2,3\ncar,4,5,6\nvoid,0,0,0\n');
    expect(data.classes).to.deep.equal(['road', 'car']);
    const [target] = Object.values(await targetsOf(data));
    expect(target?.kind === 'map' && Array.from(target.labels)).to.deep.equal([0, 1, 0, 1]);
  });
});
