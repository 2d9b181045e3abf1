import { expect } from 'chai';
import { Net, valueInfo as valueInfoOf } from '../../fixtures/build.ts';
import { type FinetuneOptions, finetune } from '../../src/jobs/finetune.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { type Model, readModel, withGraph, writeModel } from '../../src/onnx/model.ts';
import { declaredType } from '../../src/onnx/value-type.ts';
import { rejection } from '../support/errors.ts';
import { classifier, labelledPictures } from '../support/training.ts';

const train = labelledPictures(30, 1);
const options: FinetuneOptions = { task: 'classify', held: labelledPictures(30, 2), epochs: 4, rate: 0.03, seed: 1 };

const shapesIn = ({ proto: { graph } }: Model) =>
  [...graph.input, ...graph.output].map(({ type }) => declaredType(type).shape);

describe('jobs/finetune, of a file that fixes several samples a run', () => {
  it('trains it sample by sample, as one whose batch is open, and writes it as it was', async () => {
    const files: Model[] = [];
    const write = async (trained: Model) => {
      files.push(trained);
      return readModel(writeModel(trained));
    };
    const { model, facts } = await finetune(classifier({ batch: 4 }), train, options, write);
    const open = await finetune(classifier(), train, options);
    expect(facts.history).to.deep.equal(open.facts.history);
    expect(facts.after?.value).to.be.above(0.9);
    for (const it of [model as Model, ...files])
      expect(shapesIn(it)).to.deep.equal([
        [4, 3, 8, 8],
        [4, 3],
      ]);
    expect(files).to.have.length(1);
  });

  it('reads it back where the file states the sizes of what is in between, which ONNX Runtime goes by', async () => {
    const stated = () => {
      const net = new Net();
      const x = net.input('x', [4, 3, 8, 8]);
      const mean = net.node('GlobalAveragePool', [x]);
      const row = net.node('Reshape', [mean, net.node('Slice', [net.node('Shape', [mean]), ...ends(net)])]);
      net.node('Gemm', [row, net.weight('w', [3, 3]), net.weight('b', [3])], {}, { outputs: ['p'] });
      const model = net.output('p', [4, 3]).model();
      const valueInfo = [valueInfoOf(mean, DataType.FLOAT, [4, 3, 1, 1])];
      return withGraph(model, { ...model.proto.graph, valueInfo });
    };
    const ends = (net: Net) => [0, 2].map((it) => net.weight(`at${it}`, [1], [it], DataType.INT64));
    const { model, facts } = await finetune(stated(), train, { ...options, rate: 0.3 }, async (it) =>
      readModel(writeModel(it)),
    );
    expect(facts.proof?.difference).to.be.below(1e-6);
    expect(model?.proto.graph.valueInfo).to.deep.equal(stated().proto.graph.valueInfo);
  });

  it('says so where its nodes take no other number of them', async () => {
    const net = new Net();
    const row = net.node('Reshape', [net.input('x', [4, 3, 8, 8]), net.weight('shape', [2], [4, 192], DataType.INT64)]);
    net.node('Gemm', [row, net.weight('w', [192, 3]), net.weight('b', [3])], {}, { outputs: ['p'] });
    const error = await rejection(finetune(net.output('p', [4, 3]).model(), train, options));
    expect([error.code, error.remedy]).to.deep.equal(['unsupported-model', 'Export it with an open batch']);
    expect(error.message).to.include('it takes 4 samples a run, and does not run on another number of them');
  });
});
