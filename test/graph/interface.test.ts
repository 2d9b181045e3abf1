import { expect } from 'chai';
import { type Dims, Net, valueInfo } from '../../fixtures/build.ts';
import { FIXTURES } from '../../fixtures/index.ts';
import { interfaceDifferences } from '../../src/graph/interface.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import type { Model } from '../../src/onnx/model.ts';
import { create, type TypeProto, type ValueInfoProto } from '../../src/onnx/schema.ts';
import { swapFixture } from '../support/swapped.ts';

function modelWith(inputs: readonly ValueInfoProto[], outputs: readonly ValueInfoProto[]): Model {
  const net = new Net();
  net.inputs.push(...inputs);
  net.outputs.push(...outputs);
  return net.model();
}

const x = (dims: Dims = ['N', 3], type: DataType = DataType.FLOAT, name = 'x') => valueInfo(name, type, dims);
const before = modelWith([x()], [x(['N', 2], DataType.FLOAT, 'y')]);
const withInputs = (...inputs: ValueInfoProto[]) => modelWith(inputs, before.proto.graph.output.slice());

describe('interfaceDifferences', () => {
  it('finds none in any fixture and its rewrite', async () => {
    for (const fixture of FIXTURES) {
      const { search, model } = await swapFixture(fixture);
      expect(interfaceDifferences(search.model, model), fixture.name).to.deep.equal([]);
    }
  });

  it('tells names, types, ranks, sizes, symbols and missing shapes apart', () => {
    const was = 'input 0 was "x" float32 [N, 3] and is';
    const cases: [ValueInfoProto, string][] = [
      [x(['N', 3], DataType.FLOAT, 'image'), `${was} "image" float32 [N, 3]`],
      [x(['N', 3], DataType.FLOAT16), `${was} "x" float16 [N, 3]`],
      [x(['N', 3, 1]), `${was} "x" float32 [N, 3, 1]`],
      [x(['N', 4]), `${was} "x" float32 [N, 4]`],
      [x(['M', 3]), `${was} "x" float32 [M, 3]`],
      [x([undefined, 3]), `${was} "x" float32 [?, 3]`],
      [valueInfo('x', DataType.FLOAT, undefined), `${was} "x" float32`],
      [create('ValueInfoProto', { name: 'x' }), `${was} "x" of no stated type`],
    ];
    for (const [input, expected] of cases) {
      expect(interfaceDifferences(before, withInputs(input))).to.deep.equal([expected]);
    }
  });

  it('finds what is missing, added or in another order', () => {
    const mask = x([1], DataType.BOOL, 'mask');
    expect(interfaceDifferences(before, withInputs())).to.deep.equal(['input 0 was "x" float32 [N, 3] and is absent']);
    expect(interfaceDifferences(before, withInputs(x(), mask))).to.deep.equal([
      'input 1 was absent and is "mask" bool [1]',
    ]);
    expect(interfaceDifferences(withInputs(x(), mask), withInputs(mask, x()))).to.have.length(2);
  });

  it('finds changed outputs', () => {
    const after = modelWith([x()], [x(['N', 2], DataType.FLOAT, 'z')]);
    expect(interfaceDifferences(before, after)).to.deep.equal([
      'output 0 was "y" float32 [N, 2] and is "z" float32 [N, 2]',
    ]);
  });

  it('tells what is no tensor apart by what it is made of', () => {
    const typed = (type: Partial<TypeProto>) =>
      create('ValueInfoProto', { name: 'x', type: create('TypeProto', type) });
    const of = (elemType: DataType) => valueInfo('', elemType, [2]).type;
    const maps = create('MapType', { keyType: DataType.INT64, valueType: of(DataType.FLOAT) });
    const inputs = [
      typed({ sequenceType: create('SequenceType', { elemType: of(DataType.FLOAT) }) }),
      typed({ sequenceType: create('SequenceType', { elemType: of(DataType.DOUBLE) }) }),
      typed({ optionalType: create('SequenceType', { elemType: of(DataType.FLOAT) }) }),
      typed({ mapType: maps }),
      typed({ sequenceType: create('SequenceType', { elemType: create('TypeProto', { mapType: maps }) }) }),
    ];
    const texts = inputs.map((input) => interfaceDifferences(before, withInputs(input))[0]?.replace(/.*is "x" /, ''));
    expect(texts).to.deep.equal([
      'sequence of float32 [2]',
      'sequence of float64 [2]',
      'optional float32 [2]',
      'map of int64 to float32 [2]',
      'sequence of map of int64 to float32 [2]',
    ]);
    for (const input of inputs) expect(interfaceDifferences(withInputs(input), withInputs(input))).to.deep.equal([]);
  });

  it('does not count inputs that an initializer backs', () => {
    const net = new Net({ ir: 3 });
    net.input('x', ['N', 3]);
    net.weight('w', [2]);
    const outputs = before.proto.graph.output;
    const model = { ...net.model(), proto: { ...net.model().proto, graph: { ...net.graph(), output: outputs } } };
    expect(interfaceDifferences(before, model)).to.deep.equal([]);
  });
});
