import { expect } from 'chai';
import { imageInput, type PictureSize } from '../../../src/inputs/images.ts';
import type { DataFile } from '../../../src/inputs/labelled/folder.ts';
import type { LayoutContext } from '../../../src/inputs/labelled/layout.ts';
import { keyOfPlacement, pictureSamples } from '../../../src/inputs/labelled/pictures.ts';
import type { Placement } from '../../../src/inputs/picture-fit.ts';
import { rejection } from '../../support/errors.ts';
import { MemoryFiles, plainPng } from '../../support/files.ts';
import { pictureModel } from '../../support/labelled.ts';

const FILES: readonly DataFile[] = ['a.png', 'b.png', 'gone.png'].map((name) => ({
  path: `d/${name}`,
  name,
  inner: name,
}));
const SIZES: Readonly<Record<string, PictureSize>> = {
  'a.png': { height: 2, width: 2 },
  'gone.png': { height: 2, width: 4 },
};

/** Of three pictures, the second can't be read now, and the third not any more when it is loaded. */
async function samples(dims: readonly (number | string)[], seen: [Placement, PictureSize][] = []) {
  const model = pictureModel([...dims] as Parameters<typeof pictureModel>[0]);
  const looked: string[] = [];
  const context = {
    reader: new MemoryFiles({ 'd/a.png': await plainPng('#f00', 2) }),
    image: () => imageInput(model),
    look: async ({ name }: DataFile) => {
      looked.push(name);
      return SIZES[name];
    },
  } as unknown as LayoutContext;
  const target = (placement: Placement, size: PictureSize) => {
    seen.push([placement, size]);
    return { kind: 'class', label: 1 } as const;
  };
  const made = await pictureSamples(
    FILES.map((file, stratum) => ({ file, stratum, target })),
    context,
  );
  return { made, looked };
}

describe('samples of pictures', () => {
  it('are those that can be looked at, in their order, each looked at once', async () => {
    const { made, looked } = await samples(['N', 3, 2, 2]);
    expect(made.map(({ file, stratum }) => [file.name, stratum])).to.deep.equal([
      ['a.png', 0],
      ['gone.png', 2],
    ]);
    expect(looked).to.deep.equal(['a.png', 'b.png', 'gone.png']);
  });

  it('have a key of their shape: that of the model, or each its own', async () => {
    expect((await samples(['N', 3, 2, 2])).made.map(({ key }) => key)).to.deep.equal(['2x2', '2x2']);
    expect((await samples(['N', 3, 'H', 'W'])).made.map(({ key }) => key)).to.deep.equal(['2x2', '2x4']);
    expect(keyOfPlacement({ input: { height: 7, width: 9 } } as Placement)).to.equal('7x9');
  });

  it('ask for a target only when they are loaded, by where the picture lies, and again each time', async () => {
    const seen: [Placement, PictureSize][] = [];
    const { made } = await samples(['N', 3, 4, 4], seen);
    expect(seen).to.have.length(0);
    const example = await made[0]?.load();
    await made[0]?.load();
    expect(seen).to.have.length(2);
    expect(seen[0]?.[0]).to.deep.include({ left: 0, top: 0, height: 4, width: 4 });
    expect(seen[0]?.[1]).to.deep.equal({ height: 2, width: 2 });
    expect(example?.inputs.x?.dims).to.deep.equal([1, 3, 4, 4]);
  });

  it('say so if the file is gone when it is wanted', async () => {
    const { made } = await samples(['N', 3, 2, 2]);
    expect(await rejection(made[1]?.load() as Promise<unknown>)).to.include({ code: 'unreadable', file: 'd/gone.png' });
  });
});
