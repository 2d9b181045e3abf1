import { expect } from 'chai';
import { taskOf } from '../../../src/inputs/labelled/task.ts';

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
  });

  it('is masks where there are masks, named in a table or not', async () => {
    expect(await found(['images/1.png', 'masks/1.png'])).to.equal('segment');
    expect(await found(['images/1.png', 'masks/1.png', 'classes.csv'])).to.equal('segment');
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

  it('stays open where files suit more than one task', async () => {
    expect(await found(['1.png', '2.png']), 'pictures without labels').to.equal(undefined);
    expect(await found(['only/1.png', 'only/2.png']), 'one folder').to.equal(undefined);
    expect(await found(['labels.csv', 'a/1.png', 'b/2.png']), 'a table').to.equal(undefined);
    expect(await found(['labels.csv', '1.png'], 'data/labels.csv'), 'a table that is named').to.equal(undefined);
    expect(await found(['train.npz']), 'arrays').to.equal(undefined);
    expect(await found([])).to.equal(undefined);
  });
});
