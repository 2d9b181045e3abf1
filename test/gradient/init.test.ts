import { expect } from 'chai';
import onnxProto from 'onnx-proto';
import { block, Net } from '../../fixtures/build.ts';
import { fixtureNamed } from '../../fixtures/index.ts';
import { storedType } from '../../src/gradient/forward.ts';
import { type First, initModel } from '../../src/gradient/init.ts';
import { illegalities } from '../../src/graph/legal.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { type Model, writeModel } from '../../src/onnx/model.ts';
import type { TensorProto } from '../../src/onnx/schema.ts';
import { makeTensor, valuesOf } from '../../src/onnx/tensor.ts';
import { numbersIn } from '../../src/runtime/session.ts';
import { thrown } from '../support/errors.ts';
import { runModel, valueNamed } from '../support/session.ts';

const { FLOAT, DOUBLE, INT64, FLOAT16 } = DataType;

const like = (more: { readonly ir?: number } = {}): Model => new Net({ opset: 13, ...more }).model();

const stored = (name: string, dims: readonly number[], values: readonly number[], type: DataType = FLOAT): First => ({
  name,
  type: { type, dims },
  tensor: makeTensor(name, type, dims, values),
});

const zeros = (name: string, dims: readonly number[], type: DataType = FLOAT): First => ({
  name,
  type: { type, dims },
  tensor: undefined,
});

/** The file as Microsoft's decoder reads it. */
const decoded = (model: Model) => onnxProto.onnx.ModelProto.decode(writeModel(model));

describe('gradient/init', () => {
  it('gives stored numbers and zeros under the names that they are the first values of, in order and without an input', async () => {
    const model = initModel(like(), 18, [
      stored('w', [2, 2], [1.5, -2, 3, 4]),
      zeros('m/w', [2, 2]),
      zeros('count', [], INT64),
      stored('scalar', [], [7], DOUBLE),
      zeros('v', [0, 3], DOUBLE),
    ]);
    const values = await runModel(model, {});
    expect(Object.keys(values)).to.deep.equal(['w', 'm/w', 'count', 'scalar', 'v']);
    const shown = Object.values(values).map((it) => [it.type, it.dims, Array.from(numbersIn(it))]);
    expect(shown).to.deep.equal([
      [FLOAT, [2, 2], [1.5, -2, 3, 4]],
      [FLOAT, [2, 2], [0, 0, 0, 0]],
      [INT64, [], [0]],
      [DOUBLE, [], [7]],
      [DOUBLE, [0, 3], []],
    ]);
    expect(model.proto.graph.input).to.deep.equal([]);
  });

  it('states the type and size of each, which another decoder reads', () => {
    const { graph } = decoded(initModel(like(), 18, [stored('w', [3, 1], [1, 2, 3], FLOAT16), zeros('m', [4])]));
    const types = graph?.output?.map(({ name, type }) => [
      name,
      type?.tensorType?.elemType,
      type?.tensorType?.shape?.dim?.map(({ dimValue }) => Number(dimValue)),
    ]);
    expect(types).to.deep.equal([
      ['w', FLOAT16, [3, 1]],
      ['m', FLOAT, [4]],
    ]);
  });

  it('is a file of the gradient’s opset, of IR 8 or what the source has above', () => {
    const versions = (model: Model) => {
      const { irVersion, opsetImport } = decoded(model);
      return [Number(irVersion), opsetImport?.map(({ domain, version }) => [domain ?? '', Number(version)])];
    };
    expect(versions(initModel(like({ ir: 3 }), 18, [zeros('m', [1])]))).to.deep.equal([8, [['', 18]]]);
    expect(versions(initModel(like({ ir: 11 }), 23, [zeros('m', [1])]))).to.deep.equal([11, [['', 23]]]);
  });

  it('keeps a parameter apart from one whose name is what its stored tensor would be called', async () => {
    const model = initModel(like(), 18, [
      stored('w', [1], [1]),
      stored('first/w', [1], [2]),
      zeros('first/first/w', [1]),
    ]);
    expect(illegalities(model)).to.deep.equal([]);
    const values = await runModel(model, {});
    const numbers = Object.entries(values).map(([name, it]) => [name, numbersIn(it)[0]]);
    expect(numbers).to.deep.equal([
      ['w', 1],
      ['first/w', 2],
      ['first/first/w', 0],
    ]);
  });

  it('stands alone: numbers that lie in another file are taken in', async () => {
    const source = fixtureNamed('external-one-file').build();
    const firsts = source.proto.graph.initializer.map(
      (tensor): First => ({ name: tensor.name, type: storedType(tensor), tensor }),
    );
    expect(firsts.map(({ tensor }) => tensor?.dataLocation)).to.include(1);
    const init = initModel(source, 18, firsts);
    expect(
      decoded(init).graph?.initializer?.filter((it) => it.dataLocation === 1 || it.externalData?.length),
    ).to.deep.equal([]);
    // The same block with its numbers in it; no other file lies beside a model in memory.
    const { initializer } = block({ channels: 32 }).model().proto.graph;
    const values = await runModel(init, {});
    for (const tensor of initializer) {
      expect(Array.from(numbersIn(valueNamed(values, tensor.name))), tensor.name).to.deep.equal([...valuesOf(tensor)]);
    }
  });

  it('refuses numbers that lie in a file which cannot be opened', () => {
    const [tensor] = fixtureNamed('external-one-file').build().proto.graph.initializer;
    const error = thrown(() =>
      initModel(like(), 18, [{ name: 'W0', type: storedType(tensor as TensorProto), tensor }]),
    );
    expect(error).to.include({
      code: 'invalid-data',
      message: 'tensor data is in another file, "external-one-file.onnx.data"',
    });
  });

  it('copies no number that the model itself holds', () => {
    const own = stored('w', [2], [1, 2]);
    const { initializer } = initModel(like(), 18, [own]).proto.graph;
    expect(initializer[0]?.rawData).to.equal(own.tensor?.rawData);
  });

  it('of nothing is a model without outputs', () => {
    const { graph } = initModel(like(), 18, []).proto;
    expect([graph.node.length, graph.initializer.length, graph.output.length]).to.deep.equal([0, 0, 0]);
  });
});
