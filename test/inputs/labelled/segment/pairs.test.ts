import { expect } from 'chai';
import { encode } from 'fast-png';
import type { LabelledOptions } from '../../../../src/inputs/labelled/options.ts';
import { hasMasks } from '../../../../src/inputs/labelled/segment/pairs.ts';
import { taskOf } from '../../../../src/inputs/labelled/task.ts';
import { rejection } from '../../../support/errors.ts';
import { MemoryFiles, plainPng } from '../../../support/files.ts';
import { type Files, openFiles, targetsOf } from '../../../support/labelled.ts';

const RED = await plainPng('#f00', 2);
const mask = (...ids: readonly number[]) =>
  encode({ width: 2, height: 2, channels: 1, depth: 8, data: Uint8Array.from(ids) });
const MASK = mask(0, 1, 1, 255);

async function maps(files: Files, options: Partial<LabelledOptions> = {}) {
  const targets = Object.entries(await targetsOf(await openFiles(files, { task: 'segment', ...options })));
  return Object.fromEntries(
    targets.map(([name, it]) => [name, it.kind === 'map' ? [...it.labels].join(' ') : it.kind]),
  );
}

describe('pictures and their masks', () => {
  it('are found as data sets lay them out, and told from others', async () => {
    for (const [picture, file] of [
      ['images/a.jpg', 'masks/a.png'],
      ['images/a.jpg', 'annotations/a.png'],
      ['Images/a.jpg', 'Labels/a.PNG'],
      ['img_dir/a.jpg', 'ann_dir/a.png'],
      ['JPEGImages/a.jpg', 'SegmentationClass/a.png'],
      ['leftImg8bit/ulm/a_1_leftImg8bit.png', 'gtFine/ulm/a_1_gtFine_labelIds.png'],
      ['701_StillsRaw_full/a.png', 'LabeledApproved_full/a_L.png'],
      ['images/a.jpg', 'annotations/trimaps/a.png'],
      ['images/a.jpg', 'labels/a_P.png'],
      ['imgs/a.jpg', 'mask/a.png'],
    ] as const) {
      const files = { [`d/${picture}`]: RED, [`d/${file}`]: MASK };
      expect(await maps(files), file).to.deep.equal({ [picture]: '0 1 1 -1' });
      expect(await taskOf('d', new MemoryFiles(files)), file).to.equal('segment');
    }
  });

  it('have parts above and below their folders', async () => {
    for (const names of [
      [
        'images/training/a.jpg',
        'annotations/training/a.png',
        'images/validation/b.jpg',
        'annotations/validation/b.png',
      ],
      [
        'leftImg8bit/train/x/a_leftImg8bit.png',
        'gtFine/train/x/a_gtFine_labelTrainIds.png',
        'leftImg8bit/val/x/b_leftImg8bit.png',
        'gtFine/val/x/b_gtFine_labelTrainIds.png',
      ],
      ['img_dir/train/a.png', 'ann_dir/train/a.png', 'img_dir/val/b.png', 'ann_dir/val/b.png'],
      ['train/images/a.jpg', 'train/labels/a.png', 'val/images/b.jpg', 'val/labels/b.png'],
      ['train/a.png', 'train_labels/a_L.png', 'val/b.png', 'val_labels/b_L.png'],
      ['CamVid/train/a.png', 'CamVid/trainannot/a.png', 'CamVid/val/b.png', 'CamVid/valannot/b.png'],
      ['train_images/a.jpg', 'train_masks/a.png', 'valid_images/b.jpg', 'valid_masks/b.png'],
    ]) {
      const files = Object.fromEntries(names.map((name, at) => [`d/${name}`, at % 2 === 0 ? RED : MASK]));
      const dict = names[0]?.startsWith('CamVid/') ? 'd/CamVid/class_dict.csv' : 'd/class_dict.csv';
      const named = (at: number) => [names[at]?.replace('CamVid/', '')];
      expect(Object.keys(await maps(files)), names[0]).to.deep.equal(named(0));
      expect(Object.keys(await maps(files, { part: 'val' })), names[0]).to.deep.equal(named(2));
      expect(await taskOf('d', new MemoryFiles({ ...files, [dict]: 'a,0,0,0' }))).to.equal('segment');
    }
  });

  it('are those of training among the several of Cityscapes, and the others are not missed', async () => {
    const of = (kind: string) => `d/gtFine/ulm/a_gtFine_${kind}.png`;
    const data = await openFiles(
      {
        'd/leftImg8bit/ulm/a_leftImg8bit.png': RED,
        [of('labelTrainIds')]: MASK,
        [of('labelIds')]: mask(7, 7, 26, 26),
        [of('color')]: RED,
        [of('instanceIds')]: RED,
        'd/gtFine/ulm/a_gtFine_polygons.json': '{}',
      },
      { task: 'segment' },
    );
    expect(await targetsOf(data))
      .to.have.nested.property('leftImg8bit/ulm/a_leftImg8bit\\.png.labels')
      .deep.equal(Int16Array.of(0, 1, 1, -1));
    expect(data.skipped).to.deep.equal([]);
  });

  it('are not text files in labels/ or XML files in annotations/', async () => {
    const at = (...names: readonly string[]) => ({ files: names.map((name) => ({ path: name, name, inner: name })) });
    expect(hasMasks(at('images/a.jpg', 'labels/a.txt') as never)).to.equal(false);
    expect(hasMasks(at('images/a.jpg', 'annotations/a.xml') as never)).to.equal(false);
    expect(hasMasks(at('labels/a.png') as never)).to.equal(false);
    expect(await taskOf('d', new MemoryFiles({ 'd/images/a.jpg': RED, 'd/labels/a.txt': '' }))).to.equal('detect');
  });

  it('beside boxes leave it to be said which is meant', async () => {
    const error = await rejection(
      taskOf(
        'd',
        new MemoryFiles({ 'd/JPEGImages/a.jpg': RED, 'd/SegmentationClass/a.png': MASK, 'd/Annotations/a.xml': '' }),
      ),
    );
    expect(error).to.include({ code: 'invalid-data', message: 'it has boxes and masks', file: 'd' });
    expect(error.next).to.deep.equal({ set: { task: 'segment' } });
  });

  it('are missed by the names of their folders', async () => {
    const message = async (files: Files) => (await rejection(openFiles(files, { task: 'segment' }))).message;
    expect(await message({ 'd/images/a.jpg': RED })).to.equal('it has 1 picture in images/ and no masks in masks/');
    expect(await message({ 'd/img_dir/a.jpg': RED, 'd/img_dir/b.jpg': RED, 'd/ann_dir/a.png': MASK })).to.equal(
      'the picture has no mask b.png in ann_dir/',
    );
  });

  it('have endings that all masks share', async () => {
    const files = { 'd/images/a.jpg': RED, 'd/images/a_1.jpg': RED, 'd/images/b.jpg': RED };
    const masks = { 'd/masks/a_L.png': MASK, 'd/masks/a_1_L.png': mask(1, 1, 1, 1), 'd/masks/b_L.png': MASK };
    expect(await maps({ ...files, ...masks })).to.deep.equal({
      'images/a.jpg': '0 1 1 -1',
      'images/a_1.jpg': '1 1 1 1',
      'images/b.jpg': '0 1 1 -1',
    });
    const { 'd/masks/b_L.png': _, ...some } = masks;
    const error = await rejection(maps({ ...files, ...some, 'd/masks/b_R.png': MASK }));
    expect(error.message).to.equal('the picture has no mask a.png in masks/');
  });

  it('are no two classes', async () => {
    const files = { 'd/images/a.jpg': RED, 'd/images/b.jpg': RED, 'd/masks/a.png': MASK, 'd/masks/b.png': MASK };
    const error = await rejection(openFiles(files, { task: 'classify' }));
    expect(error.message).to.equal('no labels were found for the 2 pictures in images/');
  });
});
