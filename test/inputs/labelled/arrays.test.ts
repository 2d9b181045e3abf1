import { expect } from 'chai';
import { entryOf, openArrays } from '../../../src/inputs/labelled/arrays.ts';
import type { LayoutContext } from '../../../src/inputs/labelled/layout.ts';
import { writeNpz } from '../../../src/inputs/write-npz.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import type { Value } from '../../../src/runtime/session.ts';
import { rejection, thrown } from '../../support/errors.ts';
import { MemoryFiles } from '../../support/files.ts';
import { type Files, openFiles, pictureModel, targetsOf } from '../../support/labelled.ts';

const x = (count: number): Value => ({
  type: DataType.FLOAT,
  dims: [count, 3, 2, 2],
  data: new Float32Array(12 * count),
});
const npz = (arrays: Readonly<Record<string, Value>>) => writeNpz(new Map(Object.entries(arrays)));
/** IEEE halves of 0, 1, 2, 1.5, −1 and 7. */
const HALVES = { 0: 0, 1: 0x3c00, 2: 0x4000, 1.5: 0x3e00, '-1': 0xbc00, 7: 0x4700 } as const;
const halves = (dims: readonly number[], ...numbers: readonly (keyof typeof HALVES)[]): Value => ({
  type: DataType.FLOAT16,
  dims,
  data: Uint16Array.from(numbers, (it) => HALVES[it]),
});

async function opened(content: Files, kept?: number) {
  const files = Object.keys(content).map((name) => ({ path: name, name, inner: name }));
  const skipped: string[] = [];
  let held = 0;
  const context = {
    folder: { root: 'd', files, all: files, chosen: undefined, part: undefined },
    model: pictureModel(),
    options: { task: 'classify', arrays: kept },
    reader: new MemoryFiles(content),
    hold: (bytes: number) => {
      held += bytes;
    },
    skip: (file: { name: string }, reason: Error) => skipped.push(`${file.name}: ${reason.message}`),
  } as unknown as LayoutContext;
  return { files: await openArrays(context), skipped, held };
}

describe('entries of arrays', () => {
  it('are the numbers of a row, of every type', () => {
    const dims = [2, 2];
    for (const value of [
      { type: DataType.INT64, dims, data: BigInt64Array.of(5n, 6n, 7n, -1n) },
      { type: DataType.UINT64, dims, data: BigUint64Array.of(5n, 6n, 7n, 8n) },
      { type: DataType.DOUBLE, dims, data: Float64Array.of(5, 6, 7, 0.1) },
      { type: DataType.BOOL, dims, data: [0, 1, 1, 0] },
      halves(dims, 0, 1, 7, 1.5),
      { type: DataType.BFLOAT16, dims, data: Uint16Array.of(0, 0, 0x40e0, 0xbf80) },
    ] as Value[]) {
      const { dims: rest, data } = entryOf(value, 1);
      expect(rest).to.deep.equal([2]);
      const expected: Partial<Record<number, number[]>> = {
        [DataType.INT64]: [7, -1],
        [DataType.UINT64]: [7, 8],
        [DataType.DOUBLE]: [7, 0.1],
        [DataType.BOOL]: [1, 0],
        [DataType.FLOAT16]: [7, 1.5],
        [DataType.BFLOAT16]: [7, -1],
      };
      expect(Array.from(data), `type ${value.type}`).to.deep.equal(expected[value.type]);
    }
    const single = entryOf({ type: DataType.FLOAT, dims: [3], data: Float32Array.of(1, 2, 3) }, 2);
    expect([single.dims, Array.from(single.data)]).to.deep.equal([[], [3]]);
  });
});

describe('files of arrays with targets', () => {
  it('have a target for each sample, with or without an axis that counts a single one', async () => {
    const { files } = await opened({
      'a.npz': npz({ x: x(2), target: halves([2], 0, 1) }),
      'b.npz': npz({ x: x(1), target: halves([], 1) }),
      'c.npz': npz({ x: { ...x(1), dims: [3, 2, 2] }, target: halves([2, 2], 0, 1, 2, 7) }),
    });
    expect(files.map(({ samples, target }) => [samples.length, target('target').dims])).to.deep.equal([
      [2, [2]],
      [1, [1]],
      [1, [1, 2, 2]],
    ]);
  });

  it('say which array is not there, or has another count', async () => {
    const { files } = await opened({ 'a.npz': npz({ x: x(2), y: halves([3], 0, 1, 2), z: halves([], 1) }) });
    const [file] = files;
    expect(thrown(() => file?.target('target')).describe()).to.match(/a\.npz.*it has no array "target"/);
    expect(thrown(() => file?.target('y')).message).to.equal('it holds 2 samples and 3 targets');
    expect(thrown(() => file?.target('z')).message).to.equal('it holds 2 samples and 1 targets');
  });

  it('are left out by name if they are damaged or do not fit the model', async () => {
    const { files, skipped } = await opened({
      'a.npz': npz({ x: x(2) }),
      'b.npz': Uint8Array.of(1, 2, 3),
      'c.npz': npz({ other: x(2) }),
    });
    expect(files.map(({ file }) => file.name)).to.deep.equal(['a.npz']);
    expect(skipped.map((it) => it.slice(0, 5))).to.deep.equal(['b.npz', 'c.npz']);
  });

  it('stay in memory up to the bytes allowed, or the largest file if that is more', async () => {
    const content = { 'a.npz': npz({ x: x(2) }), 'b.npz': npz({ x: x(3) }) };
    expect((await opened(content)).held).to.equal(5 * 48);
    expect((await opened(content, 100)).held).to.equal(3 * 48);
  });

  it('may hold halves: classes, maps and numbers are theirs, not their bits', async () => {
    const classes = await openFiles(
      { 'd/a.npz': npz({ x: x(3), target: halves([3], 0, 2, 1) }) },
      { task: 'classify', headClasses: 3 },
    );
    expect(Object.values(await targetsOf(classes))).to.deep.equal([0, 2, 1].map((label) => ({ kind: 'class', label })));
    const maps = await openFiles(
      { 'd/a.npz': npz({ x: x(1), target: halves([1, 2, 2], 0, 1, 2, '-1') }) },
      { task: 'segment', headClasses: 3 },
    );
    const [map] = Object.values(await targetsOf(maps));
    expect(map?.kind === 'map' && Array.from(map.labels)).to.deep.equal([0, 1, 2, -1]);
    const numbers = await openFiles(
      { 'd/a.npz': npz({ x: x(2), target: halves([2, 3, 2, 2], ...Array(23).fill(1.5), '-1') }) },
      { task: 'regress' },
    );
    const [, second] = Object.values(await targetsOf(numbers));
    const [value] = second?.kind === 'values' ? Object.values(second.values) : [];
    expect(value?.dims).to.deep.equal([1, 12]);
    expect(Array.from(value?.data as Float32Array)).to.deep.equal([...Array(11).fill(1.5), -1]);
  });

  it('name a target of halves that is no number', async () => {
    const bad: Value = { type: DataType.FLOAT16, dims: [1, 3, 2, 2], data: new Uint16Array(12).fill(0x7e00) };
    const error = await rejection(openFiles({ 'd/a.npz': npz({ x: x(1), target: bad }) }, { task: 'regress' }));
    expect(error).to.include({ code: 'invalid-data', message: 'NaN is not a number that can be learnt' });
  });
});
