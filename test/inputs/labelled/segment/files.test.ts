import { expect } from 'chai';
import { Net } from '../../../../fixtures/build.ts';
import { writeNpy } from '../../../../src/inputs/npy.ts';
import { writeNpz } from '../../../../src/inputs/write-npz.ts';
import { finetune } from '../../../../src/jobs/finetune.ts';
import { DataType } from '../../../../src/onnx/data-type.ts';
import { rejection } from '../../../support/errors.ts';
import { type Files, openFiles, targetsOf } from '../../../support/labelled.ts';

/** Six bands of 4 × 3 pixels → maps of two classes. */
function model() {
  const net = new Net({ seed: 2 });
  const x = net.input('x', ['N', 6, 4, 3]);
  net.node('Conv', [x, net.weight('w', [2, 6, 1, 1]), net.weight('b', [2], [0, 0])], {}, { outputs: ['y'] });
  return net.output('y', ['N', 2, 4, 3]).model();
}

/** Bands whose third tells the class of each pixel. */
function bands(mask: readonly number[], dims: readonly number[] = [6, 4, 3]) {
  const size = dims.reduce((product, dim) => product * dim, 1);
  const data = Float32Array.from({ length: size }, (_, i) =>
    Math.floor(i / 12) === 2 ? 4 * (mask[i % 12] as number) - 2 : 0.1,
  );
  return { type: DataType.FLOAT, dims, data };
}

const MASK = [0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 0, 255];
const mask = (numbers: readonly number[], dims: readonly number[] = [4, 3]) =>
  writeNpy({ type: DataType.UINT8, dims, data: Uint8Array.from(numbers) });

const open = (files: Files) => openFiles(files, { task: 'segment' }, { model: model() });

describe('arrays of several bands and their masks, in folders', () => {
  it('are paired by their names; axes of 1 may be there, 255 is no class, and what has no sample is noted', async () => {
    const data = await open({
      'd/images/a.npy': writeNpy(bands(MASK)),
      'd/images/b.npz': writeNpz(new Map([['x', bands(MASK, [1, 6, 4, 3])]])),
      'd/masks/a.npy': mask(MASK),
      'd/masks/b.npy': mask(MASK, [1, 4, 3, 1]),
      'd/masks/c.npy': mask(MASK),
    });
    expect(data.classes).to.deep.equal(['0', '1']);
    expect(data.skipped).to.deep.equal([{ file: 'masks/c.npy', reason: 'its sample is not there' }]);
    for (const [, target] of await targetsOf(data).then(Object.entries)) {
      expect(target).to.include({ kind: 'map', height: 4, width: 3 });
      expect(target.kind === 'map' && [...target.labels]).to.deep.equal([...MASK.slice(0, 11), -1]);
    }
    const { inputs } = await data.load(0);
    expect(inputs.x?.dims).to.deep.equal([1, 6, 4, 3]);
    const { facts } = await finetune(model(), data, { task: 'segment', held: data, epochs: 6, rate: 0.1, seed: 1 });
    expect(facts.after?.value).to.equal(1);
  });

  it('are refused with masks of another size, of channels, of numbers that are no classes, and without', async () => {
    const refused = (own: Uint8Array | undefined) =>
      rejection(
        open({
          'd/images/a.npy': writeNpy(bands(MASK)),
          'd/masks/z.npy': mask(MASK),
          ...(own && { 'd/masks/a.npy': own }),
        }),
      );
    expect((await refused(mask(MASK, [3, 4]))).message).to.equal('it is a mask of 3×4, and its sample is [1, 6, 4, 3]');
    expect((await refused(mask([...MASK, ...MASK], [2, 4, 3]))).message).to.equal(
      'its shape is [2, 4, 3]; a mask is [height, width]',
    );
    const halves = writeNpy({ type: DataType.FLOAT, dims: [4, 3], data: Float32Array.from(MASK, (it) => it / 2) });
    expect(await refused(halves)).to.include({ code: 'invalid-data' });
    expect((await refused(mask(MASK.map(() => 255)))).message).to.equal(
      'no pixel has a class: all are 255, which stands for unlabelled',
    );
    expect((await refused(undefined)).message).to.equal('it has no target a.npy in masks/');
  });
});
