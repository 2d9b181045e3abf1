import { expect } from 'chai';
import { type Dims, Net } from '../../../fixtures/build.ts';
import type { Target } from '../../../src/inputs/labelled/types.ts';
import { finetune } from '../../../src/jobs/finetune.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import type { Model } from '../../../src/onnx/model.ts';
import { valuesOf } from '../../../src/onnx/tensor.ts';
import { labelReader } from '../../../src/train/tasks/own-labels.ts';
import { rejection } from '../../support/errors.ts';
import { classifier, labelledPictures } from '../../support/training.ts';

const { FLOAT, INT64 } = DataType;

/** What a loss asks beside the outputs of the model. */
function asks(dims: Dims | undefined, type: DataType, ignore?: number): Model {
  const net = new Net();
  net.input('label', dims as Dims, type);
  if (ignore === undefined) return net.model();
  const [scores, label] = [net.weight('scores', [1, 2]), net.weight('one', [1], [0], INT64)];
  net.node('SoftmaxCrossEntropyLoss', [scores, label], { ignore_index: ignore }, { outputs: ['loss'] });
  return net.output('loss', []).model();
}

const CLASS: Target = { kind: 'class', label: 1 };
/** Of four rows and columns, the middle of two by two are the second and fourth. */
const MAP: Target = {
  kind: 'map',
  height: 4,
  width: 4,
  labels: Int16Array.of(0, 0, 0, 0, 0, 1, 0, -1, 0, 0, 0, 0, 0, 0, 0, 1),
};

/** Dimensions and numbers that a loss is given for a sample of a model with an output of these dimensions. */
function read(loss: Model, target: Target, count: number, output: readonly number[]) {
  const example = { inputs: {}, target };
  const classes = ['a', 'b', 'c', 'd'].slice(0, count);
  const value = labelReader(loss, [{ name: 'p', type: FLOAT, dims: output }], example, classes)?.(example).label;
  return value && [value.type, [...value.dims], Array.from(value.data, Number)];
}

describe('classes and masks for a loss of one’s own', () => {
  it('are the number of the class for whole numbers', () => {
    expect(read(asks(['N'], INT64), CLASS, 3, [1, 3])).to.deep.equal([DataType.INT32, [1], [1]]);
    expect(read(asks(['N', 1], INT64), CLASS, 3, [1, 3])).to.deep.equal([DataType.INT32, [1, 1], [1]]);
  });

  it('are one place for each class for floats; one place for two classes if the model has one', () => {
    expect(read(asks(['N', 3], FLOAT), CLASS, 3, [1, 3])).to.deep.equal([FLOAT, [1, 3], [0, 1, 0]]);
    expect(read(asks(['N', 'C'], FLOAT), CLASS, 3, [1, 3])).to.deep.equal([FLOAT, [1, 3], [0, 1, 0]]);
    expect(read(asks(['N', 'C'], FLOAT), CLASS, 2, [1, 2])).to.deep.equal([FLOAT, [1, 2], [0, 1]]);
    expect(read(asks(['N', 'C'], FLOAT), CLASS, 2, [1, 1])).to.deep.equal([FLOAT, [1, 1], [1]]);
    expect(read(asks(['N'], FLOAT), CLASS, 2, [1, 1])).to.deep.equal([FLOAT, [1], [1]]);
  });

  it('are maps of the size of the output; pixels without a label are passed over, or 0', () => {
    const wide = [1, 2, 2, 2];
    expect(read(asks(['N', 'h', 'w'], INT64, -100), MAP, 2, wide)).to.deep.equal([
      DataType.INT32,
      [1, 2, 2],
      [1, -100, 0, 1],
    ]);
    expect(read(asks(['N', 2, 'h', 'w'], FLOAT), MAP, 2, wide)).to.deep.equal([
      FLOAT,
      [1, 2, 2, 2],
      [0, 0, 1, 0, 1, 0, 0, 1],
    ]);
    expect(read(asks(['N', 1, 'h', 'w'], FLOAT), MAP, 2, [1, 1, 2, 2])).to.deep.equal([
      FLOAT,
      [1, 1, 2, 2],
      [1, 0, 0, 1],
    ]);
    // The loss says another size than the output.
    expect(read(asks(['N', 4, 4], INT64, 255), MAP, 2, wide)?.[1]).to.deep.equal([1, 4, 4]);
  });

  it('are left to the names of arrays, if samples have them', () => {
    expect(read(asks(['N'], FLOAT), { kind: 'values', values: {} }, 0, [1, 1])).to.equal(undefined);
  });

  const wrong: [string, Model, Target, number, readonly number[], string][] = [
    [
      'floats of another number of places',
      asks(['N', 4], FLOAT),
      CLASS,
      3,
      [1, 4],
      '--loss: classes of 3 kinds do not fit the loss\'s input "label" float32 [N, 4]. Make the input int64 [N], or float32 [N, 3]; or give arrays of that name (docs/data.md).',
    ],
    [
      'one place for three classes',
      asks(['N', 1], FLOAT),
      CLASS,
      3,
      [1, 3],
      '--loss: classes of 3 kinds do not fit the loss\'s input "label" float32 [N, 1]. Make the input int64 [N], or float32 [N, 3]; or give arrays of that name (docs/data.md).',
    ],
    [
      'floats of no rank',
      asks(undefined, FLOAT),
      CLASS,
      2,
      [1, 2],
      '--loss: classes of 2 kinds do not fit the loss\'s input "label" float32. Make the input int64 [N], or float32 [N, 2], or float32 [N, 1]; or give arrays of that name (docs/data.md).',
    ],
    [
      'a map for a number',
      asks(['N'], INT64),
      MAP,
      2,
      [1, 2, 2, 2],
      '--loss: masks of 2 kinds do not fit the loss\'s input "label" int64 [N]. Make the input int64 [N, H, W], or float32 [N, 2, H, W], or float32 [N, 1, H, W]; or give arrays of that name (docs/data.md).',
    ],
    [
      'more classes than the model has',
      asks(['N'], INT64),
      CLASS,
      4,
      [1, 3],
      'the data has 4 classes, and p has 3. Leave classes out, or train a model that has them all.',
    ],
    [
      'pixels without a label',
      asks(['N', 4, 4], INT64),
      MAP,
      2,
      [1, 2, 4, 4],
      'a mask has pixels without a label, and the loss has no ignore_index. Give its SoftmaxCrossEntropyLoss an ignore_index.',
    ],
  ];
  for (const [name, loss, target, count, output, says] of wrong) {
    it(`are refused: ${name}`, async () => {
      const error = await rejection(Promise.resolve().then(() => read(loss, target, count, output)));
      expect(error.describe()).to.equal(says);
    });
  }

  /** Cross-entropy of the output `p` with the class as a number, or as a place. */
  function crossEntropy(form: 'number' | 'places'): Model {
    const net = new Net();
    const scores = net.input('p', ['N', 3]);
    if (form === 'number') {
      net.node('SoftmaxCrossEntropyLoss', [scores, net.input('label', ['N'], INT64)], {}, { outputs: ['loss'] });
    } else {
      const chosen = net.node('Mul', [net.input('label', ['N', 'C']), net.node('LogSoftmax', [scores], { axis: 1 })]);
      const each = net.node('Neg', [
        net.node('ReduceSum', [chosen, net.weight('axes', [1], [1], INT64)], { keepdims: 0 }),
      ]);
      net.node('ReduceMean', [each], { keepdims: 0 }, { outputs: ['loss'] });
    }
    return net.output('loss', []).model();
  }

  for (const form of ['number', 'places'] as const) {
    it(`train what --task classify trains, if the loss is its own (${form})`, async () => {
      const model = classifier({ softmax: false });
      const how = { rate: 0.01, epochs: 2, batch: 4, held: labelledPictures(12, 2) };
      const data = labelledPictures(24, 1);
      const [own, known] = [
        await finetune(model, data, { ...how, task: 'own', lossModel: crossEntropy(form) }),
        await finetune(model, data, { ...how, task: 'classify' }),
      ];
      for (const [epoch, { loss }] of known.facts.history.entries()) {
        expect(own.facts.history[epoch]?.loss).to.be.closeTo(loss ?? Number.NaN, 1e-5);
      }
      expect(own.facts.classes).to.deep.equal(known.facts.classes);
      const [a, b] = [own, known].map(
        (it) => it.model?.proto.graph.initializer.flatMap((tensor) => Array.from(valuesOf(tensor))) ?? [],
      );
      // AdamW moves a weight by up to the rate a step, and float32 sums in another order.
      for (const [index, weight] of (b ?? []).entries()) expect(a?.[index]).to.be.closeTo(weight, 1e-3);
    });
  }
});
