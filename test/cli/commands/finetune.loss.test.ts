import { mkdirSync } from 'node:fs';
import { expect } from 'chai';
import { Net } from '../../../fixtures/build.ts';
import { Random } from '../../../src/inputs/random.ts';
import { writeNpz } from '../../../src/inputs/write-npz.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import { writeModel } from '../../../src/onnx/model.ts';
import { cli } from '../../support/cli.ts';
import { plainPng } from '../../support/files.ts';
import { killBefore } from '../../support/kill.ts';
import { useScratch } from '../../support/scratch.ts';
import { classifier, line, weightedLoss } from '../../support/training.ts';

/** Points of a plane with an array for each further input of the loss; the names of these arrays. */
function points(names: { wanted: string; weight: string }, count = 40, columns = 1): Uint8Array {
  const random = new Random(2);
  const x = Float32Array.from({ length: 2 * count }, () => random.normal());
  const y = Float64Array.from(
    { length: count * columns },
    (_, i) => 2 * (x[2 * Math.floor(i / columns)] as number) - 1,
  );
  return writeNpz(
    new Map([
      ['x', { type: DataType.FLOAT, dims: [count, 2], data: x }],
      [names.wanted, { type: DataType.DOUBLE, dims: [count, columns], data: y }],
      [names.weight, { type: DataType.FLOAT, dims: [count, 1], data: new Float32Array(count).fill(1) }],
    ]),
  );
}

const LOSS = ['finetune', 'line.onnx', '--data', 'data.npz', '--loss', 'loss.onnx', '--lr', '0.1', '--epochs', '20'];

describe('gn-swap finetune --loss FILE.onnx', () => {
  const scratch = useScratch();
  beforeEach(() => {
    scratch().write('line.onnx', writeModel(line()));
    scratch().write('loss.onnx', writeModel(weightedLoss()));
    scratch().write('data.npz', points({ wanted: 'target/wanted', weight: 'weight' }));
  });
  const run = (...args: string[]) => cli(args, { cwd: scratch().folder });

  it('learns what the loss says from arrays named after its inputs, and tells how far the loss fell', async () => {
    const { status, stdout, stderr } = await run(...LOSS, '--batch', '2');
    expect(status, stderr).to.equal(0);
    expect(stdout).to.match(
      /! Trained: fall of the loss -?0\.\d+ → (0\.9\d+|1\.000) on 8 held-out samples, too few to tell/,
    );
    expect(stdout).to.contain('task own: 32 samples to train on, 8 held out; 2 tensors trained');
    expect(scratch().list()).to.deep.equal(['data.npz', 'line.ft.onnx', 'line.onnx', 'loss.onnx']);
  });

  it('learns from pictures in a folder for each class, and from arrays beside pictures', async () => {
    const net = new Net();
    const label = net.input('label', ['N'], DataType.INT64);
    net.node(
      'NegativeLogLikelihoodLoss',
      [net.node('Log', [net.input('p', ['N', 3])]), label],
      {},
      { outputs: ['loss'] },
    );
    scratch().write('class.onnx', writeModel(net.output('loss', []).model()));
    scratch().write('model.onnx', writeModel(classifier()));
    for (const folder of ['shades/dark', 'shades/grey', 'shades/light', 'named/images', 'named/targets'])
      mkdirSync(scratch().path(folder), { recursive: true });
    for (const [index, shade] of ['dark', 'grey', 'light'].entries()) {
      for (let it = 0; it < 4; it++) {
        const picture = await plainPng(['#111', '#888', '#eee'][index] ?? '', 8 + it, 8);
        scratch().write(`shades/${shade}/${it}.png`, picture);
        scratch().write(`named/images/${shade}${it}.png`, picture);
        const value = { type: DataType.INT64, dims: [], data: BigInt64Array.of(BigInt(index)) };
        scratch().write(`named/targets/${shade}${it}.npz`, writeNpz(new Map([['label', value]])));
      }
    }
    const args = [
      'finetune',
      'model.onnx',
      '--loss',
      'class.onnx',
      '--lr',
      '0.03',
      '--epochs',
      '6',
      '--json',
      '--force',
    ];
    const facts = async (...more: string[]) => {
      const { stdout, stderr } = await run(...args, ...more);
      expect(stdout, stderr).not.to.equal('');
      return JSON.parse(stdout).results[0].finetune;
    };
    const [folders, named] = [await facts('--data', 'shades'), await facts('--data', 'named')];
    expect(folders).to.deep.include({
      task: 'own',
      measure: 'fall of the loss',
      classes: ['dark', 'grey', 'light'],
      augment: ['crop', 'colour'],
    });
    expect(named).to.deep.include({ task: 'own', classes: null, augment: [] });
    for (const { before, after } of [folders, named]) expect(after.value).to.be.above(before.value + 0.02);
    const refused = await run(...args.filter((it) => it !== '--json'), '--data', 'named', '--augment', 'colour,flip');
    expect(refused.stderr).to.contain(
      '--augment flip moves pixels, and the arrays of the loss would stay as they are. Use --augment colour, or leave it out.',
    );
  });

  it('does not go on with another loss than the one it began with', async () => {
    await killBefore(12, LOSS, { cwd: scratch().folder });
    expect(scratch().list()).to.include('line.ft.onnx.state');
    scratch().write('loss.onnx', writeModel(weightedLoss({ batch: 'M' })));
    const { status, stderr } = await run(...LOSS, '--resume');
    expect(status).to.equal(2);
    expect(stderr).to.contain('loss');
  });

  const wrong: [situation: string, write: () => void, args: string[], said: string][] = [
    [
      'a loss that is not there',
      () => {},
      ['--loss', 'gone.onnx'],
      'gone.onnx: no such file or folder. Check the path.',
    ],
    [
      'a file that is not a model',
      () => scratch().write('text.onnx', 'hello world'),
      ['--loss', 'text.onnx'],
      'text.onnx: not an ONNX file, or a damaged one',
    ],
    [
      'a loss of other outputs',
      () => scratch().write('loss.onnx', writeModel(weightedLoss({ output: 'z' }))),
      [],
      'line.onnx: --loss: no input of the loss (z, wanted, weight) is an output of the model. Name the inputs that take what the model answers after its outputs: y.',
    ],
    [
      'a loss that is a row of numbers',
      () => {
        const net = new Net();
        net.node('Sub', [net.input('y', ['N', 1]), net.input('wanted', ['N', 1])], {}, { outputs: ['loss'] });
        scratch().write('loss.onnx', writeModel(net.output('loss', ['N', 1]).model()));
      },
      ['--batch', '2'],
      'line.onnx: --loss: a loss must have one output, a single float number. Reduce it with ReduceMean or ReduceSum, keepdims=0.',
    ],
    [
      'an array that is missing',
      () => scratch().write('data.npz', points({ wanted: 'target', weight: 'weight' })),
      [],
      'data.npz: it has no array "target/wanted". Write it beside the inputs: numpy.savez(path, **inputs, **{"target/wanted": labels}).',
    ],
    [
      'an array of another shape',
      () => scratch().write('data.npz', points({ wanted: 'wanted', weight: 'weight' }, 40, 2)),
      [],
      'data.npz: wanted: its shape is [1, 2]; the model takes [?, 1]. Use an array of that shape.',
    ],
    ['pictures', () => scratch().write('a.png', ''), ['--data', 'a.png'], 'a.png: '],
    [
      'a task beside it',
      () => {},
      ['--task', 'regress'],
      '--loss loss.onnx and --task regress are both given. Leave --task out',
    ],
  ];
  for (const [situation, write, args, said] of wrong) {
    it(`refuses ${situation}`, async () => {
      write();
      const given = LOSS.filter((it, index) => !args.includes(it) && !args.includes(LOSS[index - 1] ?? ''));
      const { status, stdout, stderr } = await run(...given, ...args);
      expect([status, stdout]).to.deep.equal([2, '']);
      expect(stderr.split('\n')[0]).to.contain(`gn-swap: ${said}`);
      expect(scratch().list()).not.to.include('line.ft.onnx');
    });
  }
});
