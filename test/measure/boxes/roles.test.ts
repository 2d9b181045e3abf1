import { expect } from 'chai';
import { rolesOf } from '../../../src/measure/boxes/roles/index.ts';
import type { Roles } from '../../../src/measure/boxes/roles/types.ts';
import { Evidence } from '../../../src/measure/evidence.ts';
import type { Output, TaskOptions } from '../../../src/measure/tasks/types.ts';
import type { Model } from '../../../src/onnx/model.ts';
import { answers, picture } from '../../support/answers.ts';
import { ANCHORS, retinaFace, ssd, suppressed, yolov3, yolov5, yolov8, yolox } from '../../support/detectors.ts';
import { runModel } from '../../support/session.ts';

/** The roles in the outputs that a model really gives. */
async function rolesIn(model: Model, options: TaskOptions = {}): Promise<Roles | undefined> {
  const source = await runModel(model, picture(64, 64));
  const outputs: Output[] = Object.entries(source).map(([name, { type, dims }]) => ({ name, type, dims }));
  return rolesOf(
    outputs,
    { evidence: new Evidence(model), options, first: answers(source, source) },
    Object.keys(options).length > 0,
  );
}

const columns = (list: Roles['boxes'] | undefined) =>
  list?.map(({ output, layout, from, to }) => [output, layout, from, to]);

describe('roles of a detector’s outputs', () => {
  it('splits one output by what a Sigmoid made', async () => {
    const raw = await rolesIn(yolox(3));
    expect(columns(raw?.boxes)).to.deep.equal([['output', 'nrc', 0, 4]]);
    expect(columns(raw?.scores)).to.deep.equal([['output', 'nrc', 4, 8]]);
    expect(raw).to.include({ objectness: true, format: 'yolox', rows: 'anchors' });
    const decoded = await rolesIn(yolov8(5, 2));
    expect(columns(decoded?.scores)).to.deep.equal([['output', 'ncr', 4, 9]]);
    expect(decoded).to.include({ objectness: false, format: undefined });
    const old = await rolesIn(yolov5(3));
    expect(columns(old?.scores)).to.deep.equal([['output', 'nrc', 4, 8]]);
    expect(old).to.include({ objectness: true, format: undefined });
    const why = async (classes: number) => (await rolesIn(yolov8(classes)))?.why;
    expect(await why(5)).to.equal('a Sigmoid produces columns 4 to 8 of output, but not the four before them');
    expect(await why(1)).to.equal('a Sigmoid produces column 4 of output, but not the four before it');
  });

  it('takes the first score for the objectness where a layer has several anchors a cell, whose boxes it also makes', async () => {
    const roles = await rolesIn(yolov3(4));
    expect(columns(roles?.scores)).to.deep.equal([['output', 'nrc', 4, 9]]);
    expect(roles).to.include({ objectness: true, rows: 'anchors', format: undefined });
  });

  it('takes rows of a grid that NonZero lays out for one for each anchor, not for what was found', async () => {
    const roles = await rolesIn(yolov3(4, { isComputed: true }));
    expect(columns(roles?.scores)).to.deep.equal([['output', 'nrc', 4, 9]]);
    expect(roles).to.include({ rows: 'anchors' });
  });

  it('takes a Softmax of as many rows for scores, one of which is the background', async () => {
    const roles = await rolesIn(ssd(3, true));
    expect(columns(roles?.boxes)).to.deep.equal([['boxes', 'nrc', 0, 4]]);
    expect(columns(roles?.scores)).to.deep.equal([['scores', 'nrc', 0, 3]]);
    expect(roles).to.include({ background: true, format: undefined });
    expect(await rolesIn(ssd(3, false))).to.include({ format: 'anchors' });
  });

  it('takes maps at several sizes for levels, and leaves landmarks beside', async () => {
    const roles = await rolesIn(retinaFace());
    expect(columns(roles?.scores)).to.deep.equal([0, 1, 2].map((level) => [`score${level}`, 'halves', 0, 1]));
    expect(columns(roles?.boxes)).to.deep.equal([0, 1, 2].map((level) => [`box${level}`, 'maps', 0, 4]));
    expect(roles?.beside).to.deep.equal(['landmark0', 'landmark1', 'landmark2']);
  });

  it('takes rows behind NonMaxSuppression for what was found, with classes from wherever they are', async () => {
    const selected = await rolesIn(suppressed(2));
    expect(columns(selected?.boxes)).to.deep.equal([['boxes', 'rc', 0, 4]]);
    expect(selected?.labels).to.include({ output: 'selected', from: 1, to: 2 });
    expect(selected?.scores).to.deep.equal([]);
    const rows = await rolesIn(suppressed(2, { rows: 'scores' }));
    expect(rows?.labels).to.include({ output: 'labels', layout: 'r' });
    expect(columns(rows?.scores)).to.deep.equal([['scores', 'r', 0, 1]]);
  });

  it('takes the columns that the caller names', async () => {
    const roles = await rolesIn(yolov8(5, 2), { boxes: 'output[0:4]', scores: 'output[4:7]' });
    expect(columns(roles?.boxes)).to.deep.equal([['output', 'ncr', 0, 4]]);
    expect(columns(roles?.scores)).to.deep.equal([['output', 'ncr', 4, 7]]);
    expect(columns((await rolesIn(yolov8(5), { boxes: 'output', scores: 'output' }))?.scores)).to.deep.equal([
      ['output', 'ncr', 4, 9],
    ]);
  });

  it('says what is wrong with names and columns', async () => {
    const wrong = async (options: TaskOptions) =>
      rolesIn(yolox(3), options).then(
        () => undefined,
        (error: Error) => error.message,
      );
    expect(await wrong({ boxes: 'no', scores: 'output' })).to.equal('--boxes names "no"; the outputs are "output"');
    expect(await wrong({ scores: 'output' })).to.equal('--scores is given without --boxes');
    expect(await wrong({ boxes: 'output[4:99]' })).to.equal('--boxes asks for columns 4 to 99; output has 8');
  });

  it('finds a table by its number of rows where no operator tells', async () => {
    const source = { y: { type: 1, dims: [1, ANCHORS, 9], data: new Float32Array(ANCHORS * 9) } };
    const context = { evidence: new Evidence(yolox(1)), options: {}, first: answers(source, source) };
    const outputs = [{ name: 'y', type: 1, dims: [1, ANCHORS, 9] }];
    expect(columns(rolesOf(outputs, context, false)?.scores)).to.deep.equal([['y', 'nrc', 4, 9]]);
    const other = [{ name: 'y', type: 1, dims: [1, ANCHORS + 9, 9] }];
    expect(rolesOf(other, context, false)).to.equal(undefined);
    expect(rolesOf(other, context, true), 'asked for').to.not.equal(undefined);
  });
});
