import { expect } from 'chai';
import type { Dims } from '../../../fixtures/build.ts';
import type { LabelledOptions } from '../../../src/inputs/labelled/options.ts';
import { plainPng } from '../../support/files.ts';
import { boxesOf, type Files, openFiles, pictureModel } from '../../support/labelled.ts';

function open(files: Files, options: Partial<LabelledOptions> = {}, path = 'd', dims: Dims = ['N', 3, 100, 100]) {
  return openFiles(files, { task: 'detect', ...options }, { path, model: pictureModel(dims) });
}

const YAML = 'train: ../train/images\nval: ../valid/images\nnc: 2\nnames: [cat, "dog, big"]\n';

describe('YOLO’s layout', () => {
  let wide: Buffer;
  before(async () => {
    wide = await plainPng('#f00', 200, 100);
  });

  it('has boxes as shares of the picture; a picture without a label file has none', async () => {
    const data = await open({
      'd/data.yaml': 'names:\n  0: cat\n  1: dog\n',
      'd/images/a.jpg': wide,
      'd/images/b.png': wide,
      'd/images/sub/c.png': wide,
      'd/labels/a.txt': '0 0.5 0.5 0.2 0.4\n1 0.25 0.1 0.1 0.1\n\n',
      'd/labels/sub/c.txt': '1 0.9 0.5 0.4 1.0',
    });
    expect(data.classes).to.deep.equal(['cat', 'dog']);
    expect(await boxesOf(data)).to.deep.equal({
      'images/a.jpg': ['0 40 30 60 70', '1 20 5 30 15'],
      'images/b.png': [],
      // Past the edge, so clipped.
      'images/sub/c.png': ['1 70 0 100 100'],
    });
    // The class that the fewest pictures have, from 1.
    expect(data.strata).to.deep.equal([1, 0, 2]);
  });

  it('matches names whose accents are written as one character or as two, as on macOS', async () => {
    const [one, two] = [`gr${'\u00f6'}\u00dfe`, `gro\u0308\u00dfe`];
    for (const [picture, label] of [
      [one, two],
      [two, one],
    ]) {
      const data = await open({ [`d/images/${picture}.png`]: wide, [`d/labels/${label}.txt`]: '0 0.5 0.5 0.2 0.4' });
      expect(Object.values(await boxesOf(data))).to.deep.equal([['0 40 30 60 70']]);
      expect(data.skipped).to.deep.equal([]);
    }
    const json = { images: [{ id: 1, file_name: `${two}.png` }], categories: [{ id: 1, name: 'dog' }] };
    const annotations = [{ image_id: 1, category_id: 1, bbox: [80, 30, 40, 40] }];
    const files = { [`d/${one}.png`]: wide, 'd/annotations.json': JSON.stringify({ ...json, annotations }) };
    expect(Object.values(await boxesOf(await open(files)))).to.deep.equal([['0 40 30 60 70']]);
  });

  it('takes names of classes from the only YAML file that has some, as Ultralytics calls it after the data set', async () => {
    const files = { 'd/images/a.png': wide, 'd/labels/a.txt': '1 0.5 0.5 0.2 0.4', 'd/params.yaml': 'rate: 1\n' };
    const named = await open({ ...files, 'd/shapes.yaml': 'path: ../shapes\nnames:\n  0: cat\n  1: dog\n' });
    expect(named.classes).to.deep.equal(['cat', 'dog']);
    // Of two nobody knows which.
    const two = await open({ ...files, 'd/shapes.yaml': 'names: [cat, dog]\n', 'd/other.yaml': 'names: [a, b, c]\n' });
    expect(two.classes).to.deep.equal(['0', '1']);
  });

  it('is read as CVAT exports it for Darknet', async () => {
    const data = await open({
      'd/obj.data': 'classes = 2\ntrain = data/train.txt\n',
      'd/obj.names': 'cat\ndog\n',
      'd/train.txt': 'data/obj_train_data/a b.PNG\n',
      'd/obj_train_data/a b.PNG': wide,
      'd/obj_train_data/a b.txt': '1 0.5 0.5 0.2 0.4\n',
    });
    expect(data.classes).to.deep.equal(['cat', 'dog']);
    expect(await boxesOf(data)).to.deep.equal({ 'obj_train_data/a b.PNG': ['1 40 30 60 70'] });
  });

  it('is read with lists of pictures in place of folders, as CVAT exports it', async () => {
    const yaml = 'path: .\nnames:\n  0: cat\n  1: dog\ntrain: train.txt\n';
    const files = {
      'd/train.txt': 'data/images/x/a.png\r\n',
      'd/val.txt': 'data/images/x/b.png\n',
      'd/images/x/a.png': wide,
      'd/images/x/b.png': wide,
      'd/images/x/c.png': wide,
      'd/labels/x/a.txt': '1 0.5 0.5 0.2 0.4\n',
      'd/labels/x/b.txt': '0 0.5 0.5 0.2 0.4\n',
    };
    const whole = await open({ ...files, 'd/data.yaml': yaml });
    expect([whole.count, whole.classes]).to.deep.equal([3, ['cat', 'dog']]);
    const divided = { ...files, 'd/data.yaml': `${yaml}val: val.txt\n` };
    expect((await open(divided, { heldOut: true })).names).to.deep.equal(['images/x/a.png']);
    expect((await open(divided, { heldOut: true, part: 'val' })).names).to.deep.equal(['images/x/b.png']);
  });

  it('matches folders and endings in capital letters', async () => {
    const data = await open({ 'd/Images/a.JPG': wide, 'd/Labels/a.TXT': '0 0.5 0.5 0.2 0.4\n' });
    expect(Object.values(await boxesOf(data))).to.deep.equal([['0 40 30 60 70']]);
    expect(data.skipped).to.deep.equal([]);
  });

  it('is read in the folder that an archive wraps around it', async () => {
    const files = {
      'd/my set/export/data.yaml': YAML,
      'd/my set/export/train/images/a.png': wide,
      'd/my set/export/train/labels/a.txt': '1 0.5 0.5 0.2 0.4',
      'd/my set/export/valid/images/b.png': wide,
      'd/my set/export/valid/labels/b.txt': '0 0.5 0.5 0.2 0.4',
      'd/__MACOSX/my set/._export': 'x',
    };
    const train = await open(files, { heldOut: true });
    expect([train.names, train.classes]).to.deep.equal([['train/images/a.png'], ['cat', 'dog, big']]);
    expect((await open(files, { heldOut: true, part: 'val' })).names).to.deep.equal(['valid/images/b.png']);
  });

  it('draws the box around polygons of COCO that have none', async () => {
    const json = {
      images: [{ id: 1, file_name: 'a.png' }],
      categories: [{ id: 7, name: 'dog' }],
      annotations: [
        {
          image_id: 1,
          category_id: 7,
          segmentation: [
            [80, 40, 120, 30, 100, 70],
            [90, 50, 91, 50, 91, 51],
          ],
        },
      ],
    };
    const data = await open({ 'd/a.png': wide, 'd/annotations.json': JSON.stringify(json) });
    expect(await boxesOf(data)).to.deep.equal({ 'a.png': ['0 40 30 60 70'] });
  });

  it('goes on without boxes of COCO that have no area, and says how many', async () => {
    const own = { image_id: 1, category_id: 7 };
    const json = {
      images: [{ id: 1, file_name: 'a.png' }],
      categories: [{ id: 7, name: 'dog' }],
      annotations: [
        { ...own, bbox: [80, 30, 40, 40] },
        { ...own, bbox: [80, 30, 0, 40] },
        { ...own, bbox: [80, 30, 0, 0] },
      ],
    };
    const data = await open({ 'd/a.png': wide, 'd/annotations.json': JSON.stringify(json) });
    expect(await boxesOf(data)).to.deep.equal({ 'a.png': ['0 40 30 60 70'] });
    const reason = '2 annotations without an area left out, the first is annotations[1]';
    expect(data.skipped).to.deep.equal([{ file: 'annotations.json', reason }]);
  });

  it('puts boxes where the picture lies in the input', async () => {
    const files = {
      'd/images/a.png': wide,
      'd/labels/a.txt': '0 0.5 0.5 0.2 0.4\n0 0.05 0.5 0.1 0.4\n0 0.3 0.9 0.1 0.4',
    };
    // 200×100 becomes 100×50, with 25 rows of padding above.
    const contain = ['0 40 40 60 60', '0 0 40 10 60', '0 25 60 35 75'];
    expect(await boxesOf(await open(files, { fit: 'contain' }))).to.deep.equal({ 'images/a.png': contain });
    // 200×100 stays, and loses 50 columns on either side; the second box is outside.
    const cover = ['0 30 30 70 70', '0 0 70 20 100'];
    expect(await boxesOf(await open(files, { fit: 'cover' }))).to.deep.equal({ 'images/a.png': cover });
    // At its own size.
    const own = ['0 80 30 120 70', '0 0 30 20 70', '0 50 70 70 100'];
    expect(await boxesOf(await open(files, {}, 'd', ['N', 3, 'H', 'W']))).to.deep.equal({ 'images/a.png': own });
  });

  it('is read as Roboflow, Ultralytics and labelling tools write it', async () => {
    const label = '1 0.5 0.5 0.2 0.2';
    for (const files of [
      {
        'd/data.yaml': YAML,
        'd/train/images/a.png': wide,
        'd/train/labels/a.txt': label,
        'd/valid/images/b.png': wide,
        'd/valid/labels/b.txt': label,
      },
      {
        'd/data.yaml': YAML,
        'd/images/train/a.png': wide,
        'd/labels/train/a.txt': label,
        'd/images/val/b.png': wide,
        'd/labels/val/b.txt': label,
      },
      {
        'd/dataset.yaml': `path: /home/me/x\ntrain: one/images\nval: two/images\nnames: ['cat', "dog, big"]`,
        'd/one/images/a.png': wide,
        'd/one/labels/a.txt': label,
        'd/two/images/b.png': wide,
        'd/two/labels/b.txt': label,
      },
      { 'd/a.png': wide, 'd/a.txt': label, 'd/classes.txt': 'cat\ndog, big\n' },
      { 'd/data.yaml': YAML, 'd/train/images/a.png': wide, 'd/train/labels/a.txt': label },
    ] as Files[]) {
      const train = await open(files);
      expect(train.classes).to.deep.equal(['cat', 'dog, big']);
      expect(
        Object.entries(await boxesOf(train)).map(([name, boxes]) => [name.replace(/^.*\//, ''), boxes]),
      ).to.deep.equal([['a.png', ['1 40 40 60 60']]]);
      if (Object.keys(files).some((name) => name.includes('b.png'))) {
        const val = await open(files, { part: 'val' });
        expect(val.names.map((name) => name.replace(/^.*\//, ''))).to.deep.equal(['b.png']);
        expect(val.skipped).to.deep.equal([]);
      }
    }
  });

  it('takes the labels of a picture from its own part, if another part has pictures of the same names', async () => {
    const [mine, other, third] = ['0 0.5 0.5 0.2 0.2', '1 0.25 0.25 0.1 0.1', '1 0.75 0.75 0.1 0.1'];
    const folders = (part: string) => [`d/images/${part}`, `d/labels/${part}`] as const;
    const apart = (part: string) => [`d/${part}/images`, `d/${part}/labels`] as const;
    for (const of of [folders, apart]) {
      const [[images, labels], [valImages, valLabels]] = [of('train'), of('val')];
      const files = {
        'd/data.yaml': 'names: [cat, dog]\n',
        [`${images}/a.png`]: wide,
        [`${labels}/a.txt`]: mine,
        // Without objects here, with one there.
        [`${images}/b.png`]: wide,
        [`${labels}/lost.txt`]: mine,
        [`${valImages}/a.png`]: wide,
        [`${valLabels}/a.txt`]: other,
        [`${valImages}/b.png`]: wide,
        [`${valLabels}/b.txt`]: third,
        [`${valImages}/lost.png`]: wide,
      };
      const [train, val] = [await open(files), await open(files, { part: 'val' })];
      expect(Object.values(await boxesOf(train))).to.deep.equal([['0 40 40 60 60'], []]);
      expect(Object.values(await boxesOf(val))).to.deep.equal([['1 20 20 30 30'], ['1 70 70 80 80'], []]);
      expect(train.skipped.map(({ reason }) => reason)).to.deep.equal(['its picture is not there']);
      expect(val.skipped).to.deep.equal([]);
    }
  });

  it('may be given by its data.yaml, whatever it is called', async () => {
    const files = {
      'd/pets.yaml': 'names: [cat, dog]\ntrain: images\nval: images',
      'd/images/a.png': wide,
      'd/labels/a.txt': '1 0.5 0.5 0.2 0.2',
    };
    const data = await open(files, {}, 'd/pets.yaml');
    expect(data.classes).to.deep.equal(['cat', 'dog']);
    expect(await boxesOf(data)).to.deep.equal({ 'images/a.png': ['1 40 40 60 60'] });
  });

  it('takes a polygon for the box around it', async () => {
    const data = await open({ 'd/images/a.png': wide, 'd/labels/a.txt': '0 0.1 0.2 0.3 0.1 0.2 0.6' });
    expect(await boxesOf(data)).to.deep.equal({ 'images/a.png': ['0 10 10 30 60'] });
  });

  it('matches names of classes with those that are given, and numbers with the model', async () => {
    const files = { 'd/images/a.png': wide, 'd/labels/a.txt': '1 0.5 0.5 0.2 0.2' };
    const named = { ...files, 'd/data.yaml': 'names: [cat, dog]' };
    expect(await boxesOf(await open(named, { classes: ['dog', 'bird', 'cat'] }))).to.deep.equal({
      'images/a.png': ['0 40 40 60 60'],
    });
    const numbered = await open(files, { headClasses: 80 });
    expect(numbered.classes).to.have.length(80);
    expect(await boxesOf(numbered)).to.deep.equal({ 'images/a.png': ['1 40 40 60 60'] });
  });

  it('notes labels whose picture is not there, and leaves damaged pictures out', async () => {
    const label = '0 0.5 0.5 0.2 0.2';
    const data = await open({
      'd/images/a.png': wide,
      'd/images/b.png': wide.subarray(0, 60),
      'd/labels/a.txt': label,
      'd/labels/b.txt': label,
      'd/labels/c.txt': label,
    });
    expect(data.names).to.deep.equal(['images/a.png']);
    expect(data.skipped.map(({ file }) => file)).to.deep.equal(['labels/c.txt', 'images/b.png']);
  });
});

describe('COCO’s annotations', () => {
  const coco = {
    images: [
      { id: 7, file_name: 'a.png', width: 200, height: 100 },
      { id: 9, file_name: 'b.png', width: 200, height: 100 },
    ],
    categories: [
      { id: 0, name: 'animals', supercategory: 'none' },
      { id: 90, name: 'dog', supercategory: 'animals' },
      { id: 3, name: 'cat', supercategory: 'animals' },
    ],
    annotations: [
      { id: 1, image_id: 7, category_id: 90, bbox: [80, 30, 40, 40], iscrowd: 0 },
      { id: 2, image_id: 7, category_id: 3, bbox: [190, -10, 20, 30] },
      { id: 3, image_id: 7, category_id: 3, bbox: [0, 0, 200, 100], iscrowd: 1 },
    ],
  };
  const expected = { a: ['1 40 30 60 70', '0 95 0 100 20'], b: [] };

  it('have boxes in pixels, sparse ids, crowds and an empty parent, wherever the file and the pictures are', async () => {
    const wide = await plainPng('#f00', 200, 100);
    const text = JSON.stringify(coco);
    for (const files of [
      { 'd/annotations.json': text, 'd/images/a.png': wide, 'd/images/b.png': wide },
      { 'd/_annotations.coco.json': text, 'd/a.png': wide, 'd/b.png': wide },
      { 'd/result.json': text, 'd/images/a.png': wide, 'd/images/b.png': wide },
      {
        'd/train/_annotations.coco.json': text,
        'd/train/a.png': wide,
        'd/train/b.png': wide,
        'd/valid/_annotations.coco.json': text,
        'd/valid/c.png': wide,
      },
      {
        'd/annotations/instances_train2017.json': text,
        'd/train2017/a.png': wide,
        'd/train2017/b.png': wide,
        'd/annotations/instances_val2017.json': '{}',
        'd/val2017/c.png': wide,
      },
      {
        'd/annotations/instances_train.json': text,
        'd/annotations/instances_val.json': '{}',
        'd/images/a.png': wide,
        'd/images/b.png': wide,
        'd/images/c.png': wide,
      },
    ] as Files[]) {
      const data = await open(files);
      expect(data.classes).to.deep.equal(['cat', 'dog']);
      const found = await boxesOf(data);
      const targets = await Promise.all([0, 1].map(async (sample) => (await data.load(sample)).target));
      const regions = targets.map((target) => (target.kind === 'boxes' ? target.leftOut : undefined));
      // In the input of 100 × 100, where the picture is 200 × 100.
      const crowd = { label: 0, left: 0, top: 0, right: 100, bottom: 100, isCrowd: true };
      expect(regions.filter((it) => it !== undefined)).to.deep.equal([[crowd]]);
      const byStem = Object.fromEntries(
        Object.entries(found).map(([name, boxes]) => [name.replace(/^.*\/|\.png$/g, '').replace(/\.png$/, ''), boxes]),
      );
      expect(byStem, Object.keys(files).join()).to.deep.equal(expected);
    }
  });

  it('may be given itself, and follow the order of the classes', async () => {
    const wide = await plainPng('#f00', 200, 100);
    const files = { 'd/export.json': JSON.stringify(coco), 'd/a.png': wide, 'd/b.png': wide };
    const data = await open(files, { classes: ['dog', 'cat'] }, 'd/export.json');
    expect(await boxesOf(data)).to.deep.equal({ 'a.png': ['0 40 30 60 70', '1 95 0 100 20'], 'b.png': [] });
  });
});
