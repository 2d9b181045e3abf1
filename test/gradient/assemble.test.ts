import { expect } from 'chai';
import onnxProto from 'onnx-proto';
import { Net, opset, valueInfo } from '../../fixtures/build.ts';
import { assemble, named, type Parts } from '../../src/gradient/assemble.ts';
import type { Forward } from '../../src/gradient/forward.ts';
import { gradientOf } from '../../src/gradient/index.ts';
import { illegalities } from '../../src/graph/legal.ts';
import { visitTensors } from '../../src/graph/stored-tensors.ts';
import { makeNode } from '../../src/onnx/attributes.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { type Model, memoryHome, writeModel } from '../../src/onnx/model.ts';
import { Names } from '../../src/onnx/names.ts';
import { create, type NodeProto, type TensorProto } from '../../src/onnx/schema.ts';
import { makeTensor, noExternalData, valuesOf } from '../../src/onnx/tensor.ts';
import { numbersIn } from '../../src/runtime/session.ts';
import { besideFiles } from '../support/home.ts';
import { runModel, valueNamed } from '../support/session.ts';

const { FLOAT, INT64, BOOL } = DataType;

const floats = (...dims: number[]) => ({ type: FLOAT, dims });
const one = (name: string, value = 1) => makeTensor(name, FLOAT, [1], [value]);

function forwardOf(changes: Partial<Forward> = {}): Forward {
  return {
    opset: 18,
    nodes: [],
    inputs: [valueInfo('x', FLOAT, [1])],
    outputs: [],
    constants: new Map(),
    types: new Map(),
    external: noExternalData,
    ...changes,
  };
}

/** A model of these nodes that gives y. */
function assembled(parts: Partial<Parts>, source: Model = new Net({ opset: 13 }).model()): Model {
  const own = { forward: forwardOf(), nodes: [], added: [], inputs: [], outputs: [{ name: 'y', type: floats(1) }] };
  return assemble(source, { ...own, ...parts });
}

const twice = [makeNode('Add', ['x', 'x'], ['y'], 'twice')];
const decoded = (model: Model) => onnxProto.onnx.ModelProto.decode(writeModel(model));

const importedBy = ({ proto }: Model) => proto.opsetImport.map(({ domain, version }) => [domain, Number(version)]);

/** The tensor, with its numbers in a file of its own. */
function apart(tensor: TensorProto, location: string, files: Map<string, Uint8Array>): TensorProto {
  files.set(location, tensor.rawData?.bytes() ?? new Uint8Array(0));
  const externalData = [create('StringStringEntryProto', { key: 'location', value: location })];
  return { ...tensor, rawData: undefined, dataLocation: 1, externalData };
}

describe('gradient/assemble', () => {
  it('has the inputs of the graph first, then further ones, each with its type; another decoder reads them', () => {
    const model = assembled({
      nodes: [makeNode('Add', ['x', 'w'], ['y'], 'sum')],
      inputs: [
        { name: 'w', type: floats(1) },
        { name: 'step', type: { type: INT64, dims: [] } },
      ],
    });
    const { graph, producerName } = decoded(model);
    const told = (list: onnxProto.onnx.IValueInfoProto[] | null | undefined) =>
      list?.map(({ name, type }) => [
        name,
        type?.tensorType?.elemType,
        type?.tensorType?.shape?.dim?.map(({ dimValue }) => Number(dimValue)),
      ]);
    expect(told(graph?.input)).to.deep.equal([
      ['x', FLOAT, [1]],
      ['w', FLOAT, [1]],
      ['step', INT64, []],
    ]);
    expect(told(graph?.output)).to.deep.equal([['y', FLOAT, [1]]]);
    expect(producerName).to.equal('gn-swap');
  });

  it('leaves out nodes and constants that no output hangs on', () => {
    const nodes = [
      makeNode('Mul', ['x', 'used'], ['a'], 'first'),
      makeNode('Mul', ['a', 'spare'], ['b'], 'dead'),
      makeNode('Add', ['a', 'added'], ['y'], 'last'),
    ];
    const constants = new Map(['used', 'spare', 'unread'].map((name) => [name, one(name)]));
    const model = assembled({ forward: forwardOf({ constants }), nodes, added: [one('added'), one('unadded')] });
    expect(model.proto.graph.node.map(({ name }) => name)).to.deep.equal(['first', 'last']);
    expect(model.proto.graph.initializer.map(({ name }) => name)).to.deep.equal(['used', 'added']);
    expect(illegalities(model)).to.deep.equal([]);
  });

  it('keeps a constant that is an output, or that a subgraph reads from outside', async () => {
    const branch = (name: string) => {
      const net = new Net({ prefix: `${name}/` });
      net.outputs.push(valueInfo(net.node('Mul', ['x', name]), FLOAT, [1]));
      return { graph: net.graph(name) };
    };
    const net = new Net();
    net.node('If', ['cond'], { then_branch: branch('yes'), else_branch: branch('no') }, { outputs: ['y'] });
    const model = assembled({
      nodes: net.nodes,
      inputs: [{ name: 'cond', type: { type: BOOL, dims: [] } }],
      added: [one('yes', 3), one('no', 5), one('unread'), one('given', 7)],
      outputs: [
        { name: 'y', type: floats(1) },
        { name: 'given', type: floats(1) },
      ],
    });
    expect(model.proto.graph.initializer.map(({ name }) => name)).to.deep.equal(['yes', 'no', 'given']);
    const x = { type: FLOAT, dims: [1], data: Float32Array.of(2) };
    const results = await runModel(model, { x, cond: { type: BOOL, dims: [], data: Uint8Array.of(0) } });
    expect(numbersIn(valueNamed(results, 'y'))[0]).to.equal(10);
    expect(numbersIn(valueNamed(results, 'given'))[0]).to.equal(7);
  });

  it('is named after its source, at the opset that it was written for, of IR 8 or what the source has above', () => {
    const net = new Net({ opset: 13, ir: 4 });
    const told = (source: Model, version: number) => {
      const model = assembled({ forward: forwardOf({ opset: version }), nodes: twice }, source);
      const { graph, irVersion, opsetImport } = decoded(model);
      return [graph?.name, Number(irVersion), opsetImport?.map((it) => [it.domain ?? '', Number(it.version)])];
    };
    expect(told(net.model(), 18)).to.deep.equal(['g/gradient', 8, [['', 18]]]);
    expect(told(new Net({ ir: 11 }).model({ graph: new Net().graph('') }), 23)).to.deep.equal([
      'model/gradient',
      11,
      [['', 23]],
    ]);
  });

  it('imports the domains that nodes are of, those in subgraphs too, once each, and the standard one under one name', () => {
    const branch = (domain: string) => {
      const net = new Net({ prefix: `${domain}/` });
      net.outputs.push(valueInfo(net.node('Own', ['x'], {}, { domain }), FLOAT, [1]));
      return { graph: net.graph('branch') };
    };
    const net = new Net();
    net.node('If', ['cond'], { then_branch: branch('inner'), else_branch: branch('ai.onnx') }, { outputs: ['a'] });
    net.node('Own', ['a'], {}, { domain: 'outer', outputs: ['y'] });
    const imports = [opset('unused', 1), opset('inner', 2), opset('ai.onnx', 13), opset('outer', 3), opset('outer', 9)];
    const source = new Net().model({ opsetImport: imports });
    const model = assembled({ nodes: net.nodes, inputs: [{ name: 'cond', type: { type: BOOL, dims: [] } }] }, source);
    expect(importedBy(model)).to.deep.equal([
      ['', 18],
      ['inner', 2],
      ['outer', 3],
    ]);
    expect(illegalities(model)).to.deep.equal([]);
  });

  it('takes in the data of tensors that lie in other files, those of subgraphs and of their nodes as well', async () => {
    const files = new Map<string, Uint8Array>();
    const branch = (name: string, value: number) => {
      const net = new Net({ prefix: `${name}/` });
      net.add(apart(makeTensor(`${name}/factor`, FLOAT, [2], [value, value]), `${name}.bin`, files));
      const held = apart(makeTensor('', FLOAT, [2], [1, 1]), `${name}.held`, files);
      const sum = net.node('Add', [`${name}/factor`, net.node('Constant', [], { value: held })]);
      net.outputs.push(valueInfo(net.node('Mul', ['x', sum]), FLOAT, [2]));
      return { graph: net.graph('branch') };
    };
    const net = new Net({ opset: 18 });
    net.input('x', [2]);
    const trained = net.add(apart(makeTensor('w', FLOAT, [2], [3, 4]), 'w.bin', files));
    const kept = net.add(apart(makeTensor('k', FLOAT, [2], [1, 1]), 'k.bin', files));
    net.node('Mul', [net.node('Mul', ['x', trained]), kept], {}, { outputs: ['y'] });
    net.input('cond', [], BOOL);
    net.node('If', ['cond'], { then_branch: branch('yes', 10), else_branch: branch('no', 20) }, { outputs: ['z'] });
    net.output('y', [2]).output('z', [2]);
    const source: Model = { ...net.model(), home: besideFiles(files) };
    const { model, init } = await gradientOf(source, { wrt: ['^w$'] });
    for (const it of [model, init]) {
      visitTensors(it, ({ dataLocation }, name) => expect(dataLocation, name).not.to.equal(1));
    }
    // In memory no other file lies beside it.
    const alone: Model = { ...model, home: memoryHome() };
    const x = { type: FLOAT, dims: [2], data: Float32Array.of(1, 2) };
    const cond = { type: BOOL, dims: [], data: Uint8Array.of(0) };
    const results = await runModel(alone, {
      x,
      cond,
      'd/y': x,
      'd/z': x,
      ...(await runModel({ ...init, home: memoryHome() }, {})),
    });
    expect(Array.from(numbersIn(valueNamed(results, 'z')))).to.deep.equal([21, 42]);
    expect(Array.from(numbersIn(valueNamed(results, 'y')))).to.deep.equal([3, 8]);
  });

  it('hands on a node and a tensor that stand alone as they are', () => {
    const constants = new Map([['w', one('w')]]);
    const nodes = [makeNode('Add', ['x', 'w'], ['y'], 'sum')];
    const { graph } = assembled({ forward: forwardOf({ constants }), nodes }).proto;
    expect(graph.node[0]).to.equal(nodes[0]);
    expect(graph.initializer[0]).to.equal(constants.get('w'));
  });

  it('imports the domains that only functions of the model are written for', async () => {
    const body = new Net({ opset: 18 });
    body.node('Gelu', ['a'], {}, { domain: 'com.microsoft', outputs: ['b'] });
    const net = new Net({ opset: 18, ir: 10 });
    net.node('MatMul', [net.input('x', [2, 3]), net.weight('w', [3, 4])], {}, { outputs: ['y'] });
    net.node('Side', ['x'], {}, { domain: 'own', name: 'call', outputs: ['side'] });
    const opsetImport = [opset('', 18), opset('com.microsoft', 1)];
    const source = net
      .output('y', [2, 4])
      .output('side', [2, 3])
      .model({
        functions: [body.asFunction('Side', ['a'], ['b'], { domain: 'own', opsetImport })],
        opsetImport: [opset('', 18), opset('own', 1)],
      });
    const { model } = await gradientOf(source, { wrt: ['w'], verify: true });
    expect(illegalities(model)).to.deep.equal([]);
    expect(importedBy(model)).to.deep.equal([
      ['', 18],
      ['com.microsoft', 1],
    ]);
  });

  it('takes the domains and the files of a loss from the loss', async () => {
    const files = new Map<string, Uint8Array>();
    const loss = new Net({ opset: 18 });
    const target = loss.add(apart(makeTensor('t', FLOAT, [2, 4], [1, 2, 3, 4, 5, 6, 7, 8]), 't.bin', files));
    const gelu = loss.node('Gelu', [loss.input('z', [2, 4])], {}, { domain: 'com.microsoft' });
    const error = loss.node('Sub', [loss.input('y', [2, 4]), loss.node('Add', [target, gelu])]);
    loss.node('ReduceSum', [loss.node('Mul', [error, error])], { keepdims: 0 }, { outputs: ['loss'] });
    const opsetImport = [opset('', 18), opset('com.microsoft', 1)];
    const own: Model = { ...loss.output('loss', []).model({ opsetImport }), home: besideFiles(files) };
    const net = new Net({ opset: 18 });
    net.node('MatMul', [net.input('x', [2, 3]), net.weight('w', [3, 4])], {}, { outputs: ['y'] });
    const { model } = await gradientOf(net.output('y', [2, 4]).model(), { loss: own });
    expect(illegalities(model)).to.deep.equal([]);
    expect(importedBy(model)).to.deep.equal([
      ['', 18],
      ['com.microsoft', 1],
    ]);
    const stored = model.proto.graph.initializer.find(({ name }) => name === 't');
    expect(stored && [...valuesOf(stored)]).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8]);
  });
});

describe('gradient/assemble: named', () => {
  const spaces = () => ({ values: new Names([]), nodes: new Names([]) });
  const shown = (nodes: readonly NodeProto[]) =>
    nodes.map(({ opType, input, output }) => [opType, [...input], [...output]]);

  it('renames a value where it is made and wherever it is read, and adds nothing', () => {
    const nodes = [makeNode('Neg', ['x'], ['a'], 'n'), makeNode('Mul', ['a', 'a'], ['b'], 'm')];
    expect(shown(named(nodes, new Map([['d/x', 'a']]), spaces()))).to.deep.equal([
      ['Neg', ['x'], ['d/x']],
      ['Mul', ['d/x', 'd/x'], ['b']],
    ]);
  });

  it('passes a value on under each further name, and one that no node makes; one that has its name stays', () => {
    const wanted = new Map([
      ['d/x', 'a'],
      ['d/y', 'a'],
      ['d/z', 'seed'],
      ['b', 'b'],
      ['fed', 'fed'],
    ]);
    const nodes = [makeNode('Neg', ['x'], ['a'], 'n'), makeNode('Neg', ['x'], ['b'], 'm')];
    expect(shown(named(nodes, wanted, spaces()))).to.deep.equal([
      ['Neg', ['x'], ['d/x']],
      ['Neg', ['x'], ['b']],
      ['Identity', ['d/x'], ['d/y']],
      ['Identity', ['seed'], ['d/z']],
    ]);
  });

  it('renames one of several outputs of a node, and gives each Identity a name of its own', () => {
    const nodes = [makeNode('Split', ['x'], ['a', 'b'], 'd/y/Identity')];
    const names = { values: new Names([]), nodes: new Names(['d/y/Identity']) };
    const made = named(
      nodes,
      new Map([
        ['d/x', 'b'],
        ['d/y', 'b'],
      ]),
      names,
    );
    expect(shown(made)).to.deep.equal([
      ['Split', ['x'], ['a', 'd/x']],
      ['Identity', ['d/x'], ['d/y']],
    ]);
    expect(made.map(({ name }) => name)).to.deep.equal(['d/y/Identity', 'd/y/Identity_2']);
  });

  it('changes no node that was given', () => {
    const nodes = [makeNode('Neg', ['x'], ['a'], 'n')];
    named(nodes, new Map([['d/x', 'a']]), spaces());
    expect(nodes[0]?.output).to.deep.equal(['a']);
  });
});
