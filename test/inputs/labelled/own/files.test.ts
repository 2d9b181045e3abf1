import { expect } from 'chai';
import { type Dims, Net } from '../../../../fixtures/build.ts';
import { writeNpy } from '../../../../src/inputs/npy.ts';
import { writeNpz } from '../../../../src/inputs/write-npz.ts';
import { DataType } from '../../../../src/onnx/data-type.ts';
import type { Value } from '../../../../src/runtime/session.ts';
import { rejection } from '../../../support/errors.ts';
import { plainPng } from '../../../support/files.ts';
import { type Files, openFiles, targetsOf } from '../../../support/labelled.ts';

const RED = await plainPng('#f00', 2);

function asks(inputs: Readonly<Record<string, readonly [Dims, DataType?]>>) {
  const net = new Net();
  for (const [name, [dims, type]] of Object.entries(inputs)) net.input(name, dims, type);
  return net.model();
}

const array = (...numbers: readonly number[]): Value => ({
  type: DataType.DOUBLE,
  dims: [numbers.length],
  data: Float64Array.from(numbers),
});
const npz = (arrays: Readonly<Record<string, Value>>) => writeNpz(new Map(Object.entries(arrays)));
const open = (files: Files, targets = asks({ wanted: [['N', 2]] })) => openFiles(files, { task: 'own', targets });

async function given(files: Files, targets = asks({ wanted: [['N', 2]] })) {
  const all = Object.entries(await targetsOf(await open(files, targets)));
  return Object.fromEntries(
    all.map(([name, it]) => [name, it.kind === 'values' ? Array.from(it.values.wanted?.data ?? [], Number) : []]),
  );
}

async function refusal(files: Files, targets = asks({ wanted: [['N', 2]] })): Promise<string> {
  const { file, message } = await rejection(open(files, targets));
  return `${file}: ${message}`;
}

describe('arrays in targets/', () => {
  it('belong to the picture of their name, in folders below, in any letters, with dots, spaces and accents', async () => {
    const files = {
      'd/Images/sub/a.v1 (2).JPG.png': RED,
      'd/Images/gro\u0308ße.PNG': RED,
      'd/Targets/sub/a.v1 (2).JPG.NPY': writeNpy(array(1, 2)),
      'd/Targets/größe.npz': npz({ wanted: array(3, 4) }),
      'd/Targets/Thumbs.db': 'x',
      'd/Targets/.gitkeep': '',
      'd/Targets/notes.txt': 'x',
    };
    expect(await given(files)).to.deep.equal({ 'Images/größe.PNG': [3, 4], 'Images/sub/a.v1 (2).JPG.png': [1, 2] });
  });

  it('are whole numbers where the loss takes such, and are refused where they are not', async () => {
    const whole = asks({ wanted: [['N', 2], DataType.INT64] });
    const ids: Value = { type: DataType.INT32, dims: [2], data: Int32Array.of(7, -1) };
    const files = (value: Value) => ({ 'd/images/a.png': RED, 'd/targets/a.npy': writeNpy(value) });
    expect(await given(files(ids), whole)).to.deep.equal({ 'images/a.png': [7, -1] });
    expect(await refusal(files(array(1, 2)), whole)).to.equal(
      'd/targets/a.npy: its type is float64; the model takes int64',
    );
  });

  it('are refused by file: of another shape, damaged, twice, missing, or one for several inputs', async () => {
    const image = { 'd/images/a.png': RED };
    expect(await refusal({ ...image, 'd/targets/a.npy': writeNpy(array(1, 2, 3)) })).to.equal(
      'd/targets/a.npy: its shape is [1, 3]; the model takes [?, 2]',
    );
    expect(await refusal({ ...image, 'd/targets/a.npy': writeNpy(array(1, 2)).subarray(0, 40) })).to.match(
      /^d\/targets\/a\.npy: /,
    );
    expect(await refusal({ ...image, 'd/targets/a.npz': npz({ wanted: array(1, 2) }).subarray(0, 60) })).to.match(
      /^d\/targets\/a\.npz: /,
    );
    expect(await refusal({ ...image, 'd/targets/a.npz': '' })).to.match(/^d\/targets\/a\.npz: /);
    const both = { 'd/targets/a.npy': writeNpy(array(1, 2)), 'd/targets/a.npz': npz({ wanted: array(1, 2) }) };
    expect(await refusal({ ...image, ...both })).to.match(
      /^d\/targets\/a\.npz: it is there a second time, as targets\/a\.npy$/,
    );
    expect(await refusal({ ...image, 'd/targets/A.npy': writeNpy(array(1, 2)) })).to.equal(
      'd/images/a.png: it has no target a.npy in targets/',
    );
    const two = asks({ wanted: [['N', 2]], weight: [['N']] });
    expect(await refusal({ ...image, 'd/targets/a.npy': writeNpy(array(1, 2)) }, two)).to.equal(
      'd/targets/a.npy: it is one array, and the loss takes wanted, weight',
    );
    expect(await refusal({ ...image, 'd/targets/a.npz': npz({ wanted: array(1, 2) }) }, two)).to.match(
      /no array for the loss's input "weight"/,
    );
  });

  it('are refused for two pictures of one name: they are those of one', async () => {
    const files = { 'd/images/a.jpg': RED, 'd/images/a.png': RED, 'd/targets/a.npy': writeNpy(array(1, 2)) };
    expect(await refusal(files)).to.equal(
      'd/images/a.png: its name is that of images/a.jpg, and a target is that of one picture',
    );
  });

  it('are kept from shapes that differ in one run', async () => {
    const free = asks({ wanted: [['N', 'M']] });
    const files = {
      'd/images/a.png': RED,
      'd/images/b.png': RED,
      'd/targets/a.npy': writeNpy(array(1, 2)),
      'd/targets/b.npy': writeNpy(array(1, 2, 3)),
    };
    const data = await open(files, free);
    expect(data.keyOf(0)).to.not.equal(data.keyOf(1));
  });
});
