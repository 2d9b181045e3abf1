import { expect } from 'chai';
import { encode } from 'fast-png';
import type { LabelledOptions } from '../../../../src/inputs/labelled/options.ts';
import { UNLABELLED } from '../../../../src/inputs/labelled/types.ts';
import { rejection } from '../../../support/errors.ts';
import { pixelPng, plainPng } from '../../../support/files.ts';
import { type Files, openFiles } from '../../../support/labelled.ts';

const RED = await plainPng('#f00', 2);
const IDS = await pixelPng([
  [0, 1],
  [1, 0],
]);
const COLOURS = await pixelPng([
  [
    [1, 1, 1],
    [2, 0, 0],
  ],
  [
    [3, 0, 0],
    [1, 1, 1],
  ],
]);

const open = (files: Files, options: Partial<LabelledOptions> = {}) =>
  openFiles(files, { task: 'segment', ...options });

/** The labels of each sample, pixel by pixel, by its name. */
async function maps(files: Files, options: Partial<LabelledOptions> = {}): Promise<Record<string, string>> {
  const data = await open(files, options);
  const found: Record<string, string> = {};
  for (let sample = 0; sample < data.count; sample++) {
    const { target } = await data.load(sample);
    found[data.names[sample] ?? ''] = target.kind === 'map' ? target.labels.join(' ') : target.kind;
  }
  return found;
}

describe('pictures and their masks in folders', () => {
  it('are matched in folders below, by names with dots, spaces and accents, in any letters of folders and endings', async () => {
    const found = await maps({
      'd/Images/sub/a.v1.JPG': RED,
      'd/MASKS/sub/a.v1.PNG': IDS,
      'd/Images/u\u0308ber den Wolken.png': RED,
      'd/MASKS/\u00FCber den Wolken_mask.png': IDS,
    });
    expect(found).to.deep.equal({ 'Images/sub/a.v1.JPG': '0 1 1 0', 'Images/\u00FCber den Wolken.png': '0 1 1 0' });
  });

  it('keep apart what tools write beside masks: the PNG is the mask', async () => {
    const files = { 'd/images/a.jpg': RED, 'd/masks/a.png': IDS };
    for (const other of ['a.json', 'a.txt', 'a.xml', 'a.jpg', 'a.tif']) {
      expect(await maps({ ...files, [`d/masks/${other}`]: 'other' }), other).to.deep.equal({
        'images/a.jpg': '0 1 1 0',
      });
    }
    const error = await rejection(open({ 'd/images/a.jpg': RED, 'd/masks/a.jpg': 'other' }));
    expect(error.file).to.equal('d/masks/a.jpg');
    expect(error.message).to.match(/^the mask is not a PNG that can be read/);
  });

  it('are black and white if they hold nothing but 0 and 255', async () => {
    const black = await pixelPng([
      [0, 0],
      [0, 0],
    ]);
    const drawn = await pixelPng([
      [0, 255],
      [255, 255],
    ]);
    const files = { 'd/images/a.png': RED, 'd/images/b.png': RED, 'd/masks/a.png': black, 'd/masks/b.png': drawn };
    expect(await maps(files)).to.deep.equal({ 'images/a.png': '0 0 0 0', 'images/b.png': '0 1 1 1' });
    expect(await open(files)).to.deep.include({ classes: ['background', 'object'], isWhiteClass: true });
    expect((await open(files, { classes: ['sea', 'ship'] })).classes).to.deep.equal(['sea', 'ship']);
    const wide = encode({ width: 2, height: 2, channels: 1, depth: 16, data: Uint16Array.of(0, 65_535, 0, 0) });
    expect(await maps({ 'd/images/a.png': RED, 'd/masks/a.png': wide })).to.deep.equal({ 'images/a.png': '0 1 0 0' });
  });

  it('leave out 255 if they hold anything else, or are only measured on', async () => {
    const one = await pixelPng([
      [0, 1],
      [255, 0],
    ]);
    const none = await pixelPng([
      [0, 255],
      [255, 255],
    ]);
    const files = { 'd/images/a.png': RED, 'd/images/b.png': RED, 'd/masks/a.png': none, 'd/masks/b.png': one };
    expect(await maps(files)).to.deep.equal({ 'images/a.png': '0 -1 -1 -1', 'images/b.png': '0 1 -1 0' });
    expect((await open(files)).isWhiteClass).to.equal(false);
    const held = { 'd/images/a.png': RED, 'd/masks/a.png': none };
    const two = { heldOut: true, classes: ['0', '1'] };
    expect(await maps(held, two)).to.deep.equal({ 'images/a.png': '0 -1 -1 -1' });
    expect(await maps(held, { ...two, isWhiteClass: true })).to.deep.equal({ 'images/a.png': '0 1 1 1' });
  });

  it('refuse two pictures of one name: only one was drawn on', async () => {
    const error = await rejection(open({ 'd/images/a.jpg': RED, 'd/images/a.png': RED, 'd/masks/a.png': IDS }));
    expect(error).to.include({ code: 'invalid-data', file: 'd/images/a.png' });
    expect(error.message).to.equal('its name is that of images/a.jpg, and a mask is that of one picture');
    const found = await maps({
      'd/train/images/a.jpg': RED,
      'd/train/masks/a.png': IDS,
      'd/val/images/a.png': RED,
      'd/val/masks/a.png': IDS,
    });
    expect(found, 'another part may have the name').to.deep.equal({ 'train/images/a.jpg': '0 1 1 0' });
  });

  it('have the numbers of classes or colours, whatever the pictures of the others', async () => {
    const files = {
      'd/images/a.png': RED,
      'd/images/b.png': RED,
      'd/masks/a.png': await plainPng('#010101', 2),
      'd/masks/b.png': COLOURS,
      'd/classes.csv': 'car,3,0,0\nroad,1,1,1\nsky,2,0,0\n',
    };
    expect(await maps(files), 'grey that is a colour').to.deep.equal({
      'images/a.png': '1 1 1 1',
      'images/b.png': '1 2 0 1',
    });
  });
});

describe('classes that a file of masks names', () => {
  const files = {
    'd/images/a.png': RED,
    'd/masks/a.png': COLOURS,
    'd/classes.csv': 'car,3,0,0\nroad,1,1,1\nsky,2,0,0\n',
  };

  it('are refused if some are among --classes, and a pixel is of another: it would be learned as a class that it is not', async () => {
    const error = await rejection(open(files, { classes: ['sky', 'road'] }));
    expect(error).to.include({ code: 'invalid-data', file: 'd/masks/a.png' });
    expect(error.message).to.equal('"car" is not one of the classes (sky, road)');
    expect(error.remedy).to.equal('Correct the label, or add the class: --classes sky,road,car');
  });

  it('may be more than --classes if no pixel is of them', async () => {
    const drawn = {
      ...files,
      'd/masks/a.png': await pixelPng([
        [
          [1, 1, 1],
          [2, 0, 0],
        ],
        [
          [2, 0, 0],
          [1, 1, 1],
        ],
      ]),
    };
    expect(await maps(drawn, { classes: ['sky', 'road'] })).to.deep.equal({ 'images/a.png': '1 0 0 1' });
    expect(await maps(drawn, { classes: ['tree', 'sky', 'road'] })).to.deep.equal({ 'images/a.png': '2 1 1 2' });
  });

  it('are learned in the place of other names', async () => {
    expect(await maps(files, { classes: ['Auto', 'Weg', 'Himmel'] })).to.deep.equal({ 'images/a.png': '1 2 0 1' });
  });
});

describe('masks of 16 bits', () => {
  const grey = (numbers: readonly number[]) =>
    encode({ width: 2, height: 2, channels: 1, depth: 16, data: Uint16Array.from(numbers) });

  it('leave out white, as those of 8 bits do', async () => {
    const files = { 'd/images/a.png': RED, 'd/masks/a.png': grey([0, 1, 65_535, 255]) };
    expect(await maps(files)).to.deep.equal({ 'images/a.png': `0 1 ${UNLABELLED} ${UNLABELLED}` });
  });

  it('say which number is no class', async () => {
    for (const number of [32_768, 40_000, 65_534]) {
      const error = await rejection(open({ 'd/images/a.png': RED, 'd/masks/a.png': grey([0, 1, number, 1]) }));
      expect(error.file).to.equal('d/masks/a.png');
      expect(error.message).to.equal(`the mask has class ${number}, and classes go up to 32767`);
    }
    const error = await rejection(
      open({ 'd/images/a.png': RED, 'd/masks/a.png': grey([0, 1, 32_767, 1]) }, { headClasses: 2 }),
    );
    expect(error.message).to.equal('class 32767 is out of range: there are 2 classes, 0 to 1');
  });
});
