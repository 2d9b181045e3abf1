import { expect } from 'chai';
import { writeNpy } from '../../../../src/inputs/npy.ts';
import { writeNpz } from '../../../../src/inputs/write-npz.ts';
import { DataType } from '../../../../src/onnx/data-type.ts';
import type { Value } from '../../../../src/runtime/session.ts';
import { rejection } from '../../../support/errors.ts';
import { plainPng } from '../../../support/files.ts';
import { type Files, openFiles } from '../../../support/labelled.ts';

const RED = await plainPng('#f00', 2);
const x = (first: number): Value => ({
  type: DataType.FLOAT,
  dims: [2, 3, 2, 2],
  data: Float32Array.from({ length: 24 }, (_, at) => first + at),
});
const open = (files: Files) => openFiles(files, { task: 'distill' });

describe('samples without labels', () => {
  it('are pictures and rows of arrays, each with its own numbers', async () => {
    const data = await open({
      'd/1.png': RED,
      'd/a.npz': writeNpz(new Map([['x', x(0)]])),
      'd/b.npy': writeNpy(x(100)),
    });
    expect(data.names).to.deep.equal(['1.png', 'a.npz#0', 'a.npz#1', 'b.npy#0', 'b.npy#1']);
    const firsts = await Promise.all(
      data.names.map(async (_, sample) => {
        const { inputs, target } = await data.load(sample);
        expect(target).to.deep.equal({ kind: 'none' });
        return inputs.x?.data[0];
      }),
    );
    expect(firsts).to.deep.equal([1, 0, 12, 100, 112]);
  });

  it('are no masks, and none of what else lies there', async () => {
    const data = await open({ 'd/images/1.png': RED, 'd/masks/1.png': RED, 'd/Masks/2.png': RED, 'd/readme.txt': 'x' });
    expect(data.names).to.deep.equal(['images/1.png']);
    expect(data.skipped).to.deep.equal([]);
  });

  it('that are damaged or do not fit are left out by name, and refused if there are no others', async () => {
    const other = writeNpz(new Map([['other', x(0)]]));
    const data = await open({ 'd/1.png': RED, 'd/2.png': RED.subarray(0, 30), 'd/a.npz': other });
    expect(data.names).to.deep.equal(['1.png']);
    expect(data.skipped.map(({ file }) => file)).to.deep.equal(['2.png', 'a.npz']);
    expect((await rejection(open({ 'd/a.npz': other }))).message).to.match(/^its only file cannot be read; a\.npz: /);
  });
});
