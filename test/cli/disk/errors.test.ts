import { expect } from 'chai';
import {
  codeOf,
  outputExists,
  REASONS,
  reasonOf,
  unreadable,
  unwritable,
  whatIsNoFile,
} from '../../../src/cli/disk/errors.ts';
import { GnSwapError } from '../../../src/errors.ts';

const failure = (code: string) => Object.assign(new Error(`${code}: no words`), { code });

describe('cli/disk/errors', () => {
  it('says in words why the disk refused, and repeats what it has no words for', () => {
    for (const [code, words] of Object.entries(REASONS)) expect(reasonOf(failure(code))).to.equal(words);
    expect(reasonOf(failure('EIO'))).to.equal('EIO: no words');
    expect([reasonOf('odd'), codeOf('odd'), codeOf(new Error('no code'))]).to.deep.equal(['odd', '', '']);
  });

  it('sends to the path, or to the permissions where the path is right', () => {
    const remedyOf = (code: string) => unreadable('a.onnx', failure(code)).remedy;
    expect(['ENOENT', 'ENOTDIR', 'EISDIR'].map(remedyOf)).to.deep.equal(Array(3).fill('Check the path'));
    expect(['EACCES', 'EPERM'].map(remedyOf)).to.deep.equal(Array(2).fill('Check its permissions'));
    expect(unreadable('a.onnx', failure('EACCES'))).to.include({ code: 'unreadable', file: 'a.onnx' });
  });

  it('names a file that may have been meant', () => {
    const { remedy, next } = unreadable('pakcage.json', failure('ENOENT'));
    expect([remedy, next]).to.deep.equal([
      'Check the path: there is package.json',
      { paths: { 'pakcage.json': 'package.json' } },
    ]);
  });

  it('asks for a folder that is not there, and for another place where nothing can be written', () => {
    const remedyOf = (code: string) => unwritable('o/a.onnx', failure(code)).remedy;
    expect(remedyOf('ENOENT')).to.equal('Create the folder first, or choose another place with --output');
    expect(remedyOf('ENOSPC')).to.equal('Choose another place with --output');
    expect(unwritable('a', failure('ENOSPC')).message).to.equal('cannot write the file: the disk is full');
  });

  it('leaves errors that are ours as they are', () => {
    const own = new GnSwapError('refused', 'no');
    expect([unreadable('a', own), unwritable('a', own)]).to.deep.equal([own, own]);
  });

  it('tells a folder from other things that are no file', () => {
    expect(whatIsNoFile({ isDirectory: () => true })).to.equal('it is a folder, not a file');
    expect(whatIsNoFile({ isDirectory: () => false })).to.equal('it is not a regular file');
    expect(outputExists('a.onnx')).to.include({ code: 'output-exists', file: 'a.onnx' });
  });
});
