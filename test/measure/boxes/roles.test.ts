import { expect } from 'chai';
import { Net } from '../../../fixtures/build.ts';
import { rolesOf } from '../../../src/measure/boxes/roles/index.ts';
import type { Roles } from '../../../src/measure/boxes/roles/types.ts';
import { Evidence } from '../../../src/measure/evidence.ts';
import type { Output, TaskOptions } from '../../../src/measure/tasks/types.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import type { Model } from '../../../src/onnx/model.ts';
import { answers, picture } from '../../support/answers.ts';
import { ANCHORS, retinaFace, ssd, suppressed, yolov3, yolov5, yolov8, yolox } from '../../support/detectors.ts';
import { fcos, gfl, nanoDet, picoDet } from '../../support/distance-detectors.ts';
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

  it('takes columns of a layer beside those of a Sigmoid for distributions over distances', async () => {
    for (const [isLast, from] of [
      [false, 3],
      [true, 0],
    ] as const) {
      const roles = await rolesIn(nanoDet(3, isLast));
      expect(roles?.boxes).to.deep.equal([{ output: 'output', layout: 'nrc', from, to: from + 32, bins: 8 }]);
      expect(columns(roles?.scores)).to.deep.equal([['output', 'nrc', isLast ? 32 : 0, isLast ? 35 : 3]]);
      expect(roles).to.include({ rows: 'anchors', format: 'ltrb', kind: 'probability', objectness: false });
    }
    const levels = await rolesIn(picoDet(3));
    expect(columns(levels?.boxes)).to.deep.equal([8, 16, 32].map((it) => [`boxes${it}`, 'nrc', 0, 32]));
    expect(columns(levels?.scores)).to.deep.equal([8, 16, 32].map((it) => [`scores${it}`, 'nrc', 0, 3]));
    const maps = await rolesIn(gfl(3));
    expect(maps?.boxes[0]).to.deep.equal({ output: 'boxes32', layout: 'maps', each: 32, from: 0, to: 32, bins: 8 });
    expect(maps).to.include({ format: 'ltrb' });
  });

  it('takes no layer of four columns for a distribution', async () => {
    const roles = await rolesIn(fcos(2));
    expect(roles?.boxes.map(({ bins }) => bins)).to.deep.equal([undefined, undefined, undefined]);
    expect(roles).to.include({ format: undefined });
  });

  it('takes a table of chances alone for no boxes, unless it is asked', async () => {
    const net = new Net({ opset: 13 });
    const x = net.input('x', [1, 3, 64, 64]);
    const flat = [8, 16, 32].map((stride) => {
      const layer = net.node('Conv', [x, net.weight(`w${stride}`, [9, 3, 1, 1])], {
        kernel_shape: [1, 1],
        strides: [stride, stride],
      });
      const shape = net.weight(`s${stride}`, [3], [1, 9, -1], DataType.INT64);
      return net.node('Reshape', [net.node('Sigmoid', [layer]), shape]);
    });
    net.node('Transpose', [net.node('Concat', flat, { axis: 2 })], { perm: [0, 2, 1] }, { outputs: ['chances'] });
    const model = net.output('chances', [1, ANCHORS, 9]).model();
    expect(await rolesIn(model)).to.equal(undefined);
    expect(await rolesIn(model, { task: ['detect'] })).to.not.equal(undefined);
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
