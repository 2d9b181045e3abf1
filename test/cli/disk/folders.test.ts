import { mkdirSync, rmSync } from 'node:fs';
import { expect } from 'chai';
import { makeFolder, removeEmptyFolders } from '../../../src/cli/disk/index.ts';
import { thrown } from '../../support/errors.ts';
import { useScratch } from '../../support/scratch.ts';

describe('makeFolder', () => {
  const scratch = useScratch();

  it('makes a folder and those around it, or leaves it as it is', () => {
    makeFolder(scratch().path('a', 'b'));
    makeFolder(scratch().path('a', 'b'));
    expect(scratch().list('a')).to.deep.equal(['b']);
    const error = thrown(() => makeFolder(scratch().write('f', 'x')));
    expect([error.code, error.message]).to.deep.equal(['unwritable', 'cannot write the file: the name is taken']);
  });
});

describe('removeEmptyFolders', () => {
  const scratch = useScratch();

  it('removes what was made and holds nothing, also later', () => {
    mkdirSync(scratch().path('mine'));
    for (const folder of ['mine/a/b', 'full/x', 'full/y', 'late']) makeFolder(scratch().path(folder));
    scratch().write('full/y/file', 'x');
    scratch().write('late/file', 'x');
    removeEmptyFolders();
    expect(scratch().list()).to.deep.equal(['full', 'late', 'mine']);
    expect([scratch().list('mine'), scratch().list('full')]).to.deep.equal([[], ['y']]);
    rmSync(scratch().path('late', 'file'));
    removeEmptyFolders();
    expect(scratch().list()).to.deep.equal(['full', 'mine']);
  });
});
