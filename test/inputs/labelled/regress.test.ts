import { expect } from 'chai';
import { Net } from '../../../fixtures/build.ts';
import { writeNpz } from '../../../src/inputs/write-npz.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import type { Value, Values } from '../../../src/runtime/session.ts';
import { rejection } from '../../support/errors.ts';
import { plainPng } from '../../support/files.ts';
import { type Files, openFiles, targetsOf } from '../../support/labelled.ts';

/** A model with outputs `age` [N, 1] and `pose` [N, 3], or the first of them. */
function model(outputs: 1 | 2 = 2) {
  const net = new Net();
  const x = net.input('x', ['N', 3, 2, 2]);
  net.output(net.node('Neg', [x], {}, { outputs: ['age'] }), ['N', 1]);
  if (outputs === 2) net.output(net.node('Abs', [x], {}, { outputs: ['pose'] }), ['N', 3]);
  return net.model();
}

async function valuesOf(
  files: Files,
  outputs: 1 | 2 = 2,
): Promise<Record<string, Record<string, [number[], number[]]>>> {
  const data = await openFiles(files, { task: 'regress' }, { model: model(outputs) });
  const shown = (values: Values) =>
    Object.fromEntries(
      Object.entries(values).map(([name, { dims, data: own }]) => [
        name,
        [[...dims], Array.from(own as Float32Array)] as [number[], number[]],
      ]),
    );
  return Object.fromEntries(
    Object.entries(await targetsOf(data)).map(([name, it]) => [name, it.kind === 'values' ? shown(it.values) : {}]),
  );
}

describe('a table of files and numbers', () => {
  it('gives all columns to the one output of the model, whatever they are called', async () => {
    const red = await plainPng('#f00');
    for (const text of ['1.png,0.5\n2.png,-2e1\n', 'file,years\n1.png,0.5\n2.png,-20\n']) {
      expect(await valuesOf({ 'd/1.png': red, 'd/2.png': red, 'd/labels.csv': text }, 1)).to.deep.equal({
        '1.png': { age: [[1, 1], [0.5]] },
        '2.png': { age: [[1, 1], [-20]] },
      });
    }
  });

  it('reads decimal commas where semicolons separate columns, and passes over columns of words beside as many numbers as are wanted', async () => {
    const red = await plainPng('#f00');
    const of = (text: string) => valuesOf({ 'd/1.png': red, 'd/2.png': red, 'd/labels.csv': text }, 1);
    const wanted = { '1.png': { age: [[1, 1], [21.5]] }, '2.png': { age: [[1, 1], [-4]] } };
    expect(await of('\uFEFFDatei;Alter\r\n1.png;21,5\r\n2.png;-4\r\n')).to.deep.equal(wanted);
    expect(await of('file,age,by\n1.png,21.5,"me, you"\n2.png,-4,\n')).to.deep.equal(wanted);
    expect(await of('file;by;age\n1.png;me;21,5\n2.png;1,5;-4\n')).to.deep.equal(wanted);
    // A thousand, or one and a bit.
    const wrong = await rejection(of('file,age\n1.png,"1,234"\n2.png,4\n'));
    expect(wrong).to.include({ code: 'invalid-data', file: 'd/labels.csv:2' });
  });

  it('gives columns to the outputs that they are named after', async () => {
    const red = await plainPng('#f00');
    const text = 'pose[0],file,pose[1],age,pose[2]\n1,1.png,2,30,3\n';
    expect(await valuesOf({ 'd/1.png': red, 'd/labels.csv': text })).to.deep.equal({
      '1.png': {
        age: [[1, 1], [30]],
        pose: [
          [1, 3],
          [1, 2, 3],
        ],
      },
    });
    expect(await valuesOf({ 'd/1.png': red, 'd/labels.csv': 'file,age\n1.png,30\n' })).to.deep.equal({
      '1.png': { age: [[1, 1], [30]] },
    });
  });
});

describe('arrays with numbers', () => {
  const x: Value = { type: DataType.FLOAT, dims: [2, 3, 2, 2], data: new Float32Array(24) };
  const numbers = (dims: number[], data: number[]): Value => ({
    type: DataType.DOUBLE,
    dims,
    data: Float64Array.from(data),
  });

  it('give each output its target, or the one output `target`', async () => {
    const both = new Map([
      ['x', x],
      ['target/age', numbers([2, 1], [7, 8])],
      ['target/pose', numbers([2, 3], [1, 2, 3, 4, 5, 6])],
    ]);
    expect(await valuesOf({ 'd/a.npz': writeNpz(both) })).to.deep.equal({
      'a.npz#0': {
        age: [[1, 1], [7]],
        pose: [
          [1, 3],
          [1, 2, 3],
        ],
      },
      'a.npz#1': {
        age: [[1, 1], [8]],
        pose: [
          [1, 3],
          [4, 5, 6],
        ],
      },
    });
    const one = new Map([
      ['x', x],
      ['target', numbers([2], [7, 8])],
    ]);
    expect(await valuesOf({ 'd/a.npz': writeNpz(one) }, 1)).to.deep.equal({
      'a.npz#0': { age: [[1, 1], [7]] },
      'a.npz#1': { age: [[1, 1], [8]] },
    });
  });
});

describe('samples for a teacher', () => {
  it('are pictures and arrays without labels', async () => {
    const red = await plainPng('#f00');
    const x: Value = { type: DataType.FLOAT, dims: [2, 3, 2, 2], data: new Float32Array(24) };
    const data = await openFiles(
      { 'd/1.png': red, 'd/sub/2.png': red, 'd/3.jpg': 'no picture', 'd/a.npz': writeNpz(new Map([['x', x]])) },
      { task: 'distill' },
      { model: model() },
    );
    expect(await targetsOf(data)).to.deep.equal({
      '1.png': { kind: 'none' },
      'a.npz#0': { kind: 'none' },
      'a.npz#1': { kind: 'none' },
      'sub/2.png': { kind: 'none' },
    });
    expect(data.skipped.map(({ file }) => file)).to.deep.equal(['3.jpg']);
    expect(data.classes).to.equal(undefined);
    for (let sample = 0; sample < data.count; sample++) {
      expect((await data.load(sample)).inputs.x?.dims).to.deep.equal([1, 3, 2, 2]);
    }
  });
});
