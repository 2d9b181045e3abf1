import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { Evidence, rowsByData } from '../../src/measure/evidence.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { create } from '../../src/onnx/schema.ts';
import { retinaFace, ssd, suppressed, yolov3, yolov5, yolov8, yolox } from '../support/detectors.ts';

const runs = (evidence: Evidence, output: string, axis: number) =>
  evidence.segments(output, axis).map(({ size, made }) => [size, made]);

describe('Evidence', () => {
  it('tells which columns of a detector a Sigmoid made, through levels, shapes and the order of axes', () => {
    expect(runs(new Evidence(yolox(3)), 'output', 2)).to.deep.equal([
      [4, 'linear'],
      [1, 'sigmoid'],
      [3, 'sigmoid'],
    ]);
    expect(runs(new Evidence(yolov8(5, 2)), 'output', 1)).to.deep.equal([
      [4, 'other'],
      [5, 'sigmoid'],
      [2, 'linear'],
    ]);
    expect(runs(new Evidence(yolov5(3)), 'output', 2)).to.deep.equal([
      [4, 'other'],
      [4, 'sigmoid'],
    ]);
  });

  it('tells a Softmax and how many classes it had, behind reshapes too', () => {
    expect(new Evidence(ssd(3, true)).made('scores', 2)).to.equal('softmax');
    const evidence = new Evidence(retinaFace());
    expect(evidence.softmaxClasses('score0')).to.equal(2);
    expect(evidence.softmaxClasses('box0')).to.equal(undefined);
    expect(evidence.made('box0', 1)).to.equal('linear');
  });

  it('tells which outputs have as many rows as the data ask for', () => {
    const evidence = new Evidence(suppressed(2));
    expect(['boxes', 'selected'].map((name) => evidence.selects(name))).to.deep.equal([true, true]);
    expect(evidence.suppresses('boxes')).to.equal(true);
    expect(new Evidence(yolox(3)).selects('output')).to.equal(false);
  });

  it('does not take the cells of a grid, found by NonZero among sizes, for rows that are chosen', () => {
    for (const isComputed of [false, true]) {
      const evidence = new Evidence(yolov3(4, { isComputed }));
      expect(evidence.selects('output')).to.equal(false);
      expect(evidence.ranks('output')).to.equal(false);
      expect([...rowsByData(yolov3(4, { isComputed }))]).to.deep.equal([]);
    }
    expect([...rowsByData(suppressed(2))]).to.include('boxes');
  });

  it('reads names of classes however they are written', () => {
    const named = (value: string) => {
      const model = yolov5(3);
      const metadataProps = [create('StringStringEntryProto', { key: 'names', value })];
      return new Evidence({ ...model, proto: { ...model.proto, metadataProps } }).classes;
    };
    expect(named("{0: 'a', 1: 'b'}")).to.equal(2);
    expect(named("['a', 'b', 'c']")).to.equal(3);
    expect(named('["a"]')).to.equal(1);
    expect(named('no')).to.equal(undefined);
  });

  it('tells how NonMaxSuppression reads the boxes that an output holds', () => {
    const evidence = new Evidence(suppressed(2));
    expect(evidence.suppressedAs('boxes')).to.equal('xyxy');
    expect(evidence.suppressedAs('selected')).to.equal(undefined);
    expect(new Evidence(yolox(3)).suppressedAs('output')).to.equal(undefined);
  });

  it('looks into subgraphs for what selects rows', () => {
    const branch = (prefix: string) => {
      const inner = new Net({ prefix });
      inner.node('NonZero', ['x'], {}, { outputs: [`${prefix}y`] });
      return { graph: inner.output(`${prefix}y`, undefined, DataType.INT64).graph() };
    };
    const net = new Net();
    net.input('x', [4]);
    const condition = net.input('c', [], DataType.BOOL);
    net.node('If', [condition], { then_branch: branch('a'), else_branch: branch('b') }, { outputs: ['y'] });
    expect(new Evidence(net.output('y', undefined, DataType.INT64).model()).selects('y')).to.equal(true);
  });

  it('takes a bias for a part of its layer, and a product of probabilities for one', () => {
    const net = new Net();
    const x = net.input('x', [2, 4]);
    const product = net.node('MatMul', [x, net.weight('w', [4, 3])]);
    net.node('Add', [product, net.weight('b', [3])], {}, { outputs: ['y'] });
    const [a, b] = ['p', 'q'].map((name) => net.node('Sigmoid', [net.node('MatMul', [x, net.weight(name, [4, 3])])]));
    net.node('Mul', [a as string, b as string], {}, { outputs: ['z'] });
    const evidence = new Evidence(net.output('y', [2, 3]).output('z', [2, 3]).model());
    expect(evidence.made('y', 1)).to.equal('linear');
    expect(evidence.made('z', 1)).to.equal('sigmoid');
  });

  it('reads how many classes Ultralytics names', () => {
    const names = "{0: 'person', 1: 'dog, brown', 2: '3: no'}";
    const more = { metadataProps: [create('StringStringEntryProto', { key: 'names', value: names })] };
    const net = new Net();
    const y = net.relu(net.input('x', [1]));
    expect(new Evidence(net.output(y, [1]).model(more)).classes).to.equal(3);
    expect(new Evidence(yolox(1)).classes).to.equal(undefined);
  });
});
