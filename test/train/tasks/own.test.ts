import { expect } from 'chai';
import { labelledOf } from '../../../src/inputs/labelled/memory.ts';
import { Random } from '../../../src/inputs/random.ts';
import { finetune } from '../../../src/jobs/finetune.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import type { TensorProto } from '../../../src/onnx/schema.ts';
import { valuesOf } from '../../../src/onnx/tensor.ts';
import { rejection } from '../../support/errors.ts';
import { line, weightedLoss } from '../../support/training.ts';

/** Points on the plane 2 a + 3 b − 1. Every third is far off it, and weighs nothing. */
function outliers(count: number, type: DataType = DataType.FLOAT) {
  const random = new Random(5);
  const x = Float32Array.from({ length: 2 * count }, () => random.normal());
  const onPlane = Array.from({ length: count }, (_, i) => 2 * (x[2 * i] as number) + 3 * (x[2 * i + 1] as number) - 1);
  const isOff = (i: number) => i % 3 === 0;
  const column = (numbers: number[]) => {
    const data = type === DataType.FLOAT ? Float32Array.from(numbers) : Float64Array.from(numbers);
    return { type, dims: [count, 1], data };
  };
  return labelledOf(
    { x: { type: DataType.FLOAT, dims: [count, 2], data: x } },
    {
      kind: 'values',
      values: {
        wanted: column(onPlane.map((it, i) => (isOff(i) ? 100 : it))),
        weight: column(onPlane.map((_, i) => Number(!isOff(i)))),
      },
    },
  );
}

const how = { task: 'own', rate: 0.05, epochs: 6, weightDecay: 0 } as const;

describe('a loss that is a model', () => {
  for (const batch of [1, 4]) {
    it(`is learnt as it says, with ${batch} samples a step: what weighs nothing teaches nothing`, async () => {
      const [data, held] = [outliers(96), outliers(48)];
      const options = { ...how, batch, epochs: 6 * batch, lossModel: weightedLoss(), held };
      const { model, facts } = await finetune(line(), data, options);
      const stored = new Map(model?.proto.graph.initializer.map((tensor) => [tensor.name, tensor]));
      const [w, b] = ['w', 'b'].map((name) => Array.from(valuesOf(stored.get(name) as TensorProto)));
      // AdamW at that rate ends within a few per cent of the plane; a pull by one outlier would be 100 / 3.
      for (const [index, wanted] of [2, 3].entries()) expect(w?.[index]).to.be.closeTo(wanted, 0.1);
      expect(b?.[0]).to.be.closeTo(-1, 0.1);
      expect(facts.measure).to.equal('fall of the loss');
      expect(facts.after?.value).to.be.above(0.99);
      expect(facts.before?.value).to.be.within(-1, 0.5);
      // The loss of the graph and the loss that measures are the same number.
      expect(facts.after?.figures.loss).to.be.closeTo(facts.history.at(facts.bestEpoch)?.loss as number, 1e-5);
    });
  }

  it('takes targets of another width, as NumPy writes them', async () => {
    const { facts } = await finetune(line(), outliers(24, DataType.DOUBLE), {
      ...how,
      epochs: 1,
      lossModel: weightedLoss(),
    });
    expect(facts.history[1]?.trainLoss).to.be.a('number');
  });

  it('is refused if none is given, if it has no output of the model, or if samples lack what it takes', async () => {
    const data = outliers(8);
    const refusal = async (options: object, from = data) => {
      const { code, node, message, remedy } = await rejection(finetune(line(), from, { ...how, ...options }));
      return { code, node, message, remedy };
    };
    expect(await refusal({})).to.deep.equal({
      code: 'invalid-arguments',
      node: '--loss',
      message: 'a loss of your own is to be learnt, and none is given',
      remedy: 'Give a model that computes it: --loss FILE.onnx',
    });
    expect(await refusal({ lossModel: weightedLoss({ output: 'z' }) })).to.deep.equal({
      code: 'invalid-arguments',
      node: '--loss',
      message: 'no input of the loss (z, wanted, weight) is an output of the model',
      remedy: 'Name the inputs that take what the model answers after its outputs: y',
    });
    const bare = labelledOf({ x: { type: DataType.FLOAT, dims: [4, 2], data: new Float32Array(8) } });
    expect(await refusal({ lossModel: weightedLoss() }, bare)).to.deep.equal({
      code: 'invalid-data',
      node: 'wanted',
      message: 'the data has no array of this name',
      remedy: "Name the arrays after the model's inputs: wanted, weight",
    });
  });
});
