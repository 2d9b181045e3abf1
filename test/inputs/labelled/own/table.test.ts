import { expect } from 'chai';
import { type Dims, Net } from '../../../../fixtures/build.ts';
import { DataType } from '../../../../src/onnx/data-type.ts';
import { rejection } from '../../../support/errors.ts';
import { plainPng } from '../../../support/files.ts';
import { openFiles, targetsOf } from '../../../support/labelled.ts';

const RED = await plainPng('#f00', 2);

/** A loss with one further input. */
function asks(dims: Dims, type: DataType = DataType.FLOAT) {
  const net = new Net();
  net.input('wanted', dims, type);
  return net.model();
}
const open = (text: string, targets = asks(['N', 1])) =>
  openFiles({ 'd/a.png': RED, 'd/b.png': RED, 'd/labels.csv': text }, { task: 'own', targets });
const shown = async (text: string, targets = asks(['N', 1])) =>
  Object.values(await targetsOf(await open(text, targets))).map((it) => {
    if (it.kind === 'class') return `class ${it.label}`;
    if (it.kind !== 'values') return it.kind;
    const { wanted } = it.values;
    return `[${wanted?.dims.join(', ')}] ${Array.from(wanted?.data as Float32Array).join(' ')}`;
  });

describe('a table of two columns for a loss of one further input', () => {
  it('has the numbers of the input if they are fractions, whatever the column is called', async () => {
    for (const header of ['file,age\n', '', 'file,label\n'])
      expect(await shown(`${header}a.png,0.5\nb.png,2\n`), header).to.deep.equal(['[1, 1] 0.5', '[1, 1] 2']);
    expect(await shown('age,file\n0.5,a.png\n-2,b.png\n')).to.deep.equal(['[1, 1] 0.5', '[1, 1] -2']);
    expect(await shown('a.png,0.5\nb.png,2\n', asks(['N']))).to.deep.equal(['[1] 0.5', '[1] 2']);
  });

  it('has classes if they are words or whole numbers, or numbers under the name of the input', async () => {
    expect(await shown('file,label\na.png,dog\nb.png,cat\n')).to.deep.equal(['class 1', 'class 0']);
    expect(await shown('file,label\na.png,1\nb.png,0\n')).to.deep.equal(['class 1', 'class 0']);
    expect(await shown('file,wanted\na.png,1\nb.png,0\n')).to.deep.equal(['[1, 1] 1', '[1, 1] 0']);
  });

  it('is refused if the input takes more numbers, or whole ones', async () => {
    expect((await rejection(open('a.png,0.5\nb.png,2\n', asks(['N', 3])))).message).to.equal(
      'no column is named after the loss\'s input "wanted" float32 [N, 3]',
    );
    expect((await rejection(open('a.png,0.5\nb.png,2\n', asks(['N'], DataType.INT64)))).message).to.equal(
      'the class 0.5 is not a whole number from 0',
    );
  });
});
