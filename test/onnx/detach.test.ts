import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import type { ByteSource } from '../../src/onnx/bytes.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { detachWeights } from '../../src/onnx/detach.ts';
import { type Model, memoryHome, readModel, writeModel } from '../../src/onnx/model.ts';
import type { TensorProto } from '../../src/onnx/schema.ts';
import { makeTensor, valuesOf } from '../../src/onnx/tensor.ts';
import { RecordingSource } from './support/sources.ts';

/** From this size on, weights of a file are not read with what is around them. */
const LARGE = 300_000;

/** A model of a large and a small weight, as read from a file. */
function fromFile(): { model: Model; file: RecordingSource; built: Model } {
  const net = new Net();
  const values = Array.from({ length: LARGE / 4 }, (_, i) => i / 7);
  net.add(makeTensor('large', DataType.FLOAT, [values.length], values));
  const x = net.node('Add', [net.input('x', [1]), net.weight('small', [1])]);
  const built = net.output(net.node('Add', [x, 'large']), [values.length]).model();
  const file = new RecordingSource(writeModel(built));
  return { model: readModel(file), file, built };
}

function initializer({ proto }: Model, name: string): TensorProto {
  return proto.graph.initializer.find((it) => it.name === name) as TensorProto;
}

describe('detachWeights', () => {
  it('writes where weights are instead of the weights, which read as before', () => {
    const { model, file, built } = fromFile();
    const detached = detachWeights(model, (source) => (source === file ? 'file.onnx' : undefined));
    file.reads.length = 0;
    const bytes = writeModel(detached);
    expect([bytes.length < 2000, file.bytesRead < 2000]).to.deep.equal([true, true]);

    const opened: string[] = [];
    const open = (location: string): ByteSource => {
      opened.push(location);
      return file;
    };
    const read = readModel(bytes, memoryHome(open));
    expect(valuesOf(initializer(read, 'large'), open)).to.deep.equal(valuesOf(initializer(built, 'large')));
    expect(opened).to.deep.equal(['file.onnx']);
    expect(initializer(read, 'small').dataLocation).to.equal(undefined);
  });

  it('leaves in the model what is in no file that has a name', () => {
    const { model } = fromFile();
    expect(writeModel(detachWeights(model, () => undefined))).to.deep.equal(writeModel(model));
  });

  it('changes nothing else, nor the model it is given', () => {
    const { model, file } = fromFile();
    const before = writeModel(model);
    const { graph, ...rest } = detachWeights(model, (source) => (source === file ? 'file.onnx' : undefined)).proto;
    expect(writeModel(model)).to.deep.equal(before);
    const { graph: graphBefore, ...restBefore } = model.proto;
    expect(rest).to.deep.equal(restBefore);
    expect(graph.node).to.equal(graphBefore.node);
    expect(graph.initializer.map(({ name, dims }) => ({ name, dims }))).to.deep.equal(
      graphBefore.initializer.map(({ name, dims }) => ({ name, dims })),
    );
  });
});
