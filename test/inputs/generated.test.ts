import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { fixtureNamed } from '../../fixtures/index.ts';
import { requiredInputs } from '../../src/graph/interface.ts';
import { generateInputs, sizeOf, takeSamples } from '../../src/inputs/generated.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { create } from '../../src/onnx/schema.ts';
import { numbersOf, type Values } from '../../src/runtime/session.ts';
import { thrown } from '../support/errors.ts';
import { valueNamed } from '../support/session.ts';

const { FLOAT, DOUBLE, FLOAT16, INT8, UINT8, INT16, UINT16, INT32, UINT32, INT64, UINT64, BOOL, STRING } = DataType;

function numbersIn(values: Values, name: string): number[] {
  return Array.from(numbersOf(valueNamed(values, name)) ?? []);
}

describe('requiredInputs', () => {
  it('leaves out the inputs that an initializer backs', () => {
    const net = new Net({ ir: 3 });
    const sum = net.node('Add', [net.input('x', [2]), net.weight('w', [2])]);
    const model = net.output(sum).model();
    expect(model.proto.graph.input.map(({ name }) => name)).to.deep.equal(['x', 'w']);
    expect(requiredInputs(model).map(({ name }) => name)).to.deep.equal(['x']);
  });
});

describe('generateInputs', () => {
  const every = [FLOAT, DOUBLE, FLOAT16, INT8, UINT8, INT16, UINT16, INT32, UINT32, INT64, UINT64, BOOL, STRING];
  const net = new Net();
  for (const type of every) net.input(`t${type}`, ['n', 50], type);
  const model = net.model();

  it('takes the batch only for an axis that counts samples: a picture without one is not two pixels high', () => {
    const alone = new Net({ opset: 13 });
    const x = alone.node('Unsqueeze', [
      alone.node('Transpose', [alone.input('x', ['h', 'w', 3])], { perm: [2, 0, 1] }),
      alone.weight('axes', [1], [0], INT64),
    ]);
    const picture = alone.output(alone.conv(x, 3, 4)).model();
    expect(generateInputs(picture, 0, 2, 32).x?.dims).to.deep.equal([32, 32, 3]);
  });

  it('makes a value of every type, of the declared dimensions and as many elements', () => {
    const values = generateInputs(model, 0, 2, 8);
    for (const type of every) {
      const value = values[`t${type}`];
      expect(value?.type).to.equal(type);
      expect(value?.dims, `type ${type}`).to.deep.equal([2, 50]);
      expect(value?.data.length, `type ${type}`).to.equal(100);
    }
  });

  it('keeps to what is legal: bools of 0 and 1, bytes up to 255, other integers of 0 and 1, short text', () => {
    const values = generateInputs(model, 0, 2, 8);
    const distinct = (type: number) => [...new Set(numbersIn(values, `t${type}`))].sort();
    for (const type of [INT8, INT16, UINT16, INT32, UINT32, INT64, UINT64, BOOL]) {
      expect(distinct(type), `type ${type}`).to.deep.equal([0, 1]);
    }
    expect(Math.max(...distinct(UINT8)))
      .to.be.above(1)
      .and.at.most(255);
    for (const text of Object.values(valueNamed(values, `t${STRING}`).data)) expect(text).to.match(/^[a-z]$/);
    const floats = numbersIn(values, `t${FLOAT}`);
    const mean = floats.reduce((sum, value) => sum + value, 0) / floats.length;
    // Standard normal: the mean of 100 is within 0.3 in all but 0.3 % of the seeds, and this seed is fixed.
    expect(Math.abs(mean)).to.be.below(0.3);
  });

  it('makes the same values of the same seed, others of another', () => {
    expect(generateInputs(model, 5, 2, 8)).to.deep.equal(generateInputs(model, 5, 2, 8));
    expect(generateInputs(model, 5, 2, 8)[`t${FLOAT}`]).not.to.deep.equal(generateInputs(model, 6, 2, 8)[`t${FLOAT}`]);
  });

  it('gives equal symbols equal sizes, and unnamed ones their own', () => {
    const it = new Net();
    it.input('image', ['batch', 3, 'size', 'size']);
    it.input('mask', ['batch', 'size', undefined]);
    it.input('scalar', []);
    it.input('unknown', undefined);
    const dims = Object.fromEntries(
      Object.entries(generateInputs(it.model(), 0, 2, 8)).map(([name, value]) => [name, value.dims]),
    );
    expect(dims).to.deep.equal({ image: [2, 3, 8, 8], mask: [2, 8, 8], scalar: [], unknown: [2] });
  });

  it('keeps indices below the rows of the smallest table that they look up', () => {
    const it = new Net();
    const ids = it.input('ids', [200], INT64);
    for (const [name, rows] of Object.entries({ long: 9, short: 5 }))
      it.node('Gather', [it.weight(name, [rows, 2]), ids]);
    const made = numbersIn(generateInputs(it.model(), 0, 2, 8), 'ids');
    expect([...new Set(made)].sort()).to.deep.equal([0, 1, 2, 3, 4]);
  });

  it('runs the fixture with inputs of many types', () => {
    const values = generateInputs(fixtureNamed('inputs-of-other-types').build(), 0, 2, 8);
    expect(new Set(Object.values(values).map(({ type }) => type)).size).to.be.above(2);
  });

  it('refuses what is too large to make, by name', () => {
    const it = new Net();
    it.input('huge', [1, 3, 30_000, 30_000]);
    const error = thrown(() => generateInputs(it.model(), 0, 2, 8));
    expect([error.code, error.node]).to.deep.equal(['invalid-data', 'huge']);
    expect(error.message).to.contain('[1,3,30000,30000] is too large');
  });

  it('refuses types that it can’t make, and what is no tensor', () => {
    const it = new Net();
    it.input('complex', [1], DataType.COMPLEX64);
    const complex = thrown(() => generateInputs(it.model(), 0, 2, 8));
    expect([complex.code, complex.node]).to.deep.equal(['invalid-data', 'complex']);
    expect(complex.message).to.contain('complex64');
    const other = new Net();
    other.inputs.push(create('ValueInfoProto', { name: 'list', type: create('TypeProto', {}) }));
    const list = thrown(() => generateInputs(other.model(), 0, 2, 8));
    expect([list.code, list.node]).to.deep.equal(['invalid-data', 'list']);
  });
});

describe('takeSamples', () => {
  it('cuts what has the batch’s size, and leaves the rest', () => {
    const batch = { type: FLOAT, dims: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) };
    const other = { type: FLOAT, dims: [2], data: Float32Array.of(7, 8) };
    const taken = takeSamples({ batch, other }, 3, 1, 3);
    expect(taken.batch).to.deep.equal({ type: FLOAT, dims: [2, 2], data: Float32Array.of(3, 4, 5, 6) });
    expect(taken.other).to.equal(other);
  });
});

describe('sizeOf', () => {
  it('is the product of the dimensions, 1 of none', () => {
    expect([sizeOf({ dims: [2, 3, 4] }), sizeOf({ dims: [] }), sizeOf({ dims: [0, 3] })]).to.deep.equal([24, 1, 0]);
  });
});
