import { expect } from 'chai';
import type { LabelledOptions } from '../../../../src/inputs/labelled/options.ts';
import { rejection } from '../../../support/errors.ts';
import { plainPng } from '../../../support/files.ts';
import { type Files, openFiles, targetsOf } from '../../../support/labelled.ts';

const RED = await plainPng('#f00');
const JPEG = await (await import('sharp')).default(RED).jpeg().toBuffer();

const open = (names: readonly string[], options: Partial<LabelledOptions> = {}, more: Files = {}) =>
  openFiles(
    { ...Object.fromEntries(names.map((name) => [`d/${name}`, /png$/i.test(name) ? RED : JPEG])), ...more },
    { task: 'classify', ...options },
  );

async function labels(names: readonly string[], options: Partial<LabelledOptions> = {}, more: Files = {}) {
  const data = await open(names, options, more);
  const targets = Object.entries(await targetsOf(data));
  return {
    classes: data.classes?.join(),
    ...Object.fromEntries(targets.map(([name, it]) => [name, it.kind === 'class' ? it.label : -1])),
  };
}

describe('a folder for each class', () => {
  it('is named by its folder whatever else lies there, in any letters of endings, with spaces, dots and accents', async () => {
    const more = {
      'd/.DS_Store': 'x',
      'd/cat/Thumbs.db': 'x',
      'd/cat/notes.txt': 'x',
      'd/README.md': 'x',
      'd/__MACOSX/cat/._1.jpg': 'x',
    };
    expect(await labels(['cat/1.JPG', 'größe v1.2/a b.Jpeg', 'gro\u0308ße v1.2/c.PNG'], {}, more)).to.deep.equal({
      classes: 'cat,größe v1.2',
      'cat/1.JPG': 0,
      'größe v1.2/a b.Jpeg': 1,
      'größe v1.2/c.PNG': 1,
    });
  });

  it('counts as people do, below an archive’s own folder, and in train/ alone', async () => {
    const expected = { classes: '2,10', '10/a.png': 1, '2/a.png': 0 };
    expect(await labels(['10/a.png', '2/a.png'])).to.deep.equal(expected);
    expect(await labels(['set-v2/10/a.png', 'set-v2/2/a.png'])).to.include({ classes: '2,10' });
    expect(await labels(['train/10/a.png', 'train/2/a.png'], {}, { 'd/README.md': '' })).to.include({
      classes: '2,10',
    });
    expect(await labels(['set/train/10/a.png', 'set/train/2/a.png'])).to.include({ classes: '2,10' });
  });

  it('may be called as nothing else should', async () => {
    expect(await labels(['constructor/1.png', '__proto__/2.png', '0/3.png'])).to.deep.equal({
      classes: '__proto__,0,constructor',
      'constructor/1.png': 2,
      '__proto__/2.png': 0,
      '0/3.png': 1,
    });
  });

  it('is a position in the order that is given, and refused if it is not there', async () => {
    expect(await labels(['b/1.png', 'a/1.png'], { classes: ['b', 'c', 'a'] })).to.include({
      'b/1.png': 0,
      'a/1.png': 2,
    });
    const error = await rejection(open(['b/1.png', 'x/1.png'], { classes: ['a', 'b'] }));
    expect(error).to.include({ file: 'd/x', message: '"x" is not one of the classes (a, b)' });
  });

  it('is missed where pictures lie beside classes, or in images/ without labels', async () => {
    const loose = await rejection(open(['a/1.png', 'b/1.png', '2.png']));
    expect(loose).to.include({ file: 'd/2.png', message: 'the picture is not in the folder of a class' });
    const images = await rejection(open(['images/1.png', 'images/2.png']));
    expect(images).to.include({ file: 'd', message: 'no labels were found for the 2 pictures in images/' });
    expect(images.remedy).to.match(/labels\.csv/);
    const listed = await rejection(
      open(['images/1.png', 'images/2.png'], {}, { 'd/train_list.txt': 'images/1.png 0\n' }),
    );
    expect(listed.next).to.deep.equal({ set: { data: 'd/train_list.txt' } });
    expect((await rejection(open(['cat/1.png', 'cat/2.png']))).message).to.equal('all samples are of one class, "cat"');
  });
});
