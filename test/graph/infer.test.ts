import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { MODELS } from '../../bench/ocr/models.ts';
import { Net, valueInfo } from '../../fixtures/build.ts';
import { FIXTURES } from '../../fixtures/index.ts';
import { withOutputs } from '../../src/graph/extract.ts';
import { inferTypes } from '../../src/graph/infer.ts';
import { type Scope, scopesOf } from '../../src/graph/scope.ts';
import { generateInputs } from '../../src/inputs/generated.ts';
import { makeNode } from '../../src/onnx/attributes.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { type Model, readModel, withGraph, writeModel } from '../../src/onnx/model.ts';
import { create, type TypeProto } from '../../src/onnx/schema.ts';
import { makeTensor } from '../../src/onnx/tensor.ts';
import { declaredType, makeValueInfo, type Shape, type ValueType } from '../../src/onnx/value-type.ts';
import { openSession, type Values } from '../../src/runtime/session.ts';

const tensorType = (
  elemType: number | undefined,
  dims?: readonly (number | bigint | string | undefined)[],
): TypeProto => {
  const dim = dims?.map((it) => create('Dimension', typeof it === 'string' ? { dimParam: it } : { dimValue: it }));
  const shape = dim && create('TensorShapeProto', { dim });
  return create('TypeProto', { tensorType: create('TensorType', { elemType, shape }) });
};

/** What is known of a value of the main graph. */
function typeIn(model: Model, name: string): ValueType {
  const scopes = scopesOf(model);
  return inferTypes(model, scopes)(scopes[0] as Scope, name);
}

/** Every value that a node of the main graph computes. */
const madeIn = ({ proto }: Model) =>
  proto.graph.node.flatMap(({ opType, output }) => (opType === 'Constant' ? [] : output.filter((name) => name !== '')));

/** What ONNX Runtime computes for every value of the main graph. */
async function runAll(model: Model, feeds: Values): Promise<Values> {
  const session = await openSession(writeModel(withOutputs(model, madeIn(model))));
  try {
    return await session.run(feeds);
  } finally {
    await session.close();
  }
}

/** Checks what is inferred against what was computed, and counts how many ranks were known. */
function compare(model: Model, values: Values): { known: number; made: number } {
  const scopes = scopesOf(model);
  const lookup = inferTypes(model, scopes);
  let known = 0;
  const made = madeIn(model);
  for (const name of made) {
    const { elemType, shape } = lookup(scopes[0] as Scope, name);
    const value = values[name];
    if (value === undefined) continue;
    if (elemType !== undefined) expect(elemType, name).to.equal(value.type);
    if (shape === undefined) continue;
    known++;
    expect(shape.length, name).to.equal(value.dims.length);
    for (const [axis, dim] of shape.entries()) {
      if (dim !== undefined) expect(dim, `${name}, axis ${axis}`).to.equal(value.dims[axis]);
    }
  }
  return { known, made: made.length };
}

describe('graph/infer', () => {
  describe('declaredType', () => {
    it('has sizes where they are stated, unknown dimensions where a symbol or nothing is', () => {
      expect(declaredType(tensorType(DataType.FLOAT, ['N', 3, undefined, 0]))).to.deep.equal({
        elemType: DataType.FLOAT,
        shape: [undefined, 3, undefined, 0],
      });
      expect(declaredType(tensorType(DataType.INT8, []))).to.deep.equal({ elemType: DataType.INT8, shape: [] });
    });

    it('has no rank where no shape is stated, and nothing where the value is no tensor', () => {
      expect(declaredType(tensorType(DataType.FLOAT))).to.deep.equal({ elemType: DataType.FLOAT, shape: undefined });
      const sequence = create('TypeProto', { sequenceType: create('SequenceType', { elemType: tensorType(1, [2]) }) });
      for (const type of [undefined, create('TypeProto', {}), sequence]) expect(declaredType(type)).to.deep.equal({});
    });

    it('takes what no tensor can have as unknown: negative and huge sizes, too many dimensions, type 0', () => {
      expect(declaredType(tensorType(0, [-1, 2n ** 60n, 2]))).to.deep.equal({
        elemType: undefined,
        shape: [undefined, undefined, 2],
      });
      expect(declaredType(tensorType(1, new Array<number>(64).fill(1))).shape?.length).to.equal(64);
      expect(declaredType(tensorType(1, new Array<number>(65).fill(1))).shape).to.equal(undefined);
    });
  });

  it('makeValueInfo declares what declaredType reads', () => {
    const { name, type } = makeValueInfo('x', DataType.FLOAT16, [undefined, 3, 0]);
    expect(name).to.equal('x');
    expect(declaredType(type)).to.deep.equal({ elemType: DataType.FLOAT16, shape: [undefined, 3, 0] });
    expect(declaredType(makeValueInfo('x', undefined, []).type)).to.deep.equal({ elemType: undefined, shape: [] });
  });

  describe('inferTypes', () => {
    it('what the file states wins, and what it leaves open is filled in', () => {
      const net = new Net();
      net.node('Relu', [net.input('x', [2, 3])], {}, { outputs: ['y'] });
      net.node('Relu', ['x'], {}, { outputs: ['z'] });
      net.node('Custom', ['x'], {}, { domain: 'com.example', outputs: ['w'] });
      const graph = {
        ...net.graph(),
        valueInfo: [
          valueInfo('y', DataType.FLOAT, ['N', undefined]),
          valueInfo('z', DataType.FLOAT16, [5, 'C']),
          valueInfo('w', DataType.INT32, [7]),
        ],
      };
      const model = net.model({ graph });
      expect(typeIn(model, 'y')).to.deep.equal({ elemType: DataType.FLOAT, shape: [2, 3] });
      expect(typeIn(model, 'z')).to.deep.equal({ elemType: DataType.FLOAT16, shape: [5, 3] });
      expect(typeIn(model, 'w')).to.deep.equal({ elemType: DataType.INT32, shape: [7] });
    });

    it('a stated rank that differs from the inferred one stands alone', () => {
      const net = new Net();
      net.node('Relu', [net.input('x', [2, 3])], {}, { outputs: ['y'] });
      const graph = { ...net.graph(), valueInfo: [valueInfo('y', DataType.FLOAT, ['A', 'B', 4])] };
      expect(typeIn(net.model({ graph }), 'y').shape).to.deep.equal([undefined, undefined, 4]);
    });

    it('initializers have their own types, dense and sparse', () => {
      const net = new Net();
      net.weight('w', [4, 2]);
      const values = makeTensor('s', DataType.DOUBLE, [1], [1]);
      const indices = makeTensor('', DataType.INT64, [1], [3]);
      net.sparse.push(create('SparseTensorProto', { values, indices, dims: [5] }));
      net.node('Relu', ['s'], {}, { outputs: ['y'] });
      expect(typeIn(net.model(), 'w')).to.deep.equal({ elemType: DataType.FLOAT, shape: [4, 2] });
      expect(typeIn(net.model(), 'y')).to.deep.equal({ elemType: DataType.DOUBLE, shape: [5] });
    });

    it('knows nothing of values that are not there, of unknown operators, and of those named as JavaScript is', () => {
      const net = new Net();
      net.input('x', [2]);
      const ops = ['Unheard', 'constructor', 'toString', '__proto__', 'hasOwnProperty', '__defineGetter__', ''];
      for (const op of ops) net.node(op, ['x'], {}, { outputs: [`${op} out`] });
      for (const op of ops)
        expect(typeIn(net.model(), `${op} out`), op).to.deep.equal({ elemType: undefined, shape: undefined });
      expect(typeIn(net.model(), 'nowhere')).to.deep.equal({});
      expect(typeIn(net.model(), '')).to.deep.equal({});
    });

    it('operators of another domain are not taken for those of the standard one', () => {
      const net = new Net();
      net.input('x', [2]);
      net.node('Relu', ['x'], {}, { outputs: ['foreign'], domain: 'com.example' });
      net.node('Relu', ['x'], {}, { outputs: ['standard'], domain: 'ai.onnx' });
      expect(typeIn(net.model(), 'foreign').shape).to.equal(undefined);
      expect(typeIn(net.model(), 'standard').shape).to.deep.equal([2]);
    });

    it('subgraphs see the values around them, and hide those whose names they use', () => {
      const inner = new Net({ prefix: 'inner ' });
      inner.node('Relu', ['x'], {}, { outputs: ['captured'] });
      inner.add(makeTensor('hidden', DataType.FLOAT, [7], new Float64Array(7)));
      inner.node('Relu', ['hidden'], {}, { outputs: ['own'] });
      inner.node('Unheard', ['x'], {}, { outputs: ['y'] });
      inner.node('Relu', ['y'], {}, { outputs: ['of unknown'] });
      const net = new Net();
      net.input('x', [2, 3]);
      net.weight('hidden', [1]);
      net.node('Relu', ['x'], {}, { outputs: ['y'] });
      net.node('If', [net.input('c', [], DataType.BOOL)], { then_branch: { graph: inner.graph() } });
      const model = net.model();
      const scopes = scopesOf(model);
      const lookup = inferTypes(model, scopes);
      const of = (name: string) => lookup(scopes[1] as Scope, name).shape;
      expect(of('captured')).to.deep.equal([2, 3]);
      expect(of('own')).to.deep.equal([7]);
      expect(lookup(scopes[0] as Scope, 'hidden').shape).to.deep.equal([1]);
      // The inner y is another value than the outer one, and nothing is known of it.
      expect(of('y')).to.equal(undefined);
      expect(of('of unknown')).to.equal(undefined);
      expect(of('x')).to.deep.equal([2, 3]);
    });

    it('ranks that grow without an end become unknown', () => {
      const count = 100_000;
      const axes = makeTensor('axes', DataType.INT64, [1], [0]);
      const node = Array.from({ length: count }, (_, i) => makeNode('Unsqueeze', [`v${i}`, 'axes'], [`v${i + 1}`], ''));
      const net = new Net();
      net.input('v0', [3]);
      net.add(axes);
      const model = net.model({ graph: { ...net.graph(), node } });
      expect(typeIn(model, 'v63').shape?.length).to.equal(64);
      expect(typeIn(model, 'v64').shape).to.equal(undefined);
      expect(typeIn(model, `v${count}`)).to.deep.equal({ elemType: DataType.FLOAT, shape: undefined });
    });

    it('100,000 nodes in a chain, and one that reads 200,000 values, are no trouble', () => {
      const count = 100_000;
      const net = new Net();
      net.input('v0', ['N', 8, 4, 4]);
      net.weight('w', [8, 8, 1, 1]);
      const ops = ['Relu', 'Conv', 'Add', 'MaxPool'];
      const node = Array.from({ length: count }, (_, i) => {
        const op = ops[i % 4] as string;
        const input = op === 'Conv' ? [`v${i}`, 'w'] : op === 'Add' ? [`v${i}`, 'v0'] : [`v${i}`];
        return makeNode(op, input, [`v${i + 1}`], '', op === 'MaxPool' ? { kernel_shape: [1, 1] } : {});
      });
      const many = Array.from({ length: 200_000 }, (_, i) => `v${i % count}`);
      node.push(makeNode('Sum', many, ['sum'], ''), makeNode('Concat', many, ['concat'], '', { axis: 1 }));
      const model = net.model({ graph: { ...net.graph(), node } });
      const scopes = scopesOf(model);
      const lookup = inferTypes(model, scopes);
      const shapeOf = (name: string): Shape | undefined => lookup(scopes[0] as Scope, name).shape;
      expect(shapeOf(`v${count}`)).to.deep.equal([undefined, 8, 4, 4]);
      expect(shapeOf('sum')).to.deep.equal([undefined, 8, 4, 4]);
      expect(shapeOf('concat')).to.deep.equal([undefined, 1_600_000, 4, 4]);
    });
  });

  describe('against what ONNX Runtime computes', () => {
    /** Inputs of the three models, batch of 2. */
    const sizes = { detector: [2, 3, 64, 96], recogniser: [2, 3, 48, 96], classifier: [2, 3, 48, 192] } as const;

    for (const [name, path] of Object.entries(MODELS)) {
      it(`the ${name} of PaddleOCR: every dimension that is inferred is right, and every rank is known`, async () => {
        const model = readModel(readFileSync(path));
        const dims = sizes[name as keyof typeof sizes];
        const data = new Float32Array(dims.reduce<number>((product, dim) => product * dim, 1)).fill(0.5);
        const values = await runAll(model, { x: { type: DataType.FLOAT, dims, data } });
        const { known, made } = compare(model, values);
        expect(made).to.be.above(200);
        expect(known).to.equal(made);
      });

      it(`the ${name}, its input's shape fixed: most values are known whole, and right`, async () => {
        const model = readModel(readFileSync(path));
        const dims = sizes[name as keyof typeof sizes];
        const input = [valueInfo('x', DataType.FLOAT, dims)];
        const fixed = withGraph(model, { ...model.proto.graph, input });
        const data = new Float32Array(dims.reduce<number>((product, dim) => product * dim, 1)).fill(0.5);
        const values = await runAll(fixed, { x: { type: DataType.FLOAT, dims, data } });
        const { known, made } = compare(fixed, values);
        expect(known).to.equal(made);
        const scopes = scopesOf(fixed);
        const lookup = inferTypes(fixed, scopes);
        const whole = madeIn(fixed).filter((it) => !lookup(scopes[0] as Scope, it).shape?.includes(undefined));
        // Resize and what follows it, and values that are computed from shapes, stay open.

        expect(whole.length / made).to.be.above(0.7);
      });
    }

    for (const fixture of FIXTURES.filter(
      ({ notRunnable, files }) => notRunnable === undefined && files === undefined,
    )) {
      it(`fixture ${fixture.name}: every dimension that is inferred is right`, async () => {
        const model = fixture.build();
        const values = await runAll(model, fixture.inputs?.() ?? generateInputs(model, 1, 2, 8));
        compare(model, values);
      });
    }
  });
});
