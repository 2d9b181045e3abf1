import { expect } from 'chai';
import { taskOf } from '../../../src/inputs/labelled/task.ts';
import { rejection } from '../../support/errors.ts';

/** Names of files are all that is looked at, but for the YAML that says where parts are. */
const found = (files: readonly string[], path = 'data') =>
  taskOf(path, {
    list: () => files.map((file) => `data/${file}`),
    read: () => new TextEncoder().encode('train: images/train\nval: images/val\nnames: [a, b]\n'),
  });

describe('the task that samples are laid out for', () => {
  it('is classes where pictures have a folder for each', async () => {
    expect(await found(['cat/1.png', 'dog/2.jpg'])).to.equal('classify');
    expect(await found(['train/cat/1.png', 'train/dog/2.jpg', 'val/cat/3.png', 'val/dog/4.png'])).to.equal('classify');
    expect(await found(['README.md', 'train/cat/1.png', 'train/dog/2.jpg'])).to.equal('classify');
  });

  it('is masks where there are masks, named in a table or not', async () => {
    expect(await found(['images/1.png', 'masks/1.png'])).to.equal('segment');
    expect(await found(['images/1.png', 'masks/1.png', 'classes.csv'])).to.equal('segment');
  });

  it('is numbers where there are targets beside pictures', async () => {
    expect(await found(['images/1.png', 'targets/1.npy'])).to.equal('regress');
    expect(await found(['inputs/train/1.png', 'target/train/1.png'])).to.equal('regress');
    expect(await found(['images/1.png', 'masks/1.png', 'targets/1.npy'])).to.equal('segment');
  });

  it('is boxes where there are label files or an index of COCO', async () => {
    expect(await found(['images/1.png', 'labels/1.txt'])).to.equal('detect');
    expect(await found(['images/train/1.png', 'labels/train/1.txt', 'images/val/2.png', 'data.yaml'])).to.equal(
      'detect',
    );
    expect(await found(['train/images/1.png', 'train/labels/1.txt'])).to.equal('detect');
    expect(await found(['1.png', 'annotations.json'])).to.equal('detect');
    expect(await found(['1.png', 'annotations.json'], 'data/annotations.json')).to.equal('detect');
  });

  it('is boxes in exports of CVAT for Darknet, and masks in those of its segmentation', async () => {
    expect(await found(['obj.names', 'train.txt', 'obj_train_data/1.png', 'obj_train_data/1.txt'])).to.equal('detect');
    // Captions beside pictures are no boxes.
    expect(await found(['cat/1.png', 'cat/1.txt', 'dog/2.png', 'dog/2.txt'])).to.equal('classify');
    const masks = ['labelmap.txt', 'ImageSets/Segmentation/default.txt', 'JPEGImages/1.jpg', 'SegmentationClass/1.png'];
    expect(await found(masks)).to.equal('segment');
  });

  it('is what a table holds: words and columns of classes are classes, fractions are values', async () => {
    const table = (text: string, path = 'data') =>
      taskOf(path, {
        list: () => ['labels.csv', '1.png', 'sub/2.png'].map((file) => `data/${file}`),
        read: () => new TextEncoder().encode(text),
      });
    expect(await table('file,label\n1.png,Food & Drink\nsub/2.png,"Cats, dogs"\n')).to.equal('classify');
    expect(await table('1.png,cat\nsub/2.png,2\n'), 'without a header').to.equal('classify');
    expect(await table('file,cat,dog\n1.png,1,0\nsub/2.png,0,1\n'), 'a column each').to.equal('classify');
    expect(await table('file,class,xmin,ymin,xmax,ymax\n1.png,cat,1,1,9,9\n'), 'boxes').to.equal('detect');
    expect(await table('file,width,label\n1.png,0.5,cat\n'), 'beside other columns').to.equal('classify');
    expect(await table('id;class\n1.png;0\nsub/2.png;1\n'), 'numbers of classes').to.equal('classify');
    expect(await table('file,age\n1.png,31.5\nsub/2.png,40\n')).to.equal('regress');
    expect(await table('file,age,pose[0]\n1.png,31,-0.5\n', 'data/labels.csv')).to.equal('regress');
    expect(await table('file,label\n1.png,0\nsub/2.png,1\n'), 'classes or counts').to.equal(undefined);
    expect(await table('file,note,age\n1.png,good,31.5\n'), 'words that are not labels').to.equal(undefined);
    expect(await table('file;age\n1.png;31,5\nsub/2.png;40\n'), 'decimal commas').to.equal('regress');
    expect(await table('file;labels\n1.png;0,2\nsub/2.png;1\n'), 'lists of classes').to.equal('classify');
    const wrong = await rejection(table('file,label\n3.png,cat\n'));
    expect(wrong).to.include({ code: 'invalid-data', file: 'data/labels.csv:2' });
  });

  it('is what a model can answer, where a table has whole numbers', async () => {
    const told = (text: string, answers: number | undefined) =>
      taskOf(
        'data',
        {
          list: () => ['data/labels.csv', 'data/1.png', 'data/2.png'],
          read: () => new TextEncoder().encode(text),
        },
        answers,
      );
    const [classes, ages, two] = [
      'file,label\n1.png,0\n2.png,1\n',
      '1.png,31\n2.png,40\n',
      'file,a,b\n1.png,3,4\n2.png,5,6\n',
    ];
    expect(await told(classes, 3), 'one of three').to.equal('classify');
    expect(await told(ages, 3), 'one of three, out of range').to.equal('classify');
    expect(await told(ages, 1), 'a number').to.equal('regress');
    expect(await told(classes, 1), 'how likely the second is, or a number').to.equal(undefined);
    expect(await told(two, 2), 'a number for each column').to.equal('regress');
    expect(await told(two, 3), 'more numbers than columns').to.equal(undefined);
    const noted = 'file,x,y,by\n1.png,3,4,me\n2.png,5,6,you\n';
    expect(await told(noted, 2), 'a number for each column, and remarks').to.equal('regress');
    expect(await told(noted, 1)).to.equal(undefined);
    expect(await told(noted.replace('by', 'label'), 2), 'words that are labels').to.equal('classify');
    expect(await told(ages, undefined), 'nobody knows').to.equal(undefined);
  });

  it('is not boxes because of some other JSON', async () => {
    expect(await found(['cat/1.png', 'dog/2.jpg', 'package.json', 'meta/info.json'])).to.equal('classify');
    expect(await found(['1.png', 'info.json'])).to.equal(undefined);
    expect(await found(['train/_annotations.coco.json', 'train/1.png', 'valid/2.png'])).to.equal('detect');
  });

  it('stays open where files suit more than one task', async () => {
    expect(await found(['1.png', '2.png']), 'pictures without labels').to.equal(undefined);
    expect(await found(['only/1.png', 'only/2.png']), 'one folder').to.equal(undefined);
    expect(await found(['train.npz']), 'arrays').to.equal(undefined);
  });

  it('says of a folder without files that it is empty', async () => {
    expect((await rejection(found([]))).message).to.equal('it is empty');
  });
});
