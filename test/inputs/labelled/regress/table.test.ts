import { expect } from 'chai';
import { Net } from '../../../../fixtures/build.ts';
import { columnsNamed, numberOf } from '../../../../src/inputs/labelled/regress/table.ts';
import { thrown } from '../../../support/errors.ts';
import { plainPng } from '../../../support/files.ts';
import { openFiles } from '../../../support/labelled.ts';

/** The columns of an output among `columns`, by their names. */
const found = (columns: readonly string[], name: string, names: readonly string[] = [name]) =>
  columnsNamed(
    columns,
    columns.map((_, column) => column),
    name,
    names,
  ).map((column) => columns[column]);

describe('columns that are named after an output', () => {
  it('are taken by their numbers, not by where they are: sorted names have 10 before 2', () => {
    const sorted = Array.from({ length: 12 }, (_, index) => `pose[${index}]`).sort();
    expect(sorted[1]).to.equal('pose[10]');
    expect(found(['file', ...sorted], 'pose')).to.deep.equal(
      Array.from({ length: 12 }, (_, index) => `pose[${index}]`),
    );
    expect(found(['pose.1', 'age', 'pose.0'], 'pose')).to.deep.equal(['pose.0', 'pose.1']);
  });

  it('stay in their order where they have no numbers', () => {
    expect(columnsNamed(['f', 'pose', 'x', 'pose'], [1, 2, 3], 'pose', ['pose'])).to.deep.equal([1, 3]);
    expect(found(['poses', 'pose[a]', 'pose[]', 'Pose', 'pose2'], 'pose')).to.deep.equal([]);
    expect(columnsNamed(undefined, [1, 2], 'pose', ['pose'])).to.deep.equal([]);
  });

  it('are those of another output, if that has the whole name', () => {
    const names = ['out', 'out.1'];
    expect(found(['out', 'out.1'], 'out', names)).to.deep.equal(['out']);
    expect(found(['out', 'out.1'], 'out.1', names)).to.deep.equal(['out.1']);
    expect(found(['out[0]', 'out.1[1]', 'out.1[0]', 'out[1]'], 'out', names)).to.deep.equal(['out[0]', 'out[1]']);
    expect(found(['out[0]', 'out.1[1]', 'out.1[0]'], 'out.1', names)).to.deep.equal(['out.1[0]', 'out.1[1]']);
  });

  it('give each number its place in the target', async () => {
    const net = new Net();
    const x = net.input('x', ['N', 3, 2, 2]);
    const model = net.output(net.node('Neg', [x], {}, { outputs: ['pose'] }), ['N', 3]).model();
    const files = { 'd/1.png': await plainPng('#f00', 2), 'd/labels.csv': 'pose[2],file,pose[0],pose[1]\n7,1.png,5,6' };
    const data = await openFiles(files, { task: 'regress' }, { model });
    const { target } = await data.load(0);
    if (target.kind !== 'values') throw new Error(target.kind);
    expect(Array.from(target.values.pose?.data as Float32Array)).to.deep.equal([5, 6, 7]);
  });
});

describe('columns that are named after no output', () => {
  it('may hold words, or nothing', async () => {
    const net = new Net();
    const x = net.input('x', ['N', 3, 2, 2]);
    const model = net.output(net.node('Neg', [x], {}, { outputs: ['age'] }), ['N', 1]).model();
    const table = 'file,camera,age,note\n1.png,left,31,\n2.png,right,7,"a, b"\n';
    const files = { 'd/1.png': await plainPng('#f00', 2), 'd/2.png': await plainPng('#00f', 2), 'd/labels.csv': table };
    const data = await openFiles(files, { task: 'regress' }, { model });
    const { target } = await data.load(1);
    expect(target.kind === 'values' && Array.from(target.values.age?.data as Float32Array)).to.deep.equal([7]);
  });
});

describe('a number in a cell', () => {
  it('is written with a decimal point, signs and exponents', () => {
    expect(['-1', '+0.5', '.5', '1e-3', '007'].map((cell) => numberOf(cell, 't.csv:1'))).to.deep.equal([
      -1, 0.5, 0.5, 0.001, 7,
    ]);
  });

  it('is refused with its line if it is none', () => {
    for (const [cell, message] of [
      ['', 'a value is missing'],
      ['1,5', '"1,5" is not a number'],
      ['nan', '"nan" is not a number'],
      ['Infinity', '"Infinity" is not a number'],
      ['1e999', '"1e999" is not a number'],
      ['1e39', '"1e39" is too large for float32'],
      ['12 %', '"12 %" is not a number'],
    ] as const) {
      expect(thrown(() => numberOf(cell, 't.csv:4'))).to.include({ code: 'invalid-data', file: 't.csv:4', message });
    }
  });
});
