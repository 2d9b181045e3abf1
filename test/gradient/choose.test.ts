import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { choose } from '../../src/gradient/choose.ts';
import { gradientOf } from '../../src/gradient/index.ts';
import { candidatesOf } from '../../src/gradient/parameters.ts';
import { prepare } from '../../src/gradient/prepare.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { rejection, thrown } from '../support/errors.ts';

/** Norm → Conv → Norm → Relu → Gemm, beside a constant of an activation and an input of whole numbers. */
function network(): Net {
  const net = new Net({ opset: 18 });
  const norm = (x: string, stem: string) => {
    const part = (role: string, values: readonly number[]) => net.weight(`${stem}.${role}`, [2], values);
    const own = [
      part('weight', [1, 2]),
      part('bias', [0, 1]),
      part('running_mean', [0, 1]),
      part('running_var', [1, 2]),
    ];
    return net.node('BatchNormalization', [x, ...own]);
  };
  const conv = net.node('Conv', [
    norm(net.input('x', [1, 2, 2, 2]), 'layer1.norm'),
    net.weight('layer2.w', [2, 2, 1, 1]),
  ]);
  const scaled = net.node('Mul', [net.relu(norm(conv, 'layer2.norm')), net.weight('factor', [], [0.5])]);
  net.node(
    'Gemm',
    [net.node('Flatten', [scaled]), net.weight('head.w', [8, 3]), net.weight('head.b', [3])],
    {},
    {
      outputs: ['y'],
    },
  );
  net.node('Identity', [net.input('rows', [1], DataType.INT64)], {}, { outputs: ['same'] });
  return net.output('y', [1, 3]).output('same', [1], DataType.INT64);
}

async function chosen(...wrt: readonly string[]) {
  const { forward, stored } = await prepare(network().model(), { sizes: {}, batch: 1 });
  const { parameters, inputs } = choose(wrt, candidatesOf(forward, stored), forward);
  return [...parameters.filter(({ taken }) => taken).map(({ name }) => name), ...inputs.map((name) => `input ${name}`)];
}

const NORMS = ['layer1.norm.weight', 'layer1.norm.bias', 'layer2.norm.weight', 'layer2.norm.bias'];
const ALL = [...NORMS, 'layer2.w', 'head.w', 'head.b'];

describe('gradient/choose', () => {
  it('picks by word: every parameter, those of norms, those of the last layer, float inputs', async () => {
    expect(await chosen('all')).to.have.members(ALL);
    expect(await chosen('norms')).to.have.members(NORMS);
    expect(await chosen('head')).to.have.members(['head.w', 'head.b']);
    expect(await chosen('inputs')).to.deep.equal(['input x']);
    expect(await chosen('head', 'inputs')).to.have.members(['head.w', 'head.b', 'input x']);
  });

  it('picks by pattern whatever is named so, what counts as no parameter too', async () => {
    expect(await chosen('^factor$')).to.deep.equal(['factor']);
    expect(await chosen('^(x|head\\.b)$')).to.have.members(['head.b', 'input x']);
    expect(await chosen('w$', 'factor')).to.have.members(['layer2.w', 'head.w', 'factor']);
  });

  it('never picks running statistics, whose names begin as those of a layer do', async () => {
    expect(await chosen('layer2')).to.have.members(['layer2.w', 'layer2.norm.weight', 'layer2.norm.bias']);
    expect(await chosen('.*')).to.have.members([...ALL, 'factor', 'input x']);
    const error = await rejection(chosen('running_mean$'));
    expect(error.message).to.equal('"running_mean$" matches no parameter');
    const { gradients, proof } = await gradientOf(network().model(), { wrt: ['layer'], verify: true });
    expect([...gradients.keys()]).to.have.members(['layer2.w', ...NORMS]);
    expect(proof?.error).to.be.below(1e-4);
  });

  it('leaves out behind an exclamation mark, from all if nothing else is asked for, in the order of the words', async () => {
    expect(await chosen('!norms')).to.have.members(['layer2.w', 'head.w', 'head.b']);
    expect(await chosen('!norms', '!^head')).to.deep.equal(['layer2.w']);
    expect(await chosen('!running')).to.have.members(ALL);
    expect(await chosen('all', '!^layer', 'layer2.w')).to.have.members(['head.w', 'head.b', 'layer2.w']);
    expect(await chosen('!all', 'head')).to.have.members(['head.w', 'head.b']);
  });

  it('keeps the order of the file and the reasons, whatever the order of the words', async () => {
    const { forward, stored } = await prepare(network().model(), { sizes: {}, batch: 1 });
    const candidates = candidatesOf(forward, stored);
    const { parameters } = choose(['head', 'norms'], candidates, forward);
    expect(parameters.map(({ taken: _, ...it }) => it)).to.deep.equal(candidates);
  });

  it('refuses a pattern that is none, and one that matches nothing, with names that there are', async () => {
    const broken = await rejection(chosen('layer('));
    expect(broken).to.include({
      code: 'invalid-arguments',
      message: '"layer(" is not a regular expression',
      node: '--wrt',
      remedy: 'Use all, norms, head, inputs, or a regular expression over tensor names',
    });
    for (const word of ['layer9', '!layer9']) {
      const error = await rejection(chosen(word));
      expect(error).to.include({
        code: 'invalid-arguments',
        message: `"${word}" matches no parameter`,
        node: '--wrt',
        remedy: 'Parameters are named like layer1.norm.weight, layer1.norm.bias, layer2.w',
      });
    }
  });

  it('names the options of training where those were typed, and words to leave out as they stand behind --freeze', async () => {
    const { forward, stored } = await prepare(network().model(), { sizes: {}, batch: 1 });
    const refused = (word: string) => thrown(() => choose([word], candidatesOf(forward, stored), forward, '--train'));
    expect(refused('layer(')).to.include({
      node: '--train',
      remedy: 'Use all, norms, head, or a regular expression over tensor names',
    });
    expect(refused('layer9')).to.include({ node: '--train', message: '"layer9" matches no parameter' });
    expect(refused('!layer9')).to.include({ node: '--freeze', message: '"layer9" matches no parameter' });
    expect(refused('!layer(')).to.include({ node: '--freeze', message: '"layer(" is not a regular expression' });
  });

  it('says of a model without stored parameters that it has none', async () => {
    const net = new Net({ opset: 18 });
    const model = net.output(net.relu(net.input('x', [2])), [2]).model();
    const { forward, stored } = await prepare(model, { sizes: {}, batch: 1 });
    const error = thrown(() => choose(['all'], candidatesOf(forward, stored), forward));
    expect([error.message, error.remedy]).to.deep.equal([
      '"all" matches no parameter',
      'The model has no stored parameters',
    ]);
  });
});
