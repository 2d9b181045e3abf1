import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, symlinkSync } from 'node:fs';
import { expect } from 'chai';
import { checkTarget } from '../../../src/cli/disk/index.ts';
import { thrown } from '../../support/errors.ts';
import { useScratch } from '../../support/scratch.ts';

describe('checkTarget', () => {
  const scratch = useScratch();

  it('takes a new name in a folder that is there', () => {
    const source = scratch().write('a.onnx', 'x');
    checkTarget(scratch().path('b.onnx'), source, false);
    expect(scratch().list()).to.deep.equal(['a.onnx']);
  });

  it('refuses the source, by any name of it', () => {
    const source = scratch().write('a.onnx', 'x');
    linkSync(source, scratch().path('hard.onnx'));
    symlinkSync('a.onnx', scratch().path('soft.onnx'));
    for (const name of ['a.onnx', 'hard.onnx', 'soft.onnx']) {
      for (const force of [false, true]) {
        const error = thrown(() => checkTarget(scratch().path(name), source, force));
        expect([error.code, error.file]).to.deep.equal(['invalid-arguments', scratch().path(name)]);
        expect(error.message).to.match(/is the source, which is never overwritten/);
      }
    }
  });

  it('refuses what exists, unless forced', () => {
    const [source, target] = [scratch().write('a.onnx', 'x'), scratch().write('b.onnx', 'y')];
    expect(thrown(() => checkTarget(target, source, false)).code).to.equal('output-exists');
    checkTarget(target, source, true);
  });

  it('refuses what can’t be replaced, even if forced: devices, pipes, folders', () => {
    const source = scratch().write('a.onnx', 'x');
    execFileSync('mkfifo', [scratch().path('pipe')]);
    mkdirSync(scratch().path('folder'));
    for (const target of ['/dev/null', scratch().path('pipe'), scratch().path('folder')]) {
      const error = thrown(() => checkTarget(target, source, true));
      expect([error.code, error.file]).to.deep.equal(['unwritable', target]);
    }
  });

  it('says why a place can’t be written to', () => {
    const source = scratch().write('a.onnx', 'x');
    const cases: [string, RegExp][] = [
      [scratch().path('gone', 'b.onnx'), /no such file or folder/],
      [scratch().path('a.onnx', 'b.onnx'), /not a folder/],
      [scratch().path('x'.repeat(300)), /name is too long/],
    ];
    for (const [target, message] of cases) {
      const error = thrown(() => checkTarget(target, source, false));
      expect([error.code, error.file]).to.deep.equal(['unwritable', target]);
      expect(error.message).to.match(message);
    }
  });
});
