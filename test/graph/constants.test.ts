import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { GnSwapError } from '../../src/errors.ts';
import { constantInts, constantOf } from '../../src/graph/constants.ts';
import { type Scope, scopesOf } from '../../src/graph/scope.ts';
import { makeNode } from '../../src/onnx/attributes.ts';
import { MemorySource } from '../../src/onnx/bytes.ts';
import { constantNodeTensor } from '../../src/onnx/constant-node.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { create, type NodeProto, type SparseTensorProto, type TensorProto } from '../../src/onnx/schema.ts';
import { dimsOf, makeTensor, noExternalData, valuesOf } from '../../src/onnx/tensor.ts';
import { PretendedSource } from '../onnx/support/sources.ts';

const mainOf = (net: Net): Scope => scopesOf(net.model())[0] as Scope;

/** Values of a constant of the main graph, or `undefined`. */
function valuesIn(net: Net, name: string): number[] | undefined {
  const tensor = constantOf(mainOf(net), name, noExternalData);
  return tensor && [...valuesOf(tensor)];
}

const intsIn = (net: Net, name: string) => constantInts(mainOf(net), name, noExternalData);

function sparseOf(
  name: string,
  values: readonly number[],
  indices: readonly number[],
  dims: readonly number[],
): SparseTensorProto {
  return create('SparseTensorProto', {
    values: makeTensor(name, DataType.FLOAT, [values.length], values),
    indices: makeTensor('', DataType.INT64, [indices.length], indices),
    dims,
  });
}

const strings = (name: string): TensorProto =>
  create('TensorProto', { name, dataType: DataType.STRING, dims: [1], stringData: [new TextEncoder().encode('1')] });

describe('graph/constants', () => {
  describe('constantOf', () => {
    it('is an initializer, also one that is listed as an input', () => {
      const net = new Net({ ir: 3 });
      net.weight('w', [2], [1.5, -2]);
      expect(valuesIn(net, 'w')).to.deep.equal([1.5, -2]);
      expect(constantOf(mainOf(net), 'w', noExternalData)).to.equal(net.initializers[0]);
    });

    it('is a Constant, by any attribute that has numbers', () => {
      const net = new Net();
      const tensor = makeTensor('t', DataType.DOUBLE, [2], [1, 2]);
      const cases = { value: tensor, value_float: { float: 2.5 }, value_int: 7, value_ints: [3, 4] } as const;
      const expected = { value: [1, 2], value_float: [2.5], value_int: [7], value_ints: [3, 4] };
      for (const [name, value] of Object.entries(cases)) {
        const output = net.node('Constant', [], { [name]: value });
        expect(valuesIn(net, output), name).to.deep.equal(expected[name as keyof typeof expected]);
      }
      const floats = create('AttributeProto', { name: 'value_floats', type: 6, floats: [0.5, 0.25] });
      expect(valuesIn(net, net.node('Constant', [], { floats }))).to.deep.equal([0.5, 0.25]);
    });

    it('is no Constant of text, and none that says nothing', () => {
      const net = new Net();
      for (const attributes of [{ value_string: 'a' }, {}]) {
        expect(valuesIn(net, net.node('Constant', [], attributes))).to.equal(undefined);
      }
      // The tensor is constant all the same; whoever wants numbers is told.
      const text = constantOf(mainOf(withNode(net, 'Constant', [], { value: strings('s') })), 'made', noExternalData);
      expect(text?.dataType).to.equal(DataType.STRING);
    });

    it('is what stands behind Identity and operators that change the shape', () => {
      const net = new Net();
      let x = net.weight('w', [2, 2], [1, 2, 3, 4]);
      x = net.node('Identity', [x]);
      x = net.node('Unsqueeze', [x, net.weight('axes', [1], [0], DataType.INT64)]);
      x = net.node('Squeeze', [x]);
      x = net.node('Flatten', [x]);
      x = net.node('Reshape', [x, net.weight('shape', [1], [-1], DataType.INT64)]);
      const tensor = constantOf(mainOf(net), x, noExternalData);
      expect(tensor && [...valuesOf(tensor)]).to.deep.equal([1, 2, 3, 4]);
      expect(tensor && dimsOf(tensor)).to.deep.equal([4]);
    });

    it('is cast to float types as the run would round it', () => {
      const net = new Net();
      const third = net.weight('third', [1], [1 / 3], DataType.DOUBLE);
      const cast = (to: DataType, from = third) => valuesIn(net, net.node('Cast', [from], { to }));
      expect(cast(DataType.FLOAT)).to.deep.equal([Math.fround(1 / 3)]);
      expect(cast(DataType.DOUBLE)).to.deep.equal([1 / 3]);
      // 1/3 with 11 and 8 significant bits: 1365/4096 and 171/512.
      expect(cast(DataType.FLOAT16)).to.deep.equal([1365 / 4096]);
      expect(cast(DataType.BFLOAT16)).to.deep.equal([171 / 512]);
      expect(cast(DataType.FLOAT, net.weight('int', [2], [3, -4], DataType.INT32))).to.deep.equal([3, -4]);
      expect(cast(DataType.INT64)).to.equal(undefined);
      expect(cast(DataType.FLOAT, net.add(strings('s')))).to.equal(undefined);
    });

    it('is ConstantOfShape: zeros of float32, or the value it has', () => {
      const net = new Net();
      const shape = net.weight('shape', [2], [2, 2], DataType.INT64);
      expect(valuesIn(net, net.node('ConstantOfShape', [shape]))).to.deep.equal([0, 0, 0, 0]);
      const value = makeTensor('', DataType.DOUBLE, [1], [0.1]);
      const filled = net.node('ConstantOfShape', [shape], { value });
      const tensor = constantOf(mainOf(net), filled, noExternalData);
      expect(tensor).to.deep.include({ dataType: DataType.DOUBLE, dims: [2, 2] });
      expect(valuesIn(net, filled)).to.deep.equal([0.1, 0.1, 0.1, 0.1]);
    });

    it('is not made up of a shape or a value that makes no sense, nor of one too large', () => {
      const shapes = [[-2, -3], [-1], [2 ** 20, 2 ** 20], [1e6 + 1], [2 ** 53], new Array<number>(65).fill(1)];
      for (const shape of shapes) {
        const net = new Net();
        const input = net.weight('shape', [shape.length], shape, DataType.INT64);
        expect(valuesIn(net, net.node('ConstantOfShape', [input])), `${shape}`).to.equal(undefined);
      }
      for (const part of [0.5, 1e-320, Number.NaN]) {
        const net = new Net();
        const input = net.weight('shape', [1], [part], DataType.DOUBLE);
        expect(valuesIn(net, net.node('ConstantOfShape', [input])), `${part}`).to.equal(undefined);
      }
      for (const value of [
        makeTensor('', DataType.FLOAT, [0], []),
        makeTensor('', DataType.FLOAT, [2], [1, 2]),
        strings(''),
      ]) {
        const net = new Net();
        const input = net.weight('shape', [1], [2], DataType.INT64);
        expect(valuesIn(net, net.node('ConstantOfShape', [input], { value }))).to.equal(undefined);
      }
    });

    it('is a sparse vector with its zeros put in', () => {
      const net = new Net();
      net.sparse.push(sparseOf('s', [1.5, -1], [3, 0], [5]));
      expect(valuesIn(net, 's')).to.deep.equal([-1, 0, 0, 1.5, 0]);
      const value = create('AttributeProto', {
        name: 'sparse_value',
        type: 11,
        sparseTensor: sparseOf('', [2], [1], [2]),
      });
      expect(valuesIn(net, net.node('Constant', [], { sparse_value: value }))).to.deep.equal([0, 2]);
      net.sparse.push(sparseOf('empty', [], [], [2]));
      expect(valuesIn(net, 'empty')).to.deep.equal([0, 0]);
    });

    it('is no sparse matrix, none too large, and refuses one whose indices do not fit', () => {
      const net = new Net();
      net.sparse.push(sparseOf('matrix', [1], [0], [2, 2]), sparseOf('large', [1], [0], [2 ** 40]));
      net.sparse.push(sparseOf('negative', [1], [0], [-4]), sparseOf('crowded', [1, 1, 1], [0, 1, 0], [2]));
      for (const name of ['matrix', 'large', 'negative', 'crowded'])
        expect(valuesIn(net, name), name).to.equal(undefined);
      for (const indices of [[5], [-1], [], [0, 1]]) {
        const bad = new Net();
        bad.sparse.push(sparseOf('s', [1], indices, [5]));
        expect(() => valuesIn(bad, 's'), `${indices}`)
          .to.throw(GnSwapError, '"s"')
          .with.property('code', 'invalid-model');
      }
    });

    it('is not what is computed, given, or nowhere to be found', () => {
      const net = new Net();
      const x = net.input('x', [2]);
      const sum = net.node('Add', [net.weight('a', [1]), net.weight('b', [1])]);
      const foreign = net.node('Identity', ['a'], {}, { domain: 'com.example' });
      for (const name of [x, sum, foreign, net.node('Identity', [x]), net.node('Identity', []), 'nowhere', '']) {
        expect(valuesIn(net, name), name).to.equal(undefined);
      }
    });

    it('is found from a subgraph in the graphs around it, the nearest first', () => {
      const inner = new Net({ prefix: 'inner ' });
      inner.add(makeTensor('near', DataType.FLOAT, [1], [2]));
      const passed = inner.node('Identity', ['far']);
      inner.output(passed, [1]);
      const net = new Net();
      net.weight('near', [1], [1]);
      net.weight('far', [1], [3]);
      net.node('If', [net.input('condition', [], DataType.BOOL)], { then_branch: { graph: inner.graph() } });
      const [main, scope] = scopesOf(net.model()) as [Scope, Scope];
      const value = (from: Scope, name: string) => {
        const tensor = constantOf(from, name, noExternalData);
        return tensor && [...valuesOf(tensor)];
      };
      expect(value(scope, 'near')).to.deep.equal([2]);
      expect(value(main, 'near')).to.deep.equal([1]);
      expect(value(scope, passed)).to.deep.equal([3]);
      expect(value(main, passed)).to.equal(undefined);
    });

    it('is what running the model found, where that is known', () => {
      const net = new Net();
      const sum = net.node('Add', [net.weight('a', [1]), net.weight('b', [1])]);
      const behind = net.node('Identity', [sum]);
      const known = new Map([[sum, makeTensor(sum, DataType.FLOAT, [1], [7])]]);
      const tensor = constantOf(mainOf(net), behind, noExternalData, known);
      expect(tensor && [...valuesOf(tensor)]).to.deep.equal([7]);
    });

    it('graphs that go round in a circle come to an end', () => {
      const net = new Net();
      net.node('Identity', ['b'], {}, { outputs: ['a'] });
      net.node('Cast', ['a'], { to: DataType.FLOAT }, { outputs: ['b'] });
      net.node('Identity', ['self'], {}, { outputs: ['self'] });
      for (const name of ['a', 'b', 'self']) expect(valuesIn(net, name)).to.equal(undefined);
    });

    it('a hundred steps are followed; a chain of 100,000 is left to the runtime, from every place in it', () => {
      const chain = (length: number) => {
        const net = new Net();
        let x = net.weight('w', [1], [5]);
        for (let n = 0; n < length; n++) x = net.node(n % 2 ? 'Identity' : 'Cast', [x], { to: DataType.FLOAT });
        return net;
      };
      const short = chain(100);
      expect(valuesIn(short, short.nodes.at(-1)?.output[0] ?? '')).to.deep.equal([5]);
      const scope = mainOf(chain(100_000));
      let found = 0;
      for (const { output } of scope.graph.node) {
        if (constantOf(scope, output[0] ?? '', noExternalData) !== undefined) found++;
      }
      expect(found).to.be.within(100, 102);
    });

    it('what has more elements or dimensions than asked for is not looked at', () => {
      const net = new Net();
      const x = net.node('Cast', [net.weight('w', [4], [1, 2, 3, 4])], { to: DataType.DOUBLE });
      const flat = net.weight('flat', new Array<number>(65).fill(1), [1]);
      const of = (name: string, limit: number) => constantOf(mainOf(net), name, noExternalData, new Map(), limit);
      expect(of(x, 4)?.dims).to.deep.equal([4]);
      expect(of(x, 3)).to.equal(undefined);
      expect(of('w', 3)).to.equal(undefined);
      expect(of(flat, 4)).to.equal(undefined);
    });
  });

  describe('constantInts', () => {
    it('is a list of int64 or int32', () => {
      const net = new Net();
      net.weight('shape', [3], [0, -1, 2 ** 40], DataType.INT64);
      net.weight('small', [2], [1, 2], DataType.INT32);
      net.weight('scalar', [], [5], DataType.INT64);
      expect(intsIn(net, 'shape')).to.deep.equal([0, -1, 2 ** 40]);
      expect(intsIn(net, 'small')).to.deep.equal([1, 2]);
      expect(intsIn(net, 'scalar')).to.deep.equal([5]);
    });

    it('is nothing else: floats, text, tables, long lists, what is left out', () => {
      const net = new Net();
      net.weight('floats', [2], [1, 2]);
      net.weight('table', [1, 2], [1, 2], DataType.INT64);
      net.weight('long', [65], new Array<number>(65).fill(1), DataType.INT64);
      net.add(strings('text'));
      net.node('Constant', [], { value_ints: new Array<number>(65).fill(1) }, { outputs: ['long list'] });
      for (const name of ['floats', 'table', 'long', 'text', 'long list', '', 'nowhere']) {
        expect(intsIn(net, name), name).to.equal(undefined);
      }
    });

    it('does not read what is too large to be a shape', () => {
      const externalData = [create('StringStringEntryProto', { key: 'location', value: 'w.bin' })];
      const huge = { name: 'huge', dataType: DataType.INT64, dims: [2 ** 33], dataLocation: 1, externalData };
      const net = new Net();
      net.add(create('TensorProto', huge));
      const behind = net.node('Reshape', [net.node('Identity', ['huge']), 'huge']);
      const file = new PretendedSource(new Uint8Array(0), 2 ** 40);
      for (const name of ['huge', behind]) expect(constantInts(mainOf(net), name, () => file)).to.equal(undefined);
      const small = create('TensorProto', { ...huge, dims: [2] });
      const scope = { ...mainOf(net), initializers: new Map([['huge', small]]) };
      expect(constantInts(scope, 'huge', () => new MemorySource(new Uint8Array(16)))).to.deep.equal([0, 0]);
    });
  });

  describe('constantNodeTensor', () => {
    const constant = (attributes: Parameters<typeof makeNode>[4]): NodeProto =>
      makeNode('Constant', [], ['y'], '', attributes);

    it('makes scalars and lists of the types that ONNX names', () => {
      expect(constantNodeTensor(constant({ value_int: 3 }))).to.deep.include({ dataType: DataType.INT64, dims: [] });
      expect(constantNodeTensor(constant({ value_float: { float: 3 } }))).to.deep.include({
        dataType: DataType.FLOAT,
        dims: [],
      });
      expect(constantNodeTensor(constant({ value_ints: [3, 4] }))).to.deep.include({
        dataType: DataType.INT64,
        dims: [2],
      });
      expect(constantNodeTensor(constant({}))).to.equal(undefined);
    });

    it('makes no list of more numbers than asked for', () => {
      expect(constantNodeTensor(constant({ value_ints: [3, 4] }), 1)).to.equal(undefined);
      expect(constantNodeTensor(constant({ value_ints: [3, 4] }), 2)?.dims).to.deep.equal([2]);
    });
  });
});

/** The net with one more node, whose output is called `made`. */
function withNode(net: Net, op: string, inputs: readonly string[], attributes: Parameters<Net['node']>[2]): Net {
  net.node(op, inputs, attributes, { outputs: ['made'] });
  return net;
}
