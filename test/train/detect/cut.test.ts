import { expect } from 'chai';
import { Net } from '../../../fixtures/build.ts';
import { withOutputs } from '../../../src/graph/extract.ts';
import { viewOf } from '../../../src/graph/view.ts';
import { Random } from '../../../src/inputs/random.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import { type Model, withGraph } from '../../../src/onnx/model.ts';
import { create } from '../../../src/onnx/schema.ts';
import { makeTensor } from '../../../src/onnx/tensor.ts';
import { numbersIn, type Values } from '../../../src/runtime/session.ts';
import {
  beforeSelection,
  choiceOf,
  formatsOf,
  readsOf,
  unmoved,
  withOnly,
  withWeightsOf,
} from '../../../src/train/detect/cut.ts';
import { endToEnd, ssd, suppressed, yolov8 } from '../../support/detectors.ts';
import { runModel } from '../../support/session.ts';

const random = new Random(7);
const INPUTS: Values = {
  x: {
    type: DataType.FLOAT,
    dims: [1, 3, 64, 64],
    data: Float32Array.from({ length: 3 * 64 * 64 }, () => random.normal()),
  },
};

/** Every model whose rows are chosen in the file. */
const CHOOSERS: Readonly<Record<string, Model>> = {
  suppressed: suppressed(2),
  'suppressed, with scores': suppressed(2, { rows: 'scores' }),
  'end to end': endToEnd(3),
};

describe('train/detect/cut', () => {
  for (const [title, model] of Object.entries(CHOOSERS)) {
    it(`${title}: gives the file's own numbers before anything is chosen, and no node that chooses`, async () => {
      const cut = beforeSelection(model);
      if (cut === undefined) throw new TypeError('nothing was cut');
      expect(cut.outputs.length).to.be.above(1);
      const own = await runModel(cut.model, INPUTS);
      const whole = await runModel(withOutputs(model, cut.outputs), INPUTS);
      for (const name of cut.outputs) {
        expect(own[name]?.dims, name).to.deep.equal(whole[name]?.dims);
        expect(own[name]?.data, name).to.deep.equal(whole[name]?.data);
      }
      const { node } = withOutputs(model, cut.outputs).proto.graph;
      const chooses = node.filter(({ opType }) => ['NonMaxSuppression', 'TopK', 'NonZero'].includes(opType));
      const made = new Set(chooses.flatMap(({ output }) => output));
      expect(cut.outputs.filter((name) => made.has(name))).to.deep.equal([]);
    });
  }

  it('tells a file that suppresses from one that only ranks, and from one that gives all rows', () => {
    expect(beforeSelection(suppressed(2))?.suppresses).to.equal(true);
    expect(beforeSelection(endToEnd(2))?.suppresses).to.equal(false);
    for (const plain of [yolov8(2), ssd(3, true)]) {
      expect(choiceOf(plain)).to.equal(undefined);
      expect(beforeSelection(plain)).to.equal(undefined);
    }
  });

  it('does not take the largest of some sizes, or what is in front of the last layer, for a choice', () => {
    const net = new Net({ opset: 13 });
    const x = net.input('x', [1, 3, 8, 8]);
    net.node('TopK', [x, net.weight('k', [1], [8], DataType.INT64)], { axis: 3 }, { outputs: ['best', 'at'] });
    const y = net.conv('best', 3, 2);
    const sizes = net.node('Cast', [net.node('Shape', [y])], { to: DataType.FLOAT });
    net.node('ReduceMax', [sizes], {}, { outputs: ['most'] });
    net.node('ArgMax', [sizes], {}, { outputs: ['where'] });
    net.node('Relu', [y], {}, { outputs: ['out'] });
    const model = net.output('out', [1, 2, 8, 8]).output('most').output('where', undefined, DataType.INT64).model();
    expect(choiceOf(model)).to.equal(undefined);
  });

  it('knows how NonMaxSuppression reads boxes, by the value that they were laid out from', () => {
    const centre = (value: number | undefined) => {
      const net = new Net({ opset: 13 });
      const boxes = net.node('Transpose', [net.node('Identity', ['raw'])], { perm: [0, 2, 1] });
      const attributes = value === undefined ? {} : { center_point_box: value };
      net.node('NonMaxSuppression', [boxes, 'scores'], attributes, { outputs: ['kept'] });
      const view = viewOf(net.output('kept').model()).scopes[0];
      if (view === undefined) throw new TypeError('there is no graph');
      expect(unmoved(boxes, view.producers)).to.equal('raw');
      return [...formatsOf(view.graph.node, view.producers)];
    };
    expect(centre(undefined)).to.deep.equal([['raw', 'xyxy']]);
    expect(centre(0)).to.deep.equal([['raw', 'xyxy']]);
    expect(centre(1)).to.deep.equal([['raw', 'cxcywh']]);
  });

  it('reads what subgraphs capture, and no empty names', () => {
    const graph = create('GraphProto', {
      node: [create('NodeProto', { opType: 'Add', input: ['outer', 'b'], output: ['z'] })],
      output: [create('ValueInfoProto', { name: 'z' })],
    });
    const node = create('NodeProto', {
      opType: 'If',
      input: ['cond', ''],
      output: ['y'],
      attribute: [create('AttributeProto', { name: 'then_branch', type: 5, g: graph })],
    });
    expect(readsOf(node)).to.deep.equal(['cond', 'outer', 'b']);
  });

  it('keeps only the outputs that are named', () => {
    const { output } = withOnly(suppressed(2, { rows: 'scores' }), new Set(['scores', 'none'])).proto.graph;
    expect(output.map(({ name }) => name)).to.deep.equal(['scores']);
  });

  it('takes trained tensors over from a file of the same graph, stored and constant, and its home', async () => {
    const file = (by: number) => {
      const net = new Net({ opset: 13 });
      const value = makeTensor('', DataType.FLOAT, [2], [by, 2 * by]);
      net.node('Constant', [], { value }, { outputs: ['c'] });
      const sum = net.node('Add', [net.input('x', [2]), net.weight('w', [2], [3 * by, 4 * by])]);
      net.node('Mul', [sum, 'c'], {}, { outputs: ['y'] });
      return net.output('y', [2]).model();
    };
    const [before, after] = [file(1), file(2)];
    const { graph } = before.proto;
    const part = withGraph(before, { ...graph, initializer: [...graph.initializer, makeTensor('own', 1, [1], [9])] });
    const made = withWeightsOf(part, after);
    expect(made.home).to.equal(after.home);
    expect(made.proto.graph.initializer.map(({ name }) => name)).to.deep.equal(['w', 'own']);
    const x = { x: { type: DataType.FLOAT, dims: [2], data: Float32Array.of(1, 1) } };
    expect(Array.from(numbersIn((await runModel(made, x)).y))).to.deep.equal([14, 36]);
  });
});
