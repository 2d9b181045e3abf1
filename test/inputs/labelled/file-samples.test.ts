import { expect } from 'chai';
import { Net } from '../../../fixtures/build.ts';
import { taskOf } from '../../../src/inputs/labelled/task.ts';
import { writeNpy } from '../../../src/inputs/npy.ts';
import { writeNpz } from '../../../src/inputs/write-npz.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import { MemoryFiles, plainPng } from '../../support/files.ts';
import { type Files, openFiles, targetsOf } from '../../support/labelled.ts';

const array = (dims: readonly number[], start = 0) => ({
  type: DataType.FLOAT,
  dims,
  data: Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, at) => start + at),
});
const npy = (dims: readonly number[], start = 0) => writeNpy(array(dims, start));

/** Takes clips [N, 1, 2, 2, 2]. */
function model() {
  const net = new Net();
  return net.output(net.relu(net.input('clip', ['N', 1, 2, 2, 2]))).model();
}

const CLIP = [1, 2, 2, 2];

async function labels(files: Files) {
  const data = await openFiles(files, { task: 'classify' }, { model: model() });
  const targets = Object.entries(await targetsOf(data));
  const first = await data.load(0);
  return {
    classes: data.classes,
    labels: Object.fromEntries(targets.map(([name, it]) => [name, it.kind === 'class' ? it.label : -1])),
    skipped: data.skipped.map(({ file }) => file),
    shape: first.inputs.clip?.dims.join(),
  };
}

describe('arrays with labels', () => {
  it('lie in a folder for each class, one or several samples a file; what does not fit is left out and named', async () => {
    const files = {
      'd/left/1.npy': npy(CLIP),
      'd/left/2.npy': npy([2, ...CLIP]),
      'd/right/3.npy': npy(CLIP, 5),
      'd/right/4.npy': npy([1, 2, 2]),
      'd/right/5.npy': new Uint8Array(4),
    };
    expect(await labels(files)).to.deep.equal({
      classes: ['left', 'right'],
      labels: { 'left/1.npy': 0, 'left/2.npy#0': 0, 'left/2.npy#1': 0, 'right/3.npy': 1 },
      skipped: ['right/4.npy', 'right/5.npy'],
      shape: '1,1,2,2,2',
    });
    expect(await taskOf('d', new MemoryFiles(files))).to.equal('classify');
  });

  it('are found in a folder around those of the classes, and in parts', async () => {
    const files = {
      'd/all/train/left/1.npy': npy(CLIP),
      'd/all/train/right/2.npy': npy(CLIP),
      'd/all/val/left/3.npy': npy(CLIP),
    };
    expect((await labels(files)).labels).to.deep.equal({ 'train/left/1.npy': 0, 'train/right/2.npy': 1 });
  });

  it('are named by a table, with their endings or without', async () => {
    const files = {
      'd/1.npy': npy(CLIP),
      'd/clips/2.npz': writeNpz(new Map([['clip', array([1, ...CLIP])]])),
      'd/clips/3.npy': npy(CLIP),
      'd/labels.csv': 'file,label\n1.npy,up\nclips/2.npz,down\n3,up\n',
    };
    expect((await labels(files)).labels).to.deep.equal({ '1.npy': 1, 'clips/2.npz': 0, 'clips/3.npy': 1 });
  });

  it('are no samples beside pictures', async () => {
    const red = await plainPng('#f00');
    const data = await openFiles(
      { 'd/a/1.png': red, 'd/b/2.png': red, 'd/b/2.npy': npy(CLIP), 'd/features.npy': npy([3]) },
      { task: 'classify' },
    );
    expect(data.names).to.deep.equal(['a/1.png', 'b/2.png']);
  });
});
