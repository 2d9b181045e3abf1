import { expect } from 'chai';
import { encode } from 'fast-png';
import sharp from 'sharp';
import type { Dims } from '../../../fixtures/build.ts';
import type { LabelledOptions } from '../../../src/inputs/labelled/options.ts';
import { type LabelledData, UNLABELLED } from '../../../src/inputs/labelled/types.ts';
import { writeNpz } from '../../../src/inputs/write-npz.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import type { Value } from '../../../src/runtime/session.ts';
import { rejection } from '../../support/errors.ts';
import { pixelPng, plainPng } from '../../support/files.ts';
import { type Files, openFiles, pictureModel } from '../../support/labelled.ts';

function open(files: Files, options: Partial<LabelledOptions> = {}, dims?: Dims): Promise<LabelledData> {
  return openFiles(files, { task: 'segment', ...options }, { model: pictureModel(dims) });
}

/** The map of a sample, row by row. */
async function mapOf(data: LabelledData, sample = 0): Promise<number[][]> {
  const { target } = await data.load(sample);
  if (target.kind !== 'map') throw new Error(target.kind);
  const { labels, height, width } = target;
  return Array.from({ length: height }, (_, y) => Array.from(labels.subarray(y * width, (y + 1) * width)));
}

const FOUR: Dims = ['N', 3, 4, 4];

describe('masks beside pictures', () => {
  it('give each pixel a class; 255 leaves it out', async () => {
    const files = {
      'd/images/a.png': await plainPng('#f00', 2),
      'd/masks/a.png': await pixelPng([
        [0, 1],
        [2, 255],
      ]),
    };
    const data = await open(files);
    expect(data.classes).to.deep.equal(['0', '1', '2']);
    expect(await mapOf(data)).to.deep.equal([
      [0, 1],
      [2, UNLABELLED],
    ]);
    expect((await open(files, { headClasses: 21 })).classes).to.have.length(21);
    expect((await open(files, { classes: ['sky', 'road', 'tree'] })).classes).to.deep.equal(['sky', 'road', 'tree']);
  });

  it('are read as CVAT and Pascal VOC lay them out, pictures without a mask left out', async () => {
    const data = await open({
      'd/JPEGImages/a.jpg': await plainPng('#f00', 2),
      'd/JPEGImages/b.jpg': await plainPng('#f00', 2),
      'd/SegmentationClass/a.png': await sharp(Uint8Array.of(0, 0, 0, 9, 8, 7, 9, 8, 7, 0, 0, 0), {
        raw: { width: 2, height: 2, channels: 3 },
      })
        .png()
        .toBuffer(),
      'd/labelmap.txt': '# label:color_rgb:parts:actions\nbackground:0,0,0::\nblue van:9,8,7::\n',
      'd/ImageSets/Segmentation/default.txt': 'a\n',
    });
    expect(data.classes).to.deep.equal(['background', 'blue van']);
    expect(await mapOf(data)).to.deep.equal([
      [0, 1],
      [1, 0],
    ]);
    expect(data.skipped).to.deep.equal([{ file: 'JPEGImages/b.jpg', reason: 'it has no mask' }]);
  });

  it('may be named after their pictures with _mask behind them, beside what Windows leaves in folders', async () => {
    const data = await open({
      'd/images/a.jpg': await plainPng('#f00', 2),
      'd/masks/a_mask.png': await pixelPng([
        [0, 1],
        [1, 0],
      ]),
      'd/masks/Thumbs.db': 'x',
      'd/masks/desktop.ini': 'x',
    });
    expect(data.count).to.equal(1);
    expect(data.skipped).to.deep.equal([]);
  });

  it('may be palettes of 1, 2, 4 or 8 bits: the place in the palette is the class', async () => {
    // Equal colours, so that only the place tells classes apart.
    const palette = [
      [9, 9, 9],
      [9, 9, 9],
      [7, 0, 0],
      [0, 7, 0],
    ];
    const picture = await plainPng('#f00', 3);
    const ids = [1, 0, 1, 0, 1, 1, 0, 0, 1];
    for (const depth of [1, 2, 4, 8] as const) {
      // Each row begins with a new byte.
      const rows = [0, 3, 6].map((from) =>
        ids.slice(from, from + 3).reduce((bits, id, x) => bits | (id << (8 - depth * (x + 1))), 0),
      );
      const data = depth === 8 ? Uint8Array.from(ids) : depth === 4 ? packedInFours(ids) : Uint8Array.from(rows);
      const mask = encodePalette({ width: 3, height: 3, depth, data, palette: palette.slice(0, 2) });
      const opened = await open({ 'd/images/a.png': picture, 'd/masks/a.png': mask }, {}, ['N', 3, 3, 3]);
      expect((await mapOf(opened)).flat(), `${depth} bits`).to.deep.equal(ids);
    }
  });

  it('may be colours that a file names, in any of the usual spellings', async () => {
    const red = [255, 0, 0];
    const blue = [0, 0, 255];
    const grey = [128, 128, 128];
    const pictures = {
      'd/images/a.png': await plainPng('#f00', 2),
      'd/masks/a.png': await pixelPng([
        [red, blue],
        [blue, grey],
      ]),
    };
    for (const [name, text] of [
      ['classes.csv', 'name,r,g,b\nwater,0,0,255\nroof,255,0,0\nvoid,128,128,128\n'],
      ['class_dict.csv', '"water",0,0,255\r\n"roof",255,0,0\r\nunlabelled, 128, 128, 128'],
      ['label_colors.txt', '0 0 255 water\n255 0 0 roof\n\n128 128 128 Void\n'],
      ['colors.txt', '# colours\nwater 0 0 255\nroof 255 0 0\nignore 128 128 128'],
    ] as const) {
      const data = await open({ ...pictures, [`d/${name}`]: text });
      expect(data.classes, name).to.deep.equal(['water', 'roof']);
      expect(await mapOf(data), name).to.deep.equal([
        [1, 0],
        [0, UNLABELLED],
      ]);
    }
  });

  it('are numbered as the model or --classes names their classes, whatever the order of the file', async () => {
    const files = {
      'd/images/a.png': await plainPng('#f00', 2),
      'd/masks/a.png': await pixelPng([
        [0, 1],
        [1, 255],
      ]),
      'd/classes.txt': 'road\nsky\n',
    };
    const renumbered = [
      [2, 0],
      [0, UNLABELLED],
    ];
    const names = ['sky', 'tree', 'road'];
    for (const options of [{ modelClasses: names }, { classes: names }]) {
      const data = await open(files, options);
      expect(data.classes).to.deep.equal(names);
      expect(await mapOf(data)).to.deep.equal(renumbered);
    }
    const { message } = await rejection(
      open({ ...files, 'd/masks/a.png': await plainPng('#020202', 2) }, { classes: names }),
    );
    expect(message).to.equal('class 2 is out of range: there are 2 classes, 0 to 1');
    // Other names are learnt in their place.
    expect(await mapOf(await open(files, { classes: ['a', 'b'] }))).to.deep.equal([
      [0, 1],
      [1, UNLABELLED],
    ]);
  });

  it('may be black and white, if a file says so', async () => {
    const files = {
      'd/images/a.png': await plainPng('#f00', 2),
      'd/masks/a.png': await pixelPng([
        [0, 255],
        [255, 0],
      ]),
      'd/classes.csv': 'background,0,0,0\nobject,255,255,255\n',
    };
    expect(await mapOf(await open(files))).to.deep.equal([
      [0, 1],
      [1, 0],
    ]);
  });

  it('lie in the input where the picture lies, for every fit and aspect', async () => {
    // A picture whose grey is its mask, so that the same pixels must come out: regions of several pixels, and borders left out.
    for (const [height, width] of [
      [40, 64],
      [64, 40],
      [31, 47],
      [90, 33],
    ] as const) {
      const half = Math.floor(width / 2);
      const third = Math.floor(height / 3);
      const ids = Array.from({ length: height }, (_, y) =>
        Array.from({ length: width }, (_, x) => (x < half ? 1 : 2) + (y < third ? 0 : 2)),
      );
      const picture = await pixelPng(ids.map((row) => row.map((id) => id * 50)));
      const files = { 'd/images/a.png': picture, 'd/masks/a.png': await pixelPng(ids) };
      for (const fit of ['stretch', 'contain', 'cover'] as const) {
        const data = await open(files, { fit, scale: 1 }, ['N', 1, 48, 48]);
        const { inputs, target } = await data.load(0);
        const shown = inputs.x?.data as Float32Array;
        if (target.kind !== 'map') throw new Error(target.kind);
        let compared = 0;
        for (const [pixel, label] of target.labels.entries()) {
          const grey = shown[pixel] as number;
          const around = [-48, -1, 1, 48].map((step) => shown[pixel + step] ?? grey);
          // Between two regions greys are mixed, and libvips enlarges half a pixel aside.
          if (!around.every((it) => it === grey)) continue;
          expect(label, `${fit} ${height}×${width} at ${pixel}`).to.equal(grey === 0 ? UNLABELLED : grey / 50);
          compared++;
        }
        expect(compared, fit).to.be.greaterThan(1500);
      }
    }
  });

  it('are noted if their picture is damaged or not there', async () => {
    const mask = await pixelPng([
      [0, 1],
      [1, 0],
    ]);
    const data = await open({
      'd/images/a.png': await plainPng('#f00', 2),
      'd/images/b.png': 'no picture',
      'd/masks/a.png': mask,
      'd/masks/b.png': mask,
      'd/masks/c.png': mask,
    });
    expect(data.names).to.deep.equal(['images/a.png']);
    expect(data.skipped.map(({ file }) => file)).to.deep.equal(['masks/c.png', 'images/b.png']);
  });

  it('have 16 bits for more classes than a byte holds', async () => {
    const mask = await sharp(Uint16Array.from([0, 300, 256, 1]), { raw: { width: 2, height: 2, channels: 1 } })
      .toColourspace('grey16')
      .png()
      .toBuffer();
    const data = await open({ 'd/images/a.png': await plainPng('#f00', 2), 'd/masks/a.png': mask });
    expect(await mapOf(data)).to.deep.equal([
      [0, 300],
      [256, 1],
    ]);
  });
});

describe('arrays with maps', () => {
  it('are samples by their rows', async () => {
    const x: Value = { type: DataType.FLOAT, dims: [2, 3, 4, 4], data: new Float32Array(96) };
    const target: Value = {
      type: DataType.UINT8,
      dims: [2, 4, 4],
      data: Uint8Array.from({ length: 32 }, (_, i) => (i === 31 ? 255 : i >> 4)),
    };
    const data = await open(
      {
        'd/a.npz': writeNpz(
          new Map([
            ['x', x],
            ['target', target],
          ]),
        ),
      },
      {},
      FOUR,
    );
    expect(data.names).to.deep.equal(['a.npz#0', 'a.npz#1']);
    expect((await mapOf(data, 1)).flat()).to.deep.equal([...Array(15).fill(1), UNLABELLED]);
  });
});

/** Two pixels of 4 bits in a byte, three in a row. */
function packedInFours(ids: readonly number[]): Uint8Array {
  const rows = [0, 3, 6].flatMap((from) => {
    const [a = 0, b = 0, c = 0] = ids.slice(from, from + 3);
    return [(a << 4) | b, c << 4];
  });
  return Uint8Array.from(rows);
}

/** fast-png’s encoder, which takes the rows as they are packed. */
function encodePalette(image: Parameters<typeof encode>[0]): Uint8Array {
  return encode({ ...image, channels: 1 });
}
