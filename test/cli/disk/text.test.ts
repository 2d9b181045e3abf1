import { expect } from 'chai';
import { checkTextTarget, writeText } from '../../../src/cli/disk/index.ts';
import { rejection, thrown } from '../../support/errors.ts';
import { useScratch } from '../../support/scratch.ts';

describe('checkTextTarget', () => {
  const scratch = useScratch();

  it('takes what is not there, and with --force what is', () => {
    checkTextTarget(scratch().path('new.html'), [], false, '--report');
    const old = scratch().write('old.html', 'old');
    checkTextTarget(old, [scratch().path('other')], true, '--report');
    const error = thrown(() => checkTextTarget(old, [], false, '--report'));
    expect(error.code).to.equal('output-exists');
    expect(error.remedy).to.equal('Use --force to replace it, or another name with --report');
  });

  it('refuses what is read, also with --force', () => {
    const model = scratch().write('model.onnx', 'a model');
    const error = thrown(() => checkTextTarget(model, [scratch().path('other'), model], true, '--report'));
    expect([error.code, error.remedy]).to.deep.equal(['invalid-arguments', 'Use another name with --report']);
  });

  it('refuses a folder, and one that is not there, in the words of its option', () => {
    for (const [target, remedy] of [
      [scratch().folder, 'Choose another place with --report'],
      [scratch().path('no', 'such.html'), 'Create the folder first, or choose another place with --report'],
    ] as const) {
      const error = thrown(() => checkTextTarget(target, [], true, '--report'));
      expect([error.code, error.remedy]).to.deep.equal(['unwritable', remedy]);
    }
  });
});

describe('writeText', () => {
  const scratch = useScratch();

  it('writes it whole, and nothing beside it', async () => {
    expect(await writeText(scratch().path('a.html'), 'γ', false, '--report')).to.equal(2);
    expect(scratch().read('a.html').toString()).to.equal('γ');
    expect(scratch().list()).to.deep.equal(['a.html']);
  });

  it('replaces nothing without --force', async () => {
    const file = scratch().write('a.html', 'old');
    const error = await rejection(writeText(file, 'new', false, '--report'));
    expect([error.code, error.file]).to.deep.equal(['output-exists', file]);
    expect(scratch().read('a.html').toString()).to.equal('old');
    await writeText(file, 'new', true, '--report');
    expect(scratch().read('a.html').toString()).to.equal('new');
    expect(scratch().list()).to.deep.equal(['a.html']);
  });
});
