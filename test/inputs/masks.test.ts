import { expect } from 'chai';
import { masksAmong } from '../../src/inputs/masks.ts';
import { openData } from '../../src/inputs/open.ts';
import { MemoryFiles, plainPng } from '../support/files.ts';
import { pictureModel } from '../support/labelled.ts';

const found = (...names: readonly string[]) =>
  [...masksAmong(names.map((name) => `data/set/${name}`))].map((it) => it.slice(9));

describe('masks among pictures', () => {
  it('are those in folders beside the ones of pictures, as data sets lay them out', () => {
    for (const [picture, mask] of [
      ['images/a.jpg', 'masks/a.png'],
      ['images/train/a.jpg', 'masks/train/a.png'],
      ['train/images/a.jpg', 'train/masks/sub/a.png'],
      ['JPEGImages/a.jpg', 'SegmentationClass/a.png'],
      ['VOC2012/JPEGImages/a.jpg', 'VOC2012/SegmentationObject/a.png'],
      ['leftImg8bit/train/ulm/a.png', 'gtFine/train/ulm/a.png'],
      ['img_dir/a.png', 'ann_dir/a.png'],
      ['images/training/a.jpg', 'annotations/training/a.png'],
      ['images\\a.jpg', 'Labels\\a.png'],
      ['train/a.png', 'train_labels/a_L.png'],
      ['CamVid/val/a.png', 'CamVid/valannot/a.png'],
      ['train_images/a.jpg', 'Train_Masks/a.png'],
    ] as const)
      expect(found(picture, mask, 'README.md'), mask).to.deep.equal([mask]);
  });

  it('are none where such folders are classes, or nothing else was given', () => {
    expect(found('masks/a.png', 'no_masks/b.png')).to.deep.equal([]);
    expect(found('masks/a.png', 'masks/b.png')).to.deep.equal([]);
    expect(found('images/a.png', 'x/masks/b.png')).to.deep.equal([]);
    expect(found('images/masks/a.png', 'images/b.png')).to.deep.equal([]);
    expect(found('images/a.png', 'labels/a.txt', 'masks.png')).to.deep.equal([]);
    expect(found('train/a.png', 'val_masks/b.png', 'train_x/c.png')).to.deep.equal([]);
    expect(found()).to.deep.equal([]);
  });

  it('are no inputs to calibrate on, and that is said', async () => {
    const red = await plainPng('#f00');
    const blue = await plainPng('#00f');
    const reader = new MemoryFiles({ 'd/images/a.png': red, 'd/masks/a.png': blue, 'd/masks/a.txt': '' });
    const { names, skipped } = await openData('d', pictureModel(), { samples: 8, seed: 0 }, reader);
    expect(names).to.deep.equal(['images/a.png']);
    expect(skipped).to.deep.equal([{ file: 'd/masks/a.png', reason: 'a mask, not an input' }]);
    const alone = await openData('d/masks', pictureModel(), { samples: 8, seed: 0 }, reader);
    expect(alone.names).to.deep.equal(['a.png']);
  });
});
