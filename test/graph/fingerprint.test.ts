import { expect } from 'chai';
import fc from 'fast-check';
import { block, Net, opset, valueInfo } from '../../fixtures/build.ts';
import { FIXTURES, fixtureNamed } from '../../fixtures/index.ts';
import {
  digestParts,
  kindOfTag,
  PART_KINDS,
  packParts,
  structureOf,
  tagOf,
  unpackTags,
} from '../../src/graph/fingerprint.ts';
import { liftConstants } from '../../src/graph/lift.ts';
import { makeNode } from '../../src/onnx/attributes.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { type Model, readModel, withGraph, writeModel } from '../../src/onnx/model.ts';
import { type AttributeProto, create, type GraphProto } from '../../src/onnx/schema.ts';
import { dimsOf, makeTensor, valuesOf } from '../../src/onnx/tensor.ts';
import { changeNodes, changeTensor, setAttribute, setValues } from '../support/damage.ts';
import { modelOf } from '../support/swapped.ts';

const textsOf = (model: Model) => structureOf(model).map(({ text }) => text);
const sorted = (model: Model) => textsOf(model).sort();
const changed = (model: Model, change: (graph: GraphProto) => Partial<GraphProto>) =>
  withGraph(model, { ...model.proto.graph, ...change(model.proto.graph) });

/** x → Reshape by a stored shape → Conv → y. */
function reshaped(): Model {
  const net = new Net();
  net.add(makeTensor('shape', DataType.INT64, [4], [1, 3, 4, 4]));
  const x = net.node('Reshape', [net.input('x', [1, 48]), 'shape']);
  return net.output(net.conv(x, 3, 4), [1, 4, 4, 4]).model();
}

describe('structureOf', () => {
  for (const fixture of FIXTURES) {
    it(`is the same after writing and reading: ${fixture.name}`, () => {
      const built = fixture.build();
      expect(textsOf(readModel(writeModel(built), built.home))).to.deep.equal(textsOf(built));
    });
  }

  it('has a part for everything, in order', () => {
    const parts = structureOf(modelOf(fixtureNamed('opset-17'))).map(({ kind, label }) => `${kind} ${label}`);
    expect(parts).to.deep.equal([
      'opset ',
      'input x',
      'output Conv_3_out',
      'tensor W0',
      'tensor bn1.weight',
      'tensor bn1.bias',
      'tensor bn1.running_mean',
      'tensor bn1.running_var',
      'tensor W3',
      'node Conv_0',
      'node BatchNormalization_1',
      'node Relu_2',
      'node Conv_3',
    ]);
  });

  const same: readonly (readonly [string, (model: Model) => Model])[] = [
    ['weights are others', (it) => setValues(it, 'W0', (all) => all.map((value) => value + 1))],
    ['nodes are renamed', (it) => changed(it, ({ node }) => ({ node: node.map((one) => ({ ...one, name: 'n' })) }))],
    ['there is documentation', (it) => changed(it, () => ({ docString: 'of it' }))],
    [
      'types between nodes are stated',
      (it) => changed(it, () => ({ valueInfo: [valueInfo('Conv_0_out', DataType.FLOAT, [1, 2])] })),
    ],
    [
      'tensors come in another order',
      (it) => changed(it, ({ initializer }) => ({ initializer: initializer.toReversed() })),
    ],
    ['the domain has its other name', (it) => ({ ...it, proto: { ...it.proto, opsetImport: [opset('ai.onnx', 17)] } })],
    [
      'optional inputs are left out by an empty name',
      (it) => changeNodes(it, 'Conv_3', (node) => ({ ...node, input: [...node.input, ''] })),
    ],
    [
      'initializers are Constant nodes',
      (it) =>
        changed(it, ({ initializer, node }) => ({
          initializer: [],
          node: [...initializer.map((value) => makeNode('Constant', [], [value.name], '', { value })), ...node],
        })),
    ],
  ];
  for (const [what, change] of same) {
    it(`is the same where ${what}`, () => {
      const model = block().model();
      expect(sorted(change(model))).to.deep.equal(sorted(model));
    });
  }

  it('is the same where constants are lifted', () => {
    const model = modelOf(fixtureNamed('parameters-constant-value'));
    const lifted = liftConstants(model, 'all');
    expect(lifted.proto.graph.node.length).to.be.below(model.proto.graph.node.length);
    expect(sorted(lifted)).to.deep.equal(sorted(model));
  });

  const others: readonly (readonly [string, (model: Model) => Model, string])[] = [
    ['an attribute is another', (it) => setAttribute(it, 'Conv_1', 'group', 3), 'node Conv_1'],
    ['an attribute is new', (it) => setAttribute(it, 'Conv_1', 'auto_pad', 0), 'node Conv_1'],
    ['an operator is another', (it) => changeNodes(it, 'Conv_1', (node) => ({ ...node, opType: 'C' })), 'node Conv_1'],
    [
      'inputs are exchanged',
      (it) => changeNodes(it, 'Conv_1', (node) => ({ ...node, input: node.input.toReversed() })),
      'node Conv_1',
    ],
    ['a stored shape is another', (it) => setValues(it, 'shape', () => [1, 4, 3, 4]), 'tensor shape'],
    [
      'a weight has another type',
      (it) => changeTensor(it, 'W1', (one) => makeTensor(one.name, DataType.DOUBLE, dimsOf(one), valuesOf(one))),
      'tensor W1',
    ],
    [
      'a weight has other dimensions',
      (it) => changeTensor(it, 'W1', (one) => ({ ...one, dims: one.dims.toReversed() })),
      'tensor W1',
    ],
    [
      'an input has another shape',
      (it) => changed(it, () => ({ input: [valueInfo('x', DataType.FLOAT, [2, 48])] })),
      'input x',
    ],
    [
      'an output has another type',
      (it) =>
        changed(it, ({ output }) => ({ output: [valueInfo(output[0]?.name ?? '', DataType.DOUBLE, [1, 4, 4, 4])] })),
      'output Conv_1_out',
    ],
    ['the opset is another', (it) => ({ ...it, proto: { ...it.proto, opsetImport: [opset('', 16)] } }), 'opset '],
  ];
  for (const [what, change, part] of others) {
    it(`is another where ${what}: only ${part}`, () => {
      const before = new Set(textsOf(reshaped()));
      const now = structureOf(change(reshaped())).filter(({ text }) => !before.has(text));
      expect(now.map(({ kind, label }) => `${kind} ${label}`)).to.deep.equal([part]);
    });
  }

  it('looks into subgraphs and functions', () => {
    for (const [name, operator] of [
      ['if-own-parameters', 'BatchNormalization'],
      ['loop-own-parameters', 'BatchNormalization'],
      ['function-attribute', 'BatchNormalization'],
    ] as const) {
      const nodes = structureOf(modelOf(fixtureNamed(name))).filter(({ kind }) => kind === 'node');
      const inner = nodes.filter(({ text }) => text.includes(operator));
      expect(inner.length, name).to.be.above(0);
      // Not the main graph's, whose path is ''.
      for (const { text } of inner) expect(JSON.parse(text)[2], name).not.to.equal('');
    }
  });

  it('tells lists of integers from lists of floats', () => {
    const model = reshaped();
    const withList = (list: AttributeProto) =>
      changeNodes(model, 'Conv_1', (node) => ({ ...node, attribute: [...node.attribute, list] }));
    const ints = create('AttributeProto', { name: 'a', ints: [1] });
    expect(textsOf(withList(ints))).not.to.deep.equal(textsOf(withList({ ...ints, ints: [], floats: [1] })));
  });
});

describe('digestParts', () => {
  it('does not mind the order', async () => {
    const parts = structureOf(reshaped());
    expect(digestParts(parts.toReversed())).to.equal(digestParts(parts));
    expect(digestParts(parts.slice(1))).not.to.equal(digestParts(parts));
  });
});

describe('packParts', () => {
  it('comes back as the tags of the parts, which tell their kind', () => {
    const parts = structureOf(reshaped());
    const tags = unpackTags(packParts(parts));
    expect(tags).to.deep.equal(parts.map(tagOf));
    expect(tags?.map(kindOfTag)).to.deep.equal(parts.map(({ kind }) => kind));
  });

  it('is four characters a part for any text', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({ kind: fc.constantFrom(...PART_KINDS), label: fc.string(), text: fc.string({ unit: 'binary' }) }),
        ),
        (parts) => {
          expect(packParts(parts))
            .to.match(/^[A-Za-z0-9+/]*$/)
            .and.have.lengthOf(4 * parts.length);
          expect(unpackTags(packParts(parts))).to.deep.equal(parts.map(tagOf));
        },
      ),
      { seed: 1, numRuns: 200 },
    );
  });

  it('is not what else a file may say', () => {
    for (const text of ['a', '=abc', 'ab cd', 'abcde', 'ab\u0000c']) expect(unpackTags(text), text).to.equal(undefined);
  });
});
