import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { expect } from 'chai';
import { encode } from 'fast-png';
import { Net } from '../../../fixtures/build.ts';
import { callOptions } from '../../../src/call/arguments.ts';
import { compareFile } from '../../../src/cli/compare.ts';
import { parse } from '../../../src/cli/parse.ts';
import { writeModel } from '../../../src/onnx/model.ts';
import { renderText } from '../../../src/report/text.ts';
import { cli } from '../../support/cli.ts';
import { writeTraining } from '../../support/finetune.ts';
import { expectValidReport } from '../../support/report-schema.ts';
import { useScratch } from '../../support/scratch.ts';

const ASKED = ['compare', 'model.onnx', '--finetune', '--data', 'data.npz', '--task', 'classify'] as const;
const SHORT = ['--epochs', '1', '--lr', '0.03', '--seeds', '2', '--val', '0.4'] as const;
const ROWS = ['--rows', 'none,bn-frozen,bn-train,gn-calibrated'] as const;

describe('gn-swap compare --finetune', () => {
  const scratch = useScratch();
  beforeEach(() => writeTraining(scratch()));
  const run = (...more: string[]) => cli([...ASKED, ...more], { cwd: scratch().folder });

  it('prints advice, a row for each treatment and what to type, and writes nothing', async () => {
    const { status, stdout, stderr } = await run(...SHORT, ...ROWS);
    expect([status, stderr]).to.deep.equal([0, '']);
    expect(stdout).to.match(/^(Swap|Do not|Can’t tell) ?.*\.$/m);
    expect(stdout).to.match(/^row +before +batch 1 +rate$/m);
    for (const title of ['no training', 'BN frozen', 'BN in training mode', 'GN calibrated'])
      expect(stdout).to.match(new RegExp(`^${title} +[01]\\.\\d{3} `, 'm'));
    expect(stdout).to.contain('accuracy on 6 samples that choose nothing; 1 epoch of 18 samples, 6 choose');
    expect(scratch().list()).to.deep.equal(['data.npz', 'model.onnx']);
  });

  it('prints a document that keeps to the schema, and a report', async () => {
    const { status, stdout, stderr } = await run(
      ...SHORT,
      '--batches',
      '1,3',
      '--json',
      '--report',
      'report.md',
      ...ROWS,
    );
    expect([status, stderr]).to.deep.equal([0, '']);
    const document = JSON.parse(stdout);
    expectValidReport(document);
    const [{ training, comparison, command }] = document.results;
    expect([command, comparison]).to.deep.equal(['compare', null]);
    expect(training.rows).to.have.length(8);
    expect(training.runs).to.have.length(12);
    expect(training.advice.map(({ batch }: { batch: number }) => batch)).to.deep.equal([1, 3]);
    const report = scratch().read('report.md').toString();
    expect(report)
      .to.contain('### Compared by training')
      .and.to.match(/\| row \| before \| batch 1 \| batch 3 \| rate \|/);
  });

  it('the commands that it advises train what was compared', async () => {
    const [file, data] = ['model.onnx', 'data.npz'].map((name) => path.join(scratch().folder, name)) as [
      string,
      string,
    ];
    const argv = [
      'compare',
      file,
      '--finetune',
      '--data',
      data,
      '--task',
      'classify',
      ...SHORT,
      '--rows',
      'gn-calibrated',
    ];
    const typed = parse(argv);
    const call = callOptions('raw' in typed ? typed.raw : {}, argv);
    const { training, error } = await compareFile(file, call, () => {});
    expect(error).to.equal(undefined);
    const swapped = file.replace('.onnx', '.gn.onnx');
    expect(training?.commands).to.deep.equal([
      `gn-swap ${file} --calibrate ${data}`,
      `gn-swap finetune ${swapped} --data ${data} --task classify --epochs 1 --lr 0.03 --val 0.4`,
    ]);
    for (const command of training?.commands ?? []) {
      const { status, stderr } = await cli(command.split(' ').slice(1), { cwd: scratch().folder });
      expect(status, stderr).to.be.oneOf([0, 1]);
    }
    expect(scratch().list()).to.include('model.gn.onnx');
  });

  it('commands that solve from data take the pictures beside a file of labels, and numbers for numbers', async () => {
    const { folder } = scratch();
    const net = new Net({ seed: 4 });
    const map = net.relu(net.bn(net.conv(net.input('x', ['N', 3, 8, 8]), 3, 4), 4));
    const row = net.node('Flatten', [net.node('GlobalAveragePool', [map])]);
    net.node('Gemm', [row, net.weight('w', [4, 2]), net.weight('b', [2])], {}, { outputs: ['y'] });
    writeFileSync(path.join(folder, 'numbers.onnx'), writeModel(net.output('y', ['N', 2]).model()));
    mkdirSync(path.join(folder, 'faces'));
    const rows = Array.from({ length: 20 }, (_, at) => {
      const data = Uint8Array.from({ length: 192 }, (__, i) => (i * (at + 3)) % 256);
      writeFileSync(path.join(folder, 'faces', `${at}.png`), encode({ width: 8, height: 8, channels: 3, data }));
      return `${at}.png,${at / 20},${(20 - at) / 20}`;
    });
    writeFileSync(path.join(folder, 'faces', 'labels.csv'), ['file,y[0],y[1]', ...rows].join('\n'));
    const argv = ['compare', path.join(folder, 'numbers.onnx'), '--finetune', '--task', 'regress', ...SHORT];
    argv.push('--data', path.join(folder, 'faces/labels.csv'), '--rows', 'gn-calibrated');
    const typed = parse(argv);
    const { training } = await compareFile(
      argv[1] as string,
      callOptions('raw' in typed ? typed.raw : {}, argv),
      () => {},
    );
    const [swap = '', train = ''] = training?.commands ?? [];
    expect(swap).to.match(/ --calibrate \S+faces --task regress$/);
    expect(training?.advice[0]?.sentence).to.match(
      /^Only GN calibrated has a score .*--rows none,bn-frozen,gn-calibrated\.$/,
    );
    for (const command of [swap, train]) {
      const { status, stdout, stderr } = await cli(command.split(' ').slice(1), { cwd: folder });
      expect(status, stderr).to.be.oneOf([0, 1]);
      if (command === swap) expect(stdout).to.include('variance explained');
    }
    expect(scratch().list()).to.include('numbers.gn.onnx');
  });

  it('with --runs, goes on where an earlier call was ended, and takes no runs of other options', async () => {
    const file = path.join(scratch().folder, 'runs.jsonl');
    const lines = () => readFileSync(file, 'utf8').trimEnd().split('\n');
    const first = await run(...SHORT, ...ROWS, '--runs', 'runs.jsonl', '--json');
    expect(first.status).to.equal(0);
    const whole = lines();
    expect(whole).to.have.length(6);
    // As a kill leaves it: some runs, and half a line.
    writeFileSync(file, `${whole.slice(0, 3).join('\n')}\n${whole[3]?.slice(0, 40)}`);
    const second = await run(...SHORT, ...ROWS, '--runs', 'runs.jsonl', '--json');
    const of = ({ stdout }: typeof first) => JSON.parse(stdout).results[0].training.rows;
    expect(of(second)).to.deep.equal(of(first));
    expect(lines()).to.have.length(7);
    await run(
      '--epochs',
      '1',
      '--lr',
      '0.03',
      '--val',
      '0.4',
      '--seeds',
      '1',
      ...ROWS,
      '--runs',
      'runs.jsonl',
      '--seed',
      '5',
    );
    expect(lines()).to.have.length(10);
  });

  it('says why rows are missing', async () => {
    const { status, stdout } = await run(...SHORT, '--rows', 'bn-frozen,gn-calibrated', '--exclude', '.');
    expect(status).to.equal(0);
    expect(stdout).to.match(/^left: GN calibrated: .+\.$/m);
    expect(stdout).to.match(/^GN calibrated +– +– +–$/m);
  });

  it('tells advice as text even where some rows are missing', () => {
    const style = { colors: { bold: (it: string) => it, yellow: (it: string) => it }, verbose: false };
    const rows = [
      { name: 'bn-frozen', title: 'BN frozen', batch: 1, before: 0.5, scores: [0.7, 0.8], rate: 1e-3, refused: null },
      {
        name: 'bn-train',
        title: 'BN in training mode',
        batch: 1,
        before: null,
        scores: [],
        rate: null,
        refused: { reason: 'it has none', remedy: 'Do so' },
      },
    ] as const;
    const training = {
      ...{ task: 'classify', measure: 'accuracy', samples: { train: 8, choose: 4, measure: 4, calibrate: 8 } },
      ...{
        epochs: 3,
        seeds: 2,
        batches: [1],
        rows,
        runs: [],
        interrupted: false,
        notes: ['A note'],
        commands: ['gn-swap x'],
      },
      advice: [{ batch: 1, do: 'file', row: 'bn-frozen', isClear: true, tied: [], sentence: 'Do not swap.' }],
      skipped: [{ file: 'a.png', reason: 'damaged' }],
    } as const;
    const text = renderText({ file: 'm.onnx', command: 'compare', timings: {}, training }, style as never);
    expect(text).to.match(/^BN frozen +0\.500 +0\.750 \(0\.700–0\.800\) +0\.001$/m);
    expect(text).to.contain('left: BN in training mode: it has none. Do so.\nnote: A note.');
    expect(text).to.contain('next: gn-swap x');
  });
});
