import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { expect } from 'chai';
import sharp from 'sharp';
import { commandOf } from '../../src/cli/commands/index.ts';
import { main } from '../../src/cli/main.ts';
import { writeModel } from '../../src/onnx/model.ts';
import { yolov8 } from '../support/detectors.ts';
import { useScratch } from '../support/scratch.ts';
import { CASES, MODELS, RIGHT } from '../support/wrong-detect.ts';

describe('gn-swap finetune --task detect, told what is wrong', () => {
  const scratch = useScratch();
  const { write } = process.stderr;
  const folder = process.cwd();
  let red: Buffer;

  before(async () => {
    red = await sharp({ create: { width: 64, height: 64, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
  });

  beforeEach(() => {
    mkdirSync(scratch().path('d/images'), { recursive: true });
    mkdirSync(scratch().path('d/labels'));
    for (const [name, model] of Object.entries(MODELS)) scratch().write(name, writeModel(model()));
    for (const [name, text] of Object.entries(RIGHT)) scratch().write(name, text);
    for (const name of ['d/images/a.png', 'd/images/b.png']) scratch().write(name, red);
    process.chdir(scratch().folder);
  });

  afterEach(() => {
    process.stderr.write = write;
    process.chdir(folder);
  });

  /** Every file below the folder, with its bytes. */
  const files = () =>
    readdirSync('.', { recursive: true, withFileTypes: true })
      .filter((it) => it.isFile())
      .map((it) => [`${it.parentPath}/${it.name}`, readFileSync(`${it.parentPath}/${it.name}`, 'latin1')]);

  for (const { name, files: changed = {}, model = 'det.onnx', args = [], says } of CASES) {
    it(`says what to do, ends with status 2 and writes nothing: ${name}`, async () => {
      for (const [file, text] of Object.entries(changed)) {
        if (text === null) rmSync(file);
        else scratch().write(file, text);
      }
      const before = files();
      let said = '';
      process.stderr.write = (text: string | Uint8Array) => {
        said += text;
        return true;
      };
      const typed = ['finetune', model, '--task', 'detect', '--data', 'd', '--epochs', '1', '--lr', '1e-3'];
      const status = await main([...typed, ...args], commandOf);
      process.stderr.write = write;
      expect([status, said.split('\n')[0]]).to.deep.equal([2, `gn-swap: ${says}`]);
      expect(files()).to.deep.equal(before);
    });
  }

  it('has 30 cases or more, and each differs from data that are read', async () => {
    expect(CASES.length).to.be.at.least(30);
    for (const { says } of CASES) {
      expect(says)
        .to.match(/[.?]$/)
        .and.not.match(/undefined|(?<!there )\bis no\b|Error:/);
    }
    const { openLabelled } = await import('../../src/inputs/labelled/open.ts');
    const { listFiles, readWhole } = await import('../../src/cli/disk/index.ts');
    const reader = { list: listFiles, read: readWhole };
    const data = await openLabelled('d', yolov8(2), { task: 'detect' }, reader);
    expect([data.count, data.classes]).to.deep.equal([2, ['cat', 'dog']]);
  });
});
