import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { FIXTURES, fixtureNamed } from '../../fixtures/index.ts';
import { findSites } from '../../src/find/index.ts';
import { MemorySource } from '../../src/onnx/bytes.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { create } from '../../src/onnx/schema.ts';
import { makeTensor, valuesOf } from '../../src/onnx/tensor.ts';
import { evaluateConstants } from '../../src/runtime/evaluate.ts';
import { rejection } from '../support/errors.ts';
import { countedHome } from '../support/home.ts';

/** γ = 2 w, w with its data in a file; and a part of the graph that must not be run. */
function doubled(location: string | undefined) {
  const net = new Net();
  const tensor = makeTensor('w', DataType.FLOAT, [3], [1, 2, 3]);
  const entries = [create('StringStringEntryProto', { key: 'location', value: location ?? '' })];
  const outside = { ...tensor, rawData: undefined, dataLocation: 1, externalData: entries };
  net.add(location === undefined ? tensor : outside);
  const twice = net.node('Add', ['w', 'w'], {}, { outputs: ['twice'] });
  net.output(net.node('Mul', [net.input('x', [3]), twice]));
  net.output(net.node('Unknown', [twice], {}, { domain: 'com.example' }));
  return net.model({}, () => new MemorySource(tensor.rawData?.bytes() ?? new Uint8Array(0)));
}

describe('evaluateConstants', () => {
  it('runs the constant part, and no other node', async () => {
    const values = await evaluateConstants(doubled(undefined), ['twice']);
    expect([...values.keys()]).to.deep.equal(['twice']);
    const twice = values.get('twice');
    expect([...valuesOf(twice ?? makeTensor('', 1, [0], []))]).to.deep.equal([2, 4, 6]);
    expect([twice?.name, twice?.dims]).to.deep.equal(['twice', [3]]);
  });

  it('takes what lies in a file of external data, in memory too', async () => {
    const values = await evaluateConstants(doubled('w.bin'), ['twice']);
    expect([...valuesOf(values.get('twice') ?? makeTensor('', 1, [0], []))]).to.deep.equal([2, 4, 6]);
  });

  it('does not touch the runtime where there is nothing to run', async () => {
    const home = countedHome();
    expect((await evaluateConstants({ ...doubled(undefined), home }, [])).size).to.equal(0);
    expect(home.loaded()).to.equal(0);
  });

  it('refuses what is no list of floats, by name', async () => {
    const net = new Net();
    net.node('Shape', [net.weight('w', [3])], {}, { outputs: ['size'] });
    const error = await rejection(evaluateConstants(net.model(), ['size']));
    expect([error.code, error.message]).to.deep.equal([
      'runtime-failed',
      'the constant "size" is not a list of floats',
    ]);
  });

  it('passes on why the runtime refuses', async () => {
    const net = new Net();
    net.node('Mod', [net.weight('w', [3])], {}, { outputs: ['rest'] });
    const error = await rejection(evaluateConstants(net.model(), ['rest']));
    expect([error.code, error.message]).to.satisfy(
      ([code, message]: string[]) => code === 'runtime-failed' && /does not load the model/.test(message ?? ''),
    );
  });

  for (const fixture of FIXTURES.filter(({ toEvaluate }) => toEvaluate !== undefined)) {
    it(`finds every site of ${fixture.name}, none of which is known without`, async () => {
      const model = fixture.build();
      const search = findSites(model);
      expect(search.unevaluated).to.have.length(fixture.toEvaluate ?? 0);
      expect(search.sites.length).to.be.below(fixture.sites);
      const values = await evaluateConstants(search.model, search.unevaluated);
      expect(findSites(model, values).sites).to.have.length(fixture.sites);
    });
  }

  it('is tried on fixtures that need it', () => {
    expect(FIXTURES.filter(({ toEvaluate }) => toEvaluate !== undefined).length).to.be.above(2);
    expect(fixtureNamed('parameters-computed').toEvaluate).to.be.above(0);
  });
});
