import { existsSync, mkdirSync } from 'node:fs';
import { expect } from 'chai';
import { writeNpz } from '../../../src/inputs/write-npz.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import { readModel, writeModel } from '../../../src/onnx/model.ts';
import { cli, ended, startCli } from '../../support/cli.ts';
import { plainPng } from '../../support/files.ts';
import { OUTPUT, TRAINING, writeTraining } from '../../support/finetune.ts';
import { interruptBefore, killBefore, stepsOf } from '../../support/kill.ts';
import { diskFullFor } from '../../support/preload.ts';
import { Scratch, useScratch } from '../../support/scratch.ts';
import { classifier, pictures } from '../../support/training.ts';

/** Folder → its output after a run that nothing disturbs. */
async function undisturbed(): Promise<Buffer> {
  const scratch = new Scratch();
  try {
    writeTraining(scratch);
    const { status, stderr } = await cli(TRAINING, { cwd: scratch.folder });
    expect(stderr).to.match(/^(tried rate .*\n){3,6}(epoch \d: .*\n){4}$/);
    expect(status).to.equal(0);
    return scratch.read(OUTPUT);
  } finally {
    scratch.remove();
  }
}

/** How many steps on the disk an undisturbed run takes. */
async function stepsOnDisk(): Promise<number> {
  const scratch = new Scratch();
  try {
    writeTraining(scratch);
    return await stepsOf(TRAINING, { cwd: scratch.folder });
  } finally {
    scratch.remove();
  }
}

describe('gn-swap finetune', () => {
  const scratch = useScratch();
  beforeEach(() => writeTraining(scratch()));
  const run = (...more: string[]) => cli([...TRAINING, ...more], { cwd: scratch().folder });

  it('trains a file, says what it is worth, and leaves the source and nothing else behind', async () => {
    const source = scratch().read('model.onnx');
    const { status, stdout } = await run();
    expect(status).to.equal(0);
    expect(stdout).to.match(/! Trained: accuracy 0\.\d+ → [01]\.\d+ on 6 held-out samples, too few to tell/);
    expect(stdout).to.match(/✓ Same file otherwise: 5 tensors changed/);
    expect(stdout).to.contain(`wrote ${OUTPUT}`);
    expect(scratch().list()).to.deep.equal(['data.npz', OUTPUT, 'model.onnx']);
    expect(scratch().read('model.onnx')).to.deep.equal(source);
  });

  it('reads a batch that is stored as 0 as an open one, and writes the inputs as they were', async () => {
    scratch().write('zero.onnx', writeModel(classifier({ batch: 0 })));
    const args = ['finetune', 'zero.onnx', '--data', 'data.npz', '--task', 'classify', '--epochs', '1', '--lr', '0.03'];
    const { status, stderr } = await cli([...args, '--batch-axis', '0'], { cwd: scratch().folder });
    expect(status, stderr).to.equal(0);
    const [before, after] = ['zero.onnx', 'zero.ft.onnx'].map(
      (name) => readModel(scratch().read(name)).proto.graph.input,
    );
    expect(after).to.deep.equal(before);
  });

  it('says how pictures were read, and in JSON that arrays were none', async () => {
    for (const [index, colour] of ['#111', '#888', '#eee'].entries()) {
      const picture = await plainPng(colour, 16, 8);
      mkdirSync(scratch().path(`photos/${index}`), { recursive: true });
      for (const name of ['a', 'b', 'c']) scratch().write(`photos/${index}/${name}.png`, picture);
    }
    const args = [
      'finetune',
      'model.onnx',
      '--data',
      'photos',
      '--epochs',
      '1',
      '--lr',
      '0.01',
      '--mean',
      '0.5',
      '--force',
    ];
    const { stdout } = await cli([...args, '--fit', 'contain'], { cwd: scratch().folder });
    expect(stdout).to.contain('\npictures read as 8×8 (contain), rgb, byte/255 − 0.5\n');
    const [{ finetune }] = JSON.parse((await cli([...args, '--json'], { cwd: scratch().folder })).stdout).results;
    expect(finetune.pictures).to.equal('8×8 (stretched), rgb, byte/255 − 0.5');
    const arrays = await run('--json', '--lr', '0.03', '--force');
    expect(JSON.parse(arrays.stdout).results[0].finetune.pictures).to.equal(null);
  });

  it('exits with 1, without a file, where no epoch is better; --quiet says that alone', async () => {
    // A step of this size changes no digit that is compared.
    const args = ['--lr', '1e-12', '--weight-decay', '0'];
    const quiet = await run(...args, '--quiet');
    expect(quiet.stderr).to.match(
      /^gn-swap: model\.onnx: Not better: no epoch scored more than the model as it was \(accuracy [01]\.\d+ on 6 held-out samples\); nothing was written\.\n$/,
    );
    expect([quiet.status, quiet.stdout]).to.deep.equal([1, '']);
    expect(scratch().list()).to.deep.equal(['data.npz', 'model.onnx']);
    const json = await run(...args, '--json');
    expect([json.status, json.stderr]).to.deep.equal([1, '']);
    expect(JSON.parse(json.stdout).results[0].finetune).to.include({ proof: null, bestEpoch: 0 });
  });

  it('prints one JSON document', async () => {
    const { status, stdout, stderr } = await run('--json', '--lr', '0.03');
    expect([status, stderr]).to.deep.equal([0, '']);
    const [result] = JSON.parse(stdout).results;
    expect(result.finetune.history).to.have.length(5);
    expect(result.finetune.rate).to.equal(0.03);
    expect(result.finetune.classes).to.deep.equal(['0', '1', '2']);
    expect(result.output).to.equal(OUTPUT);
  });

  it('killed before any of its steps on the disk, goes on to the bytes of an undisturbed run', async function () {
    this.timeout(300_000);
    const expected = await undisturbed();
    const steps = await stepsOnDisk();
    expect(steps).to.be.above(15);
    // Every step would take minutes: each third, from another start each.
    for (let step = 1; step < steps; step += 3) {
      const own = new Scratch();
      writeTraining(own);
      expect((await killBefore(step, TRAINING, { cwd: own.folder })).status, `step ${step}`).to.equal(null);
      // A kill behind the last commit leaves the whole output, and a state that nobody needs.
      if (existsSync(own.path(OUTPUT))) expect(own.read(OUTPUT), `step ${step}`).to.deep.equal(expected);
      const goOn = existsSync(own.path(`${OUTPUT}.state`)) ? ['--resume'] : ['--force'];
      const { status, stderr } = await cli([...TRAINING, ...goOn], { cwd: own.folder });
      expect(status, `step ${step}: ${stderr}`).to.equal(0);
      expect(own.read(OUTPUT).equals(expected), `step ${step}`).to.equal(true);
      expect(own.list(), `step ${step}`).to.deep.equal(['data.npz', OUTPUT, 'model.onnx']);
      own.remove();
    }
  });

  it('Ctrl-C ends it behind a step: the best so far is written, and it says how to go on', async () => {
    const args = [...TRAINING, '--epochs', '4000', '--patience', '4000', '--lr', '0.01'];
    const child = startCli(
      args.filter((_, index) => index !== 6 && index !== 7),
      { cwd: scratch().folder },
    );
    const end = ended(child);
    await new Promise<void>((resolve) => {
      let epochs = 0;
      child.stderr?.on('data', (text: string) => {
        epochs += String(text).split('(best)').length - 1;
        if (epochs >= 2) resolve();
      });
    });
    child.kill('SIGINT');
    const { status, stdout, stderr } = await end;
    expect(status).to.equal(130);
    expect(stderr).to.contain('ending after this step; press Ctrl-C again to stop at once');
    expect(stdout).to.match(/interrupted: the best epoch so far is kept/);
    expect(scratch().list()).to.deep.equal(['data.npz', OUTPUT, `${OUTPUT}.state`, 'model.onnx']);
    const again = await run();
    expect(again.status).to.equal(2);
    expect(again.stderr).to.match(/model\.ft\.onnx: the file exists already\..*\nTry: gn-swap finetune .* --force\n$/);
  });

  it('Ctrl-C before any of its steps on the disk, once or twice, leaves a whole file or a run to go on with', async function () {
    this.timeout(300_000);
    const expected = await undisturbed();
    const steps = await stepsOnDisk();
    const ends = new Set<number | null>();
    for (let step = 0; step < steps; step += 3) {
      const times = 1 + (step % 2);
      const own = new Scratch();
      writeTraining(own);
      const place = `step ${step}, ${times}`;
      const { status, stdout } = await interruptBefore(step, times, TRAINING, { cwd: own.folder });
      expect(status, place).to.be.oneOf([0, 130]);
      const left = own.list().filter((name) => name !== 'data.npz' && name !== 'model.onnx');
      expect([OUTPUT, `${OUTPUT}.state`], place).to.include.members(left);
      ends.add(status);
      // One that was ended by the first Ctrl-C says that it was; what ended by itself before that is as without.
      if (status === 0) expect(own.read(OUTPUT).equals(expected), place).to.equal(true);
      else if (left.length > 0 && times === 1) expect(stdout, place).to.match(/interrupted|nothing was written/);
      const goOn = left.includes(`${OUTPUT}.state`) ? ['--resume'] : ['--force'];
      expect((await cli([...TRAINING, ...goOn], { cwd: own.folder })).status, place).to.equal(0);
      expect(own.read(OUTPUT).equals(expected), place).to.equal(true);
      own.remove();
    }
    // Else Ctrl-C never came early, or never late enough to be of no consequence.
    expect([...ends]).to.have.members([0, 130]);
  });

  it('an unfinished run is neither forgotten nor mixed up with another', async () => {
    await killBefore(12, TRAINING, { cwd: scratch().folder });
    expect(scratch().list()).to.include(`${OUTPUT}.state`);
    const plain = await run();
    expect(plain.stderr).to.equal(
      `gn-swap: ${OUTPUT}.state: an unfinished run is there. Add --resume to go on with it, or --force to start over.\n`,
    );
    const other = await run('--resume', '--seed', '7', '--batch', '2');
    expect(other.stderr).to.match(
      /the unfinished run in it is another one: it had .*--batch 1, --seed 0\. Type the command/,
    );
    // The same samples, one of which is of another class now.
    const data = scratch().read('data.npz');
    const { inputs, labels } = pictures(30, 1);
    labels[3] = ((labels[3] as number) + 1) % 3;
    const target = { type: DataType.INT32, dims: [30], data: labels };
    scratch().write(
      'data.npz',
      writeNpz(
        new Map([
          ['x', inputs],
          ['target', target],
        ]),
      ),
    );
    const relabelled = await run('--resume');
    expect(relabelled.stderr).to.match(/it is another one: it had other (held-out samples|labels)\. Type the command/);
    scratch().write('data.npz', data);
    const over = await run('--force');
    expect(over.status).to.equal(0);
    const gone = await run('--resume');
    expect(gone.stderr).to.contain('there is no unfinished run to go on with');
  });

  it('a disk that has no room for the state does not end a run; it says that it could not be saved', async () => {
    const before = diskFullFor(/\.state\.next$/);
    const { status, stdout, stderr } = await cli(TRAINING, { cwd: scratch().folder, before });
    expect(status, stderr).to.equal(0);
    expect(stdout).to.contain('note: the state of the run could not be saved (the disk is full)');
    expect(scratch().list()).to.deep.equal(['data.npz', OUTPUT, 'model.onnx']);
    expect(scratch().read(OUTPUT)).to.deep.equal(await undisturbed());
  });

  it('a disk that has no room for the output leaves the training, and --resume writes it', async () => {
    const before = diskFullFor(/model\.ft\.onnx$/);
    const { status, stderr } = await cli(TRAINING, { cwd: scratch().folder, before });
    expect(status).to.equal(2);
    expect(stderr).to.match(
      /gn-swap: .*model\.ft\.onnx: cannot write the file: the disk is full\. Training is saved\. Free some space, and add --resume to write the file\.\n/,
    );
    expect(scratch().list()).to.deep.equal(['data.npz', `${OUTPUT}.state`, 'model.onnx']);
    expect((await run('--resume')).status).to.equal(0);
    expect(scratch().read(OUTPUT)).to.deep.equal(await undisturbed());
    expect(scratch().list()).to.deep.equal(['data.npz', OUTPUT, 'model.onnx']);
  });

  it('refuses numbers of classes that the model does not have', async () => {
    const { inputs } = pictures(4, 1);
    const target = { type: DataType.INT32, dims: [4], data: Int32Array.of(0, 1, 2, 7) };
    const arrays = new Map([
      ['x', inputs],
      ['target', target],
    ]);
    scratch().write('beyond.npz', writeNpz(arrays));
    const args = ['finetune', 'model.onnx', '--data', 'beyond.npz', '--task', 'classify'];
    const { status, stderr } = await cli(args, { cwd: scratch().folder });
    expect(status).to.equal(2);
    expect(stderr).to.match(/beyond\.npz.*7 is out of range: there are 3 classes, 0 to 2/);
  });
});
