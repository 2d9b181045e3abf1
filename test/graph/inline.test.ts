import { expect } from 'chai';
import { FIXTURES, fixtureNamed } from '../../fixtures/index.ts';
import { inlineFunctions } from '../../src/graph/inline.ts';
import { scopesOf } from '../../src/graph/scope.ts';
import { generateInputs } from '../../src/inputs/generated.ts';
import { makeNode } from '../../src/onnx/attributes.ts';
import { type Model, memoryHome, writeModel } from '../../src/onnx/model.ts';
import { create, type FunctionProto, type GraphProto, type ModelProto, type NodeProto } from '../../src/onnx/schema.ts';
import { numbersOf, openSession, type Session } from '../../src/runtime/session.ts';

const isNorm = ({ opType }: NodeProto) => opType === 'Norm' || opType === 'BatchNormalization';
const opset = (domain: string, version: number) => create('OperatorSetIdProto', { domain, version });
const info = (name: string) => create('ValueInfoProto', { name });
const words = (text: string) => (text === '' ? [] : text.split(' '));
const node = (op: string, input: string, output: string, name = '') => makeNode(op, words(input), words(output), name);
const call = (name: string, input: string, output: string, overload = ''): NodeProto => ({
  ...node(name, input, output, `${name} ${output}`),
  domain: 'local',
  overload,
});

function functionOf(name: string, nodes: readonly NodeProto[], more: Partial<FunctionProto> = {}): FunctionProto {
  const opsetImport = [opset('', 17), opset('local', 1)];
  return create('FunctionProto', {
    name,
    domain: 'local',
    input: ['x'],
    output: ['y'],
    node: nodes,
    opsetImport,
    ...more,
  });
}

function modelOf(
  nodes: readonly NodeProto[],
  functions: readonly FunctionProto[],
  more: Partial<ModelProto> = {},
): Model {
  const graph: GraphProto = create('GraphProto', { input: [info('in')], node: nodes, output: [info('out')] });
  const proto = create('ModelProto', {
    irVersion: 10,
    opsetImport: [opset('', 17), opset('local', 1)],
    functions,
    ...more,
  });
  return { proto: { ...proto, graph }, home: memoryHome() };
}

function holding(it: NodeProto, ...graphs: readonly GraphProto[]): NodeProto {
  const attribute = graphs.map((g, index) => create('AttributeProto', { name: `branch${index}`, type: 5, g }));
  return { ...it, attribute };
}

/** Op types of all graphs of a model. */
const opsOf = (model: Model) => scopesOf(model).flatMap(({ graph }) => graph.node.map(({ opType }) => opType));
const functionsOf = ({ proto }: Model) => proto.functions.map(({ name }) => name);

const norm = functionOf('WithNorm', [node('Norm', 'x', 't'), node('Relu', 't', 'y')]);
const plain = functionOf('Plain', [node('Relu', 'x', 'y')]);

describe('graph/inline', () => {
  it('a model without functions, without calls or without a wanted node is the very same', () => {
    for (const model of [
      modelOf([node('Norm', 'in', 'out')], []),
      modelOf([node('Norm', 'in', 'out')], [norm]),
      modelOf([call('Plain', 'in', 'out')], [plain]),
      modelOf([call('Unknown', 'in', 'out')], [norm]),
      modelOf([{ ...call('WithNorm', 'in', 'out'), domain: '' }], [norm]),
    ]) {
      const result = inlineFunctions(model, isNorm);
      expect(result.model).to.equal(model);
      expect(result.notInlined).to.be.empty;
    }
  });

  it('every call is replaced by the body; other functions stay', () => {
    const model = modelOf(
      [call('WithNorm', 'in', 'a'), call('Plain', 'a', 'b'), call('WithNorm', 'b', 'out')],
      [norm, plain],
    );
    const { model: after, notInlined } = inlineFunctions(model, isNorm);
    expect(notInlined).to.be.empty;
    expect(opsOf(after)).to.deep.equal(['Norm', 'Relu', 'Plain', 'Norm', 'Relu']);
    expect(functionsOf(after)).to.deep.equal(['Plain']);
    expect(after.proto.graph.node.map(({ output }) => output[0])).to.deep.equal([
      'WithNorm a/t',
      'a',
      'b',
      'WithNorm out/t',
      'out',
    ]);
    expect(opsOf(model)).to.deep.equal(['WithNorm', 'Plain', 'WithNorm']);
  });

  it('functions of functions: those that hold a norm are opened, those they call beside it are not', () => {
    const middle = functionOf('Middle', [call('WithNorm', 'x', 'm'), call('Plain', 'm', 'y')]);
    const outer = functionOf('Outer', [call('Middle', 'x', 'm'), call('Middle', 'm', 'y')]);
    const { model: after } = inlineFunctions(
      modelOf([call('Outer', 'in', 'out')], [norm, plain, middle, outer]),
      isNorm,
    );
    expect(opsOf(after)).to.deep.equal(['Norm', 'Relu', 'Plain', 'Norm', 'Relu', 'Plain']);
    expect(functionsOf(after)).to.deep.equal(['Plain']);
    const made = after.proto.graph.node.flatMap(({ output }) => output);
    expect(new Set(made).size).to.equal(made.length);
  });

  it('calls and norms in subgraphs, of the graph and of bodies', () => {
    const branch = create('GraphProto', { node: [call('WithNorm', 'captured', 'r')], output: [info('r')] });
    const inBody = functionOf('InBody', [node('Abs', 'x', 'captured'), holding(node('If', 'c', 'y'), branch)], {
      input: ['x', 'c'],
    });
    const graphBranch = create('GraphProto', { node: [call('InBody', 'in c', 's')], output: [info('s')] });
    const model = modelOf([node('Cast', 'in', 'c'), holding(node('If', 'c', 'out'), graphBranch)], [norm, inBody]);
    const { model: after } = inlineFunctions(model, isNorm);
    expect(opsOf(after)).to.deep.equal(['Cast', 'If', 'Abs', 'If', 'Norm', 'Relu']);
    const innermost = scopesOf(after).at(-1)?.graph;
    expect(innermost?.node[0]?.input).to.deep.equal(['InBody s/captured']);
    expect(functionsOf(after)).to.be.empty;
  });

  it('overloads are told apart', () => {
    const one = functionOf('F', [node('Norm', 'x', 'y')], { overload: 'one' });
    const two = functionOf('F', [node('Relu', 'x', 'y')], { overload: 'two' });
    const model = modelOf([call('F', 'in', 'a', 'one'), call('F', 'a', 'out', 'two')], [one, two]);
    const { model: after } = inlineFunctions(model, isNorm);
    expect(opsOf(after)).to.deep.equal(['Norm', 'F']);
    expect(after.proto.functions).to.deep.equal([two]);
  });

  describe('a function that can not be opened stays, and says why', () => {
    const reasons = (model: Model) => {
      const { model: after, notInlined } = inlineFunctions(model, isNorm);
      return { after, reasons: Object.fromEntries(notInlined.map((it) => [it.function.name, it.reason])) };
    };

    it('one of another opset than the model', () => {
      const old = functionOf('Old', [node('Norm', 'x', 'y')], { opsetImport: [opset('', 13)] });
      const other = functionOf('Other', [node('Norm', 'x', 'y')], { opsetImport: [opset('', 17), opset('local', 2)] });
      const model = modelOf([call('Old', 'in', 'a'), call('Other', 'a', 'out')], [old, other]);
      expect(reasons(model)).to.deep.equal({
        after: model,
        reasons: {
          Old: 'its opset is 13, that of the model 17',
          Other: 'its opset of local is 2, that of the model 1',
        },
      });
    });

    it('one that calls itself, or one that calls such a one, without an end', () => {
      const self = functionOf('Self', [node('Norm', 'x', 't'), call('Self', 't', 'y')]);
      // Twice each: followed 64 deep, this would be 2⁶⁴ nodes.
      const ping = functionOf('Ping', [call('Pong', 'x', 't'), call('Pong', 't', 'y')]);
      const pong = functionOf('Pong', [call('Ping', 'x', 'a'), call('Ping', 'a', 'b'), node('Norm', 'b', 'y')]);
      const into = functionOf('Into', [node('Norm', 'x', 't'), call('Ping', 't', 'y')]);
      const model = modelOf(
        [call('Self', 'in', 'a'), call('Ping', 'a', 'b'), call('Into', 'b', 'out')],
        [self, ping, pong, into],
      );
      const { after, reasons: why } = reasons(model);
      expect(after).to.equal(model);
      const reason = 'it calls itself, directly or through another';
      expect(why).to.deep.equal({ Self: reason, Ping: reason, Pong: reason, Into: reason });
    });

    it('one that would unfold to more nodes than can be held', () => {
      const levels = Array.from({ length: 40 }, (_, i) =>
        functionOf(
          `F${i}`,
          i === 39 ? [node('Norm', 'x', 'y')] : [call(`F${i + 1}`, 'x', 't'), call(`F${i + 1}`, 't', 'y')],
        ),
      );
      const { after, reasons: why } = reasons(modelOf([call('F0', 'in', 'out')], levels));
      expect(Object.values(why).join()).to.match(/unfold to \d+ nodes/);
      expect(after.proto.graph.node.length).to.be.below(2_000_000);
    });

    it('all, where the calls of the graph are too many for what they unfold to', () => {
      const large = functionOf('Large', new Array<NodeProto>(2000).fill(node('Norm', 'x', 'y')));
      const calls = Array.from({ length: 1000 }, (_, i) => call('Large', 'in', `v${i}`));
      const model = modelOf(calls, [large]);
      expect(reasons(model)).to.deep.equal({ after: model, reasons: { Large: 'its calls unfold to 2000000 nodes' } });
    });

    it('one whose calls go too deep; what calls it is opened up to there', () => {
      const count = 1000;
      const chain = Array.from({ length: count }, (_, i) =>
        functionOf(`F${i}`, [i === count - 1 ? node('Norm', 'x', 'y') : call(`F${i + 1}`, 'x', 'y')]),
      );
      const { after, reasons: why } = reasons(modelOf([call('F0', 'in', 'out')], chain));
      expect(Object.values(why)).to.not.be.empty;
      for (const reason of Object.values(why)) expect(reason).to.equal('its calls go deeper than 64 functions');
      // Whatever is still called is still there.
      const called = [
        ...opsOf(after),
        ...after.proto.functions.flatMap(({ node: body }) => body.map(({ opType }) => opType)),
      ];
      for (const name of called.filter((op) => op.startsWith('F'))) expect(functionsOf(after)).to.include(name);
    });

    it('and so do the functions that it calls, also those that are opened elsewhere', () => {
      const old = functionOf('Old', [call('WithNorm', 'x', 'y')], { opsetImport: [opset('', 13), opset('local', 1)] });
      const model = modelOf([call('Old', 'in', 'a'), call('WithNorm', 'a', 'out')], [norm, old, plain]);
      const { after } = reasons(model);
      expect(opsOf(after)).to.deep.equal(['Old', 'Norm', 'Relu']);
      expect(functionsOf(after)).to.deep.equal(['WithNorm', 'Old', 'Plain']);
    });

    it('one that nothing calls is not spoken of', () => {
      const self = functionOf('Self', [node('Norm', 'x', 't'), call('Self', 't', 'y')]);
      const model = modelOf([call('WithNorm', 'in', 'out')], [self, norm]);
      const { after, reasons: why } = reasons(model);
      expect(why).to.be.empty;
      expect(functionsOf(after)).to.deep.equal(['Self']);
    });
  });

  it('a function that a training graph calls stays', () => {
    const algorithm = create('GraphProto', { node: [call('WithNorm', 'w', 'v')] });
    const trainingInfo = [create('TrainingInfoProto', { algorithm })];
    const { model: after } = inlineFunctions(
      modelOf([call('WithNorm', 'in', 'out')], [norm], { trainingInfo }),
      isNorm,
    );
    expect(opsOf(after)).to.deep.equal(['Norm', 'Relu']);
    expect(functionsOf(after)).to.deep.equal(['WithNorm']);
  });

  it('operator sets that only bodies use are imported by the model; two versions of one can not be', () => {
    const gelu = { ...node('Gelu', 't', 'y'), domain: 'com.microsoft' };
    const withGelu = (name: string, version: number) =>
      functionOf(name, [node('Norm', 'x', 't'), gelu], {
        opsetImport: [opset('ai.onnx', 17), opset('com.microsoft', version)],
      });
    const model = modelOf([call('One', 'in', 'a'), call('Two', 'a', 'out')], [withGelu('One', 1), withGelu('Two', 2)]);
    const { model: after, notInlined } = inlineFunctions(model, isNorm);
    expect(opsOf(after)).to.deep.equal(['Norm', 'Gelu', 'Two']);
    expect(after.proto.opsetImport.map(({ domain, version }) => [domain, version])).to.deep.equal([
      ['', 17],
      ['local', 1],
      ['com.microsoft', 1],
    ]);
    expect(notInlined.map(({ reason }) => reason)).to.deep.equal([
      'its opset of com.microsoft is 2, that of the model 1',
    ]);
  });

  it('100,000 calls are no trouble', () => {
    const count = 100_000;
    const calls = Array.from({ length: count }, (_, i) => call('WithNorm', i === 0 ? 'in' : `v${i}`, `v${i + 1}`));
    const { model: after } = inlineFunctions(modelOf(calls, [norm]), isNorm);
    expect(after.proto.graph.node.length).to.equal(2 * count);
  });

  for (const fixture of FIXTURES.filter(({ name }) => name.startsWith('function-'))) {
    it(`${fixture.name}: ONNX Runtime answers the same after as before`, async () => {
      const model = fixture.build();
      const { model: after } = inlineFunctions(model, isNorm);
      const feeds = fixture.inputs?.() ?? generateInputs(model, 1, 2, 8);
      const sessions: Session[] = [];
      try {
        for (const it of [model, after]) sessions.push(await openSession(writeModel(it)));
        const [before, then] = await Promise.all(sessions.map((session) => session.run(feeds)));
        for (const [name, value] of Object.entries(before ?? {})) {
          // The same nodes in the same order: not even the rounding differs.
          expect(numbersOf(then?.[name] ?? value), name).to.deep.equal(numbersOf(value));
        }
        expect(Object.keys(then ?? {})).to.deep.equal(Object.keys(before ?? {}));
      } finally {
        for (const session of sessions) await session.close();
      }
    });
  }

  it('the fixture of another opset is not opened', () => {
    const { notInlined } = inlineFunctions(fixtureNamed('function-other-opset').build(), isNorm);
    expect(notInlined.map(({ reason }) => reason).join()).to.match(/its opset is \d+, that of the model \d+/);
  });
});
