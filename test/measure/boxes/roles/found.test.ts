import { expect } from 'chai';
import { found } from '../../../../src/measure/boxes/roles/found.ts';
import { DataType } from '../../../../src/onnx/data-type.ts';
import { contextOf, float, layouts } from '../../../support/roles.ts';

const { INT64 } = DataType;
const long = (name: string, ...dims: number[]) => ({ name, type: INT64, dims });

describe('measure/boxes/roles/found', () => {
  it('takes a table of corners, score and class for each picture, as YOLOv10 has it', () => {
    const roles = found([float('y', 1, 300, 6)], contextOf({ ranks: ['y'] }), false);
    expect(roles?.boxes.map(layouts)).to.deep.equal([['y', 'nrc', 0, 4]]);
    expect(roles?.scores.map(layouts)).to.deep.equal([['y', 'nrc', 4, 5]]);
    expect(roles?.labels && layouts(roles.labels)).to.deep.equal(['y', 'nrc', 5, 6]);
    expect(roles).to.include({ rows: 'found' }).and.not.to.have.property('pictures');
  });

  it('takes rows of five numbers for boxes of one class', () => {
    const roles = found([float('y', 20, 5)], contextOf({ suppresses: ['y'] }), false);
    expect(roles?.scores.map(layouts)).to.deep.equal([['y', 'rc', 4, 5]]);
    expect(roles).not.to.have.property('labels');
  });

  it('takes seven for the picture, box, class and score, as YOLOv7 has them', () => {
    const roles = found([float('y', 20, 7)], contextOf({ suppresses: ['y'] }), false);
    expect(roles?.pictures && layouts(roles.pictures)).to.deep.equal(['y', 'rc', 0, 1]);
    expect(roles?.boxes.map(layouts)).to.deep.equal([['y', 'rc', 1, 5]]);
    expect(roles?.labels && layouts(roles.labels)).to.deep.equal(['y', 'rc', 5, 6]);
    expect(roles?.scores.map(layouts)).to.deep.equal([['y', 'rc', 6, 7]]);
  });

  it('takes columns beside boxes of each picture by their types and names, and leaves others beside', () => {
    const outputs = [float('boxes', 2, 50, 4), float('keypoints', 2, 50, 10), float('conf', 2, 50), long('ids', 2, 50)];
    const names = outputs.map(({ name }) => name);
    const roles = found(outputs, contextOf({ ranks: names }), false);
    expect(roles?.boxes.map(layouts)).to.deep.equal([['boxes', 'nrc', 0, 4]]);
    expect(roles?.scores.map(layouts)).to.deep.equal([['conf', 'nr', 0, 1]]);
    expect(roles?.labels && layouts(roles.labels)).to.deep.equal(['ids', 'nr', 0, 1]);
    expect(roles?.beside).to.deep.equal(['keypoints']);
  });

  it('takes the picture and class of what NonMaxSuppression returns beside rows', () => {
    const outputs = [float('boxes', 9, 4), long('selected', 9, 3)];
    const roles = found(outputs, contextOf({ suppresses: ['boxes'], ranks: ['boxes', 'selected'] }), false);
    expect(roles?.labels && layouts(roles.labels)).to.deep.equal(['selected', 'rc', 1, 2]);
    expect(roles?.pictures && layouts(roles.pictures)).to.deep.equal(['selected', 'rc', 0, 1]);
  });

  it('does not take what a classifier ranks, unless boxes are asked for', () => {
    expect(found([float('top', 1, 5)], contextOf({ ranks: ['top'] }), false)).to.equal(undefined);
    expect(found([float('top', 1, 5)], contextOf({ ranks: ['top'], selects: ['top'] }), true)).not.to.equal(undefined);
    expect(found([float('top', 1, 3)], contextOf({ suppresses: ['top'] }), false)).to.equal(undefined);
  });
});
