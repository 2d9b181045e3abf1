import { expect } from 'chai';
import { encode } from 'fast-png';
import { Net } from '../../../../fixtures/build.ts';
import { writeNpy } from '../../../../src/inputs/npy.ts';
import { writeNpz } from '../../../../src/inputs/write-npz.ts';
import { DataType } from '../../../../src/onnx/data-type.ts';
import type { Value } from '../../../../src/runtime/session.ts';
import { rejection } from '../../../support/errors.ts';
import { plainPng } from '../../../support/files.ts';
import { type Files, openFiles, targetsOf } from '../../../support/labelled.ts';

type Dims = readonly (number | string)[];

/** Takes pictures of 2×2, and answers `map`, and `age` if asked. */
function model(map: Dims = ['N', 1, 2, 2], hasAge = false) {
  const net = new Net();
  const x = net.input('x', ['N', 3, 2, 2]);
  net.output(net.node('Neg', [x], {}, { outputs: ['map'] }), [...map]);
  if (hasAge) net.output(net.node('Abs', [x], {}, { outputs: ['age'] }), ['N', 1]);
  return net.model();
}

const floats = (dims: readonly number[], data: readonly number[]): Value => ({
  type: DataType.FLOAT,
  dims,
  data: Float32Array.from(data),
});
const npz = (arrays: Readonly<Record<string, Value>>) => writeNpz(new Map(Object.entries(arrays)));
const npy = (dims: readonly number[], data: readonly number[]) => writeNpy(floats(dims, data));

async function open(files: Files, net = model()) {
  const data = await openFiles(files, { task: 'regress' }, { model: net });
  const shown = Object.entries(await targetsOf(data)).map(([name, it]) => {
    const values = it.kind === 'values' ? Object.entries(it.values) : [];
    return [
      name,
      Object.fromEntries(
        values.map(([output, { dims, data: own }]) => [output, [dims.join(), Array.from(own as Float32Array)]]),
      ),
    ];
  });
  return { targets: Object.fromEntries(shown), skipped: data.skipped };
}

describe('pictures and what should be answered to them, in folders', () => {
  it('are paired by their names; axes of 1 may be missing, and numbers of any kind will do', async () => {
    const red = await plainPng('#f00');
    const files = {
      'd/images/a.png': red,
      'd/images/b.png': red,
      'd/images/c.png': red,
      'd/targets/a.npy': npy([2, 2], [1, 2, 3, 4]),
      'd/targets/b.npy': writeNpy({ type: DataType.UINT16, dims: [1, 2, 2], data: Uint16Array.of(5, 6, 7, 8) }),
      'd/targets/c.npz': npz({ map: floats([1, 1, 2, 2], [9, 8, 7, 6]) }),
      'd/targets/z.npy': npy([2, 2], [0, 0, 0, 0]),
    };
    const { targets, skipped } = await open(files);
    expect(targets).to.deep.equal({
      'images/a.png': { map: ['1,1,2,2', [1, 2, 3, 4]] },
      'images/b.png': { map: ['1,1,2,2', [5, 6, 7, 8]] },
      'images/c.png': { map: ['1,1,2,2', [9, 8, 7, 6]] },
    });
    expect(skipped).to.deep.equal([{ file: 'targets/z.npy', reason: 'its sample is not there' }]);
    const open4 = await open(
      { 'd/images/a.png': red, 'd/targets/a.npy': npy([3, 5], new Array(15).fill(1)) },
      model(['N', 1, 'h', 'w']),
    );
    expect(Object.values(open4.targets)).to.deep.equal([{ map: ['1,1,3,5', new Array(15).fill(1)] }]);
  });

  it('may be arrays of several outputs, beside samples that are arrays themselves', async () => {
    const files = {
      'd/inputs/a.npy': npy([3, 2, 2], new Array(12).fill(1)),
      'd/target/a.npz': npz({ map: floats([2, 2], [1, 2, 3, 4]), 'target/age': floats([], [31]) }),
    };
    expect((await open(files, model(undefined, true))).targets).to.deep.equal({
      'inputs/a.npy': { map: ['1,1,2,2', [1, 2, 3, 4]], age: ['1,1', [31]] },
    });
  });

  it('may be pictures, which are read as those of the input are', async () => {
    const files = {
      'd/images/a.png': await plainPng('#f00'),
      'd/targets/a.png': await plainPng('#ff0000', 4, 4),
    };
    const { targets } = await open(files, model(['N', 3, 4, 4]));
    const [map] = Object.values(targets).map((it) => (it as { map: [string, number[]] }).map);
    expect(map?.[0]).to.equal('1,3,4,4');
    expect(map?.[1]).to.deep.equal([...new Array(16).fill(1), ...new Array(32).fill(0)]);
  });

  it('are refused with the file if one is missing, there twice, of another shape, without numbers, or deeper than it can be read', async () => {
    const red = await plainPng('#f00');
    const wrong = async (files: Files, net = model()) => {
      const { file, message } = await rejection(open({ 'd/images/a.png': red, ...files }, net));
      return `${file}: ${message}`;
    };
    const good = npy([2, 2], [1, 2, 3, 4]);
    expect(await wrong({ 'd/images/b.png': red, 'd/targets/a.npy': good })).to.equal(
      'd/images/b.png: it has no target b.npy in targets/',
    );
    expect(
      await wrong({ 'd/targets/a.npy': good, 'd/targets/a.npz': npz({ map: floats([2, 2], [1, 2, 3, 4]) }) }),
    ).to.match(/a second time/);
    expect(await wrong({ 'd/targets/a.npy': npy([4], [1, 2, 3, 4]) })).to.equal(
      'd/targets/a.npy: its shape is [4]; the model answers [1, 1, 2, 2]',
    );
    expect(await wrong({ 'd/targets/a.npy': npy([2, 2], [1, 2, 3, Number.NaN]) })).to.equal(
      'd/targets/a.npy: NaN is not a number that can be learnt',
    );
    expect(await wrong({ 'd/targets/a.npz': npz({ other: floats([2, 2], [1, 2, 3, 4]) }) })).to.match(
      /no array named after an output of the model \(map\)/,
    );
    expect(await wrong({ 'd/targets/a.png': red }, model(['N', 5, 2, 2]))).to.match(
      /the model does not answer with one/,
    );
    expect(
      await wrong({
        'd/targets/a.png': encode({ width: 2, height: 2, channels: 1, depth: 16, data: Uint16Array.of(1, 2, 3, 4) }),
      }),
    ).to.match(/a target of 16 bits/);
  });
});
