import { expect } from 'chai';
import { block, Net } from '../../fixtures/build.ts';
import { type BatchNormOptions, batchNormNotes, withBatchNorm } from '../../src/gradient/batch-norm.ts';
import { gradientOf } from '../../src/gradient/index.ts';
import { prepare } from '../../src/gradient/prepare.ts';
import { intAttribute } from '../../src/onnx/attributes.ts';
import { rejection } from '../support/errors.ts';

/** As many norms as there are momentums, one behind the other. */
async function made(momentums: readonly (number | undefined)[], options: BatchNormOptions) {
  const net = new Net({ opset: 17 });
  let x = net.input('x', [2, 3, 4, 4]);
  for (const momentum of momentums) {
    x = net.bn(x, 3, { attributes: momentum === undefined ? {} : { momentum: { float: momentum } } });
  }
  const { forward, names } = await prepare(net.output(x, [2, 3, 4, 4]).model(), { sizes: {}, batch: 1 });
  const running = withBatchNorm(forward, names, options);
  return { forward, running, notes: batchNormNotes(running, options) };
}

const training = ({ running }: Awaited<ReturnType<typeof made>>) =>
  running.forward.nodes.map((node) => [node.opType, intAttribute(node, 'training_mode', 0)]);

describe('gradient/batch-norm', () => {
  it('changes nothing while norms are frozen, which they are by themselves', async () => {
    for (const options of [{}, { batchNorm: 'frozen' }] as const) {
      const it = await made([0.9, 0.9], options);
      expect(it.running.forward).to.equal(it.forward);
      expect([it.running.statistics, it.running.norms.size, it.notes]).to.deep.equal([[], 0, []]);
    }
  });

  it('puts each norm in training, and gives its running statistics as inputs and next values', async () => {
    const it = await made([0.9, undefined], { batchNorm: 'train' });
    expect(training(it)).to.deep.equal([
      ['BatchNormalization', 1],
      ['BatchNormalization', 1],
    ]);
    expect(it.running.statistics.map(({ input, output }) => [input, output])).to.deep.equal(
      ['bn0.running_mean', 'bn0.running_var', 'bn1.running_mean', 'bn1.running_var'].map((name) => [
        name,
        `next/${name}`,
      ]),
    );
    expect(it.notes).to.deep.equal([
      'BatchNormalization in training mode at 2 nodes: the outputs are those of the batch',
    ]);
  });

  it('corrects each norm towards its running statistics before it, with the limits that are given', async () => {
    const it = await made([0.9], { batchNorm: 'renorm' });
    expect(training(it).at(-1)).to.deep.equal(['BatchNormalization', 1]);
    expect(training(it).length).to.be.above(5);
    expect(it.notes).to.deep.equal([
      'BatchNormalization as batch renormalization at 1 node: the outputs are those of the batch',
    ]);
    const error = await rejection(made([0.9], { batchNorm: 'renorm', renormLimits: { rMax: 0.5 } }));
    expect(error.code).to.equal('invalid-arguments');
    expect(error.message).to.equal('--r-max is 0.5');
  });

  it('takes running statistics as inputs of norms in inference, without a note: they answer as the file does', async () => {
    const it = await made([0.9], { batchNorm: 'given' });
    expect(training(it)).to.deep.equal([['BatchNormalization', 0]]);
    expect(it.running.forward.inputs.map(({ name }) => name)).to.deep.equal([
      'x',
      'bn0.running_mean',
      'bn0.running_var',
    ]);
    expect([it.running.norms.size, it.notes]).to.deep.equal([0, []]);
  });

  it('is verified with the running statistics of the file, as random variances would be negative', async () => {
    for (const batchNorm of ['train', 'renorm', 'given'] as const) {
      const { proof } = await gradientOf(block().model(), { batchNorm, verify: true });
      expect(proof?.error, batchNorm).to.be.lessThan(1e-4);
      expect(proof?.untried, batchNorm).to.deep.equal([]);
    }
  });

  it('says at how many nodes the running statistics do not move, or are those of the last batch', async () => {
    const why = 'exporters write 1 for momentum=None of PyTorch; 0.9 is usual';
    const second = async (...momentums: (number | undefined)[]) =>
      (await made(momentums, { batchNorm: 'train' })).notes.slice(1);
    expect(await second(1, 0.9, 1)).to.deep.equal([
      `running statistics of BatchNormalization do not move at 2 of 3 nodes (momentum 1): ${why}`,
    ]);
    expect(await second(0, 0.5)).to.deep.equal([
      `running statistics of BatchNormalization become those of the last batch at 1 of 2 nodes (momentum 0): ${why}`,
    ]);
    expect(await second(0, 1)).to.deep.equal([
      `running statistics of BatchNormalization do not move at 1 of 2 nodes (momentum 1), and become those of the last batch at 1 of 2 nodes (momentum 0): ${why}`,
    ]);
    expect(await second(undefined, 0.99)).to.deep.equal([]);
  });

  it('refuses a model whose norms are gone, for all modes but frozen', async () => {
    for (const batchNorm of ['train', 'renorm', 'given'] as const) {
      const error = await rejection(made([], { batchNorm }));
      expect(error, batchNorm).to.include({
        code: 'unsupported-model',
        message: 'it has no BatchNormalization whose running statistics are stored',
        node: '--batch-norm',
      });
    }
  });
});
