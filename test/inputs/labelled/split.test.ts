import { expect } from 'chai';
import { openSplit, type SplitOptions, splitShare } from '../../../src/inputs/labelled/split.ts';
import type { LabelledData } from '../../../src/inputs/labelled/types.ts';
import { rejection } from '../../support/errors.ts';
import { MemoryFiles, pixelPng, plainPng } from '../../support/files.ts';
import { type Files, pictureModel } from '../../support/labelled.ts';

/** Samples of the given strata, without content. */
function data(strata: readonly number[]): LabelledData {
  return {
    count: strata.length,
    names: strata.map((_, sample) => `${sample}`),
    strata,
    classes: undefined,
    skipped: [],
    image: undefined,
    keyOf: (sample) => `key ${sample}`,
    load: async (sample) => ({ inputs: {}, target: { kind: 'class', label: sample } }),
  };
}

function counts({ strata }: LabelledData): Record<number, number> {
  const found: Record<number, number> = {};
  for (const stratum of strata) found[stratum] = (found[stratum] ?? 0) + 1;
  return found;
}

const repeat = (stratum: number, count: number) => new Array<number>(count).fill(stratum);

describe('splitShare', () => {
  it('holds out the same share of every class, by the seed, and no sample twice', () => {
    const all = data([...repeat(0, 50), ...repeat(1, 20), ...repeat(2, 10)]);
    const { train, val } = splitShare(all, 0.2, 7);
    expect(counts(val)).to.deep.equal({ 0: 10, 1: 4, 2: 2 });
    expect(new Set([...train.names, ...val.names])).to.have.property('size', 80);
    expect(train.count + val.count).to.equal(80);
    expect(splitShare(all, 0.2, 7).val.names).to.deep.equal(val.names);
    expect(splitShare(all, 0.2, 8).val.names).to.not.deep.equal(val.names);
  });

  it('reaches the share where whole numbers do not allow it of each class', () => {
    const { val } = splitShare(data([...repeat(0, 7), ...repeat(1, 8), ...repeat(2, 5)]), 0.2, 1);
    // 1.4, 1.6 and 1: rounded down they are 3 of the 4 that are a fifth; the second lost most.
    expect(counts(val)).to.deep.equal({ 0: 1, 1: 2, 2: 1 });
  });

  it('leaves at least one of each class to train on, and holds one out of two', () => {
    const { train, val } = splitShare(data([0, 1, 2, 2, 3]), 0.9, 1);
    expect(counts(train)).to.deep.equal({ 0: 1, 1: 1, 2: 1, 3: 1 });
    expect(counts(val)).to.deep.equal({ 2: 1 });
    expect(splitShare(data([0, 0]), 0.01, 1).val.count).to.equal(1);
    expect(splitShare(data([0]), 0.5, 1).val.count).to.equal(0);
  });

  it('keeps copies of a picture on one side, and the share all the same', () => {
    // Ten pictures of two classes, five times each; then three pictures of each class, twice, where a share of a class is less than a copy.
    for (const [times, pictures] of [
      [5, 10],
      [2, 6],
    ] as const) {
      const strata = Array.from({ length: times * pictures }, (_, sample) => Number(sample % pictures < pictures / 2));
      const all = { ...data(strata), copies: () => strata.map((_, sample) => sample % pictures) };
      for (const seed of [1, 2, 3]) {
        const { train, val } = splitShare(all, 0.2, seed);
        const shown = ({ names }: LabelledData) => new Set(names.map((name) => Number(name) % pictures));
        expect([...shown(val)].filter((picture) => shown(train).has(picture))).to.deep.equal([]);
        expect(val.count, `seed ${seed}`).to.equal(times === 5 ? 10 : 2);
        expect(train.count + val.count).to.equal(times * pictures);
      }
    }
    // Of one picture alone nothing else can be held out.
    expect(splitShare({ ...data([0, 0, 0]), copies: () => [0, 0, 0] }, 0.5, 1).val.count).to.equal(2);
  });

  it('passes on what the samples are', async () => {
    const { val } = splitShare(data(repeat(0, 10)), 0.3, 1);
    for (let sample = 0; sample < val.count; sample++) {
      const { target } = await val.load(sample);
      expect([val.names[sample], val.keyOf(sample)]).to.deep.equal([
        `${target.kind === 'class' ? target.label : ''}`,
        `key ${val.names[sample]}`,
      ]);
    }
  });
});

describe('openSplit', () => {
  let files: Files;
  before(async () => {
    const [red, blue, green] = [await plainPng('#f00'), await plainPng('#00f'), await plainPng('#0f0')];
    files = {
      ...Object.fromEntries(
        ['1', '2', '3', '4', '5'].flatMap((n) => [
          [`d/cat/${n}.png`, red],
          [`d/dog/${n}.png`, blue],
        ]),
      ),
      'v/dog/1.png': green,
      'same/dog/1.png': blue,
      'p/train/cat/1.png': red,
      'p/train/dog/1.png': blue,
      'p/val/dog/2.png': blue,
      'n/cat/1.png': red,
      'n/dog/1.png': blue,
      'n/held/3.png': green,
    };
  });
  const open = (path: string, options: Partial<SplitOptions> = {}) =>
    openSplit(path, pictureModel(), { task: 'classify', seed: 0, ...options }, new MemoryFiles(files));

  it('holds out a fifth, or the share that is given', async () => {
    const { train, val } = await open('d');
    expect([counts(train), counts(val)]).to.deep.equal([
      { 0: 4, 1: 4 },
      { 0: 1, 1: 1 },
    ]);
    expect((await open('d', { val: 0.4 })).val.count).to.equal(4);
  });

  it('takes another folder, whose labels are those of the first, if it has only one of the classes', async () => {
    const { train, val } = await open('d', { val: 'v' });
    expect([train.count, val.count]).to.deep.equal([10, 1]);
    expect(val.classes).to.deep.equal(['cat', 'dog']);
    expect((await val.load(0)).target).to.deep.equal({ kind: 'class', label: 1 });
  });

  it('reads black and white masks to measure on as those to train on', async () => {
    const [black, white] = [await pixelPng([[0]]), await pixelPng([[255]])];
    const masks = {
      's/images/a.png': await plainPng('#f00', 1),
      's/images/b.png': await plainPng('#0f0', 1),
      's/masks/a.png': black,
      's/masks/b.png': white,
      'held/images/c.png': await plainPng('#00f', 1),
      'held/masks/c.png': white,
    };
    const options = { task: 'segment', seed: 0, val: 'held' } as const;
    const { val } = await openSplit('s', pictureModel(), options, new MemoryFiles(masks));
    const { target } = await val.load(0);
    expect(target.kind === 'map' && new Set(target.labels)).to.deep.equal(new Set([1]));
    const share = await openSplit('s', pictureModel(), { ...options, val: 0.5 }, new MemoryFiles(masks));
    expect([share.train.isWhiteClass, share.val.isWhiteClass]).to.deep.equal([true, true]);
  });

  it('takes the folder’s own part', async () => {
    const { train, val } = await open('p');
    expect([train.names, val.names]).to.deep.equal([['train/cat/1.png', 'train/dog/1.png'], ['val/dog/2.png']]);
    expect(val.strata).to.deep.equal([1]);
  });

  it('refuses a share of nothing or all', async () => {
    for (const val of [0, 1, -0.5, Number.NaN, 20]) {
      const error = await rejection(open('d', { val }));
      expect(error.code).to.equal('invalid-arguments');
      expect(error.message).to.equal(`--val ${val} is not a share between 0 and 1`);
    }
  });

  it('refuses to measure on files that are trained on: by their paths, and copies by name and content', async () => {
    for (const [path, val, file] of [
      ['d', 'd', 'd/cat/1.png'],
      ['n', 'n/held', 'n/held/3.png'],
      ['d', 'same', 'same/dog/1.png'],
    ] as const) {
      const error = await rejection(open(path, { val, classes: ['cat', 'dog', 'held'] }));
      expect([error.code, error.file]).to.deep.equal(['invalid-data', file]);
      expect(error.message).to.equal('the held-out file is among those that are trained on');
    }
  });

  it('refuses a copy in the part of a folder that is held out, but not a mask, which may be like any other', async () => {
    const [red, blue] = [await plainPng('#f00'), await plainPng('#00f')];
    const files = {
      'd/train/cat/1.png': red,
      'd/train/dog/2.png': blue,
      'd/val/cat/1.png': red,
      'd/val/dog/2.png': red,
    };
    const opened = (own: Record<string, Uint8Array>, options: Partial<SplitOptions> = {}) =>
      openSplit('d', pictureModel(), { task: 'classify', seed: 0, ...options }, new MemoryFiles(own));
    const error = await rejection(opened(files));
    expect([error.code, error.file]).to.deep.equal(['invalid-data', 'd/val/cat/1.png']);
    expect((await opened(files, { val: 0.5 })).train.count).to.equal(2);
    const masked = { ...files, 'd/val/cat/1.png': blue, 'd/train/masks/3.png': red, 'd/val/masks/3.png': red };
    expect((await opened(masked)).val.count).to.equal(3);
  });

  it('refuses copies whatever their pictures are called', async () => {
    const [red, blue] = [await plainPng('#f00'), await plainPng('#00f')];
    for (const name of ['1.jfif', '1.JPE', '1.png']) {
      const files = { [`d/cat/${name}`]: red, 'd/dog/2.png': blue, [`v/cat/${name}`]: red, 'v/dog/9.png': red };
      const split = openSplit('d', pictureModel(), { task: 'classify', seed: 0, val: 'v' }, new MemoryFiles(files));
      expect((await rejection(split)).file, name).to.equal(`v/cat/${name}`);
    }
  });
});
