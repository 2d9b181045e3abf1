import { expect } from 'chai';
import { block, LOCAL, Net, opset } from '../../fixtures/build.ts';
import { fixtureNamed } from '../../fixtures/index.ts';
import { gradientOf } from '../../src/gradient/index.ts';
import { withoutNormConstants } from '../../src/gradient/norm-constants.ts';
import type { Candidate } from '../../src/gradient/parameters.ts';
import type { Model } from '../../src/onnx/model.ts';
import { makeTensor } from '../../src/onnx/tensor.ts';
import { setValues } from '../support/damage.ts';
import { CHANNELS, GROUPS, torchGroupNorm } from '../support/foreign.ts';
import { swapFixture } from '../support/swapped.ts';

/** Candidates that all count as a parameter, under these names. */
function candidates(...names: readonly string[]): Candidate[] {
  return names.map((name) => ({ name, dims: [2], role: 'scale', ofNorm: true, inHead: false, why: 'read' }));
}

/** Every stored tensor of a model, each taken for a parameter. */
const all = ({ proto }: Model) => candidates(...proto.graph.initializer.map(({ name }) => name));

/** Names of those that are none any more, of all that the model stores. */
function left(model: Model): string[] {
  return withoutNormConstants(all(model), model).flatMap(({ name, role }) => (role === undefined ? [name] : []));
}

describe('gradient/norm-constants', () => {
  it('leaves what a spelled-out norm scales by inside, and takes its γ and β', () => {
    const model = torchGroupNorm().model();
    const [one, ...others] = withoutNormConstants(
      candidates('ones', 'zeros', 'gamma', 'beta', 'W0', 'elsewhere'),
      model,
    );
    expect(one).to.deep.equal({
      name: 'ones',
      dims: [2],
      role: undefined,
      ofNorm: true,
      inHead: false,
      why: 'constant of the norm InstanceNormalization_2, which has γ and β of its own',
    });
    expect(others.map(({ name, role }) => [name, role])).to.deep.equal([
      ['zeros', undefined],
      ['gamma', 'scale'],
      ['beta', 'scale'],
      ['W0', 'scale'],
      ['elsewhere', 'scale'],
    ]);
  });

  it('says of a norm without γ and β that it has none', async () => {
    const { parameters } = await gradientOf(torchGroupNorm({ affine: 'none' }).model());
    expect(parameters.map(({ name, taken, why }) => [name, taken, why])).to.deep.equal([
      ['W0', true, 'weight of Conv Conv_0'],
      ['ones', false, 'constant of the norm InstanceNormalization_2, which has no parameters'],
      ['zeros', false, 'constant of the norm InstanceNormalization_2, which has no parameters'],
    ]);
  });

  for (const form of ['reduce', 'instance', 'instance-conv']) {
    it(`leaves γ and β of the form ${form} parameters, and whatever else its nodes read none`, async () => {
      const { model } = await swapFixture(fixtureNamed('rank-4'), { form });
      const trained = ['W0', 'bn1.weight', 'bn1.bias'];
      const names = all(model).map(({ name }) => name);
      expect(names).to.include.members(trained);
      // ε, axes, shapes, ones and zeros.
      expect(names.length).to.be.above(trained.length);
      expect(left(model)).to.have.members(names.filter((name) => !trained.includes(name)));
    });
  }

  it('leaves γ and β of norms that are operators as they are', () => {
    const net = new Net({ opset: 17 });
    const x = net.input('x', [2, 4, 6]);
    const normed = net.node('InstanceNormalization', [x, net.weight('g', [4]), net.weight('b', [4])]);
    const layer = net.node('LayerNormalization', [normed, net.weight('scale', [6]), net.weight('bias', [6])]);
    expect(left(net.output(layer, [2, 4, 6]).model())).to.deep.equal([]);
  });

  it('hands back the very candidate that it has nothing to say of', () => {
    const model = torchGroupNorm().model();
    const own = candidates('gamma', 'W0');
    expect(withoutNormConstants(own, model).every((it, index) => it === own[index])).to.equal(true);
    const reason = { ...(candidates('ones')[0] as Candidate), role: undefined, why: 'read by nothing' };
    expect(withoutNormConstants([reason], model)[0]).to.equal(reason);
  });

  it('takes the constants of a norm that was trained already, and is damaged by that', () => {
    const damaged = setValues(torchGroupNorm().model(), 'ones', () => [1, 2]);
    expect(left(damaged)).to.deep.equal([]);
  });

  it('takes a tensor that is a constant of one norm and the γ of another', () => {
    const net = torchGroupNorm({ affine: 'none' });
    const normed = net.outputs.pop()?.name ?? '';
    const grouped = net.node('Reshape', [normed, net.add(makeTensor('pairs', 7, [3], [2, GROUPS, 64]))]);
    // Two channels, whose γ is the list of ones that a tool stored once.
    const again = net.node('InstanceNormalization', [net.relu(grouped), 'ones', net.weight('own', [GROUPS])]);
    expect(left(net.output(again, [2, GROUPS, 64]).model())).to.deep.equal(['rows', 'zeros', 'size']);
  });

  it('finds the constants of norms in functions by the names that inlining gives them', async () => {
    const constant = (net: Net, name: string, value: readonly number[]) =>
      net.node('Constant', [], { value: makeTensor('', 1, [value.length], value) }, { outputs: [name], name });
    // Both functions have a tensor c, and both calls the same name: which is c_2 hangs on which function is inlined first.
    const scaled = new Net({ opset: 17 });
    scaled.node(
      'Conv',
      ['x', 'w', constant(scaled, 'c', [3, 3, 3, 3, 3, 3, 3, 3])],
      {},
      { outputs: ['y'], name: 'conv' },
    );
    const norm = new Net({ opset: 17 });
    const ints = (name: string, ...values: number[]) =>
      norm.node('Constant', [], { value: makeTensor('', 7, [values.length], values) }, { outputs: [name], name });
    const grouped = norm.node('Reshape', ['x', ints('rows', 0, GROUPS, -1)]);
    const scale = [constant(norm, 'c', [1, 1]), constant(norm, 'zeros', [0, 0])];
    const normal = norm.node('InstanceNormalization', [grouped, ...scale], {}, { name: 'norm' });
    norm.node('Reshape', [normal, ints('size', 2, CHANNELS, 4, 4)], {}, { outputs: ['y'] });
    const net = new Net({ opset: 17, ir: 10 });
    const conv = net.node(
      'Scaled',
      [net.input('x', [2, 3, 4, 4]), net.weight('w', [CHANNELS, 3, 1, 1])],
      {},
      {
        domain: LOCAL,
        name: 'call',
        outputs: ['a'],
      },
    );
    const y = net.node('Norm', [conv], {}, { domain: LOCAL, name: 'call', outputs: ['y'] });
    const model = net.output(y, [2, CHANNELS, 4, 4]).model({
      functions: [scaled.asFunction('Scaled', ['x', 'w'], ['y']), norm.asFunction('Norm', ['x'], ['y'])],
      opsetImport: [opset('', 17), opset(LOCAL, 1)],
    });
    const { parameters } = await gradientOf(model);
    const told = parameters.map(({ name, dims, role, why }) => [name, dims, role, why]);
    expect(told).to.deep.equal([
      ['w', [CHANNELS, 3, 1, 1], 'weight', 'weight of Conv call/conv'],
      ['call/c', [CHANNELS], 'bias', 'bias of Conv call/conv'],
      ['call/c_2', [GROUPS], undefined, 'constant of the norm call/norm, which has no parameters'],
      ['call/zeros', [GROUPS], undefined, 'constant of the norm call/norm, which has no parameters'],
    ]);
  });

  it('changes nothing in a model without a norm of groups', () => {
    expect(left(block().model())).to.deep.equal([]);
  });
});
