import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { expect } from 'chai';
import { listFiles, readWhole } from '../../../src/cli/disk/index.ts';
import { naturalSort, openFolder } from '../../../src/inputs/labelled/folder.ts';
import { openLabelled } from '../../../src/inputs/labelled/open.ts';
import type { Reader } from '../../../src/inputs/reader.ts';
import { plainPng } from '../../support/files.ts';
import { pictureModel } from '../../support/labelled.ts';
import { useScratch } from '../../support/scratch.ts';

const DISK: Reader = { list: listFiles, read: readWhole };

describe('a data set on disk', () => {
  const scratch = useScratch();

  function write(files: Readonly<Record<string, Uint8Array | string>>): void {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(scratch().path(name)), { recursive: true });
      writeFileSync(scratch().path(name), content);
    }
  }

  it('has the same names however its folder is spelled', async () => {
    const red = await plainPng('#f00');
    write({ 'd/cat/1.png': red, 'd/dog/1.png': red, 'd/.hidden/1.png': red, 'd/__MACOSX/cat/1.png': red });
    const root = scratch().path('d');
    const near = relative('.', root);
    for (const path of [root, `${root}/`, `${scratch().folder}/d/../d`, near, `./${near}`, `${near}//`]) {
      const data = await openLabelled(path, pictureModel(), { task: 'classify' }, DISK);
      expect(data.names, path).to.deep.equal(['cat/1.png', 'dog/1.png']);
      expect(data.classes).to.deep.equal(['cat', 'dog']);
      expect((await data.load(1)).target).to.deep.equal({ kind: 'class', label: 1 });
    }
  });

  it('may be given by its table', async () => {
    const red = await plainPng('#f00');
    write({ 'd/d.csv': '1.png,a\nsub/2.png,b\n', 'd/1.png': red, 'd/sub/2.png': red, 'd/other.csv': 'x' });
    const data = await openLabelled(scratch().path('d', 'd.csv'), pictureModel(), { task: 'classify' }, DISK);
    expect(data.names).to.deep.equal(['1.png', 'sub/2.png']);
  });
});

describe('openFolder', () => {
  /** Names only: nothing is read but data.yaml. */
  function reader(names: readonly string[], yaml = ''): Reader {
    return { list: () => [...names].sort(), read: () => new TextEncoder().encode(yaml) };
  }

  async function parts(names: readonly string[], path = 'd', yaml?: string) {
    const train = await openFolder(path, reader(names, yaml));
    const val = await openFolder(path, reader(names, yaml), 'val');
    const shown = (files: readonly { inner: string }[]) => files.map(({ inner }) => inner);
    return { part: train.part, train: shown(train.files), val: shown(val.files) };
  }

  it('finds parts above and below the folders of pictures and labels', async () => {
    expect(
      await parts(['d/train/images/a.png', 'd/train/labels/a.txt', 'd/valid/images/b.png', 'd/test/images/c.png']),
    ).to.deep.equal({
      part: 'train',
      train: ['images/a.png', 'labels/a.txt'],
      val: ['images/b.png'],
    });
    expect(
      await parts(['d/images/train2017/a.png', 'd/labels/train2017/a.txt', 'd/images/val2017/b.png', 'd/notes.txt']),
    ).to.deep.equal({
      part: 'train',
      train: ['images/a.png', 'labels/a.txt', 'notes.txt'],
      val: ['images/b.png', 'notes.txt'],
    });
  });

  it('finds parts by the names of tables, unless one is given', async () => {
    const names = ['d/images/a.png', 'd/images/b.png', 'd/train.csv', 'd/val.csv'];
    expect(await parts(names)).to.deep.equal({
      part: 'train',
      train: ['images/a.png', 'images/b.png', 'train.csv'],
      val: ['images/a.png', 'images/b.png', 'val.csv'],
    });
    expect((await parts(names, 'd/train.csv')).part).to.equal(undefined);
  });

  it('finds parts by data.yaml, the longest path first', async () => {
    const yaml = 'train: pictures\nval: [pictures/held, more]\nnames: [a]';
    const names = ['d/data.yaml', 'd/pictures/a.png', 'd/pictures/held/b.png', 'd/more/c.png', 'd/rest/d.png'];
    expect(await parts(names, 'd', yaml)).to.deep.equal({
      part: 'train',
      train: ['data.yaml', 'pictures/a.png'],
      val: ['data.yaml', 'more/c.png', 'pictures/held/b.png'],
    });
    expect((await parts(names, 'd', 'train: pictures\nval: pictures\nnames: [a]')).part).to.equal(undefined);
  });

  it('takes a train/ that all samples are in for a part, though nothing is held out', async () => {
    expect(await parts(['d/README.md', 'd/train/cat/1.png', 'd/train/dog/1.png', 'd/train/x.csv'])).to.deep.equal({
      part: 'train',
      train: ['README.md', 'cat/1.png', 'dog/1.png', 'x.csv'],
      val: ['README.md'],
    });
  });

  it('finds no parts where folders are classes, or none is to train on', async () => {
    for (const names of [
      ['d/bus/1.png', 'd/train/1.png'],
      ['d/val/1.png', 'd/test/1.png'],
    ]) {
      expect((await parts(names)).part, names.join()).to.equal(undefined);
    }
  });
});

describe('naturalSort', () => {
  it('counts as people do, and always gives the same order', () => {
    expect(naturalSort(['b', 'a10', 'a2', 'A2', 'ä', '10', '9'])).to.deep.equal(
      naturalSort(['9', '10', 'ä', 'A2', 'a2', 'a10', 'b']),
    );
    expect(naturalSort(['a10', 'a2', 'a1'])).to.deep.equal(['a1', 'a2', 'a10']);
    expect(naturalSort(['10', '9', '1'])).to.deep.equal(['1', '9', '10']);
  });
});
