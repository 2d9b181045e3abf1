import { mkdirSync, symlinkSync } from 'node:fs';
import { expect } from 'chai';
import { isFolder, listFiles } from '../../../src/cli/disk/index.ts';
import { thrown } from '../../support/errors.ts';
import { useScratch } from '../../support/scratch.ts';

describe('files and folders', () => {
  const scratch = useScratch();

  it('are told apart', () => {
    const file = scratch().write('f', 'x');
    expect([isFolder(scratch().folder), isFolder(file), isFolder(scratch().path('gone'))]).to.deep.equal([
      true,
      false,
      false,
    ]);
    expect(thrown(() => isFolder(scratch().path('x'.repeat(300)))).code).to.equal('unwritable');
  });

  it('are listed below a folder, sorted, without hidden ones; a file is its own list', () => {
    mkdirSync(scratch().path('sub'));
    for (const name of ['b', 'a', '.hidden', 'sub/c']) scratch().write(name, 'x');
    expect(listFiles(scratch().folder)).to.deep.equal(['a', 'b', 'sub/c'].map((name) => scratch().path(name)));
    expect(listFiles(scratch().path('a'))).to.deep.equal([scratch().path('a')]);
    expect(thrown(() => listFiles(scratch().path('gone'))).code).to.equal('unreadable');
  });

  it('are listed where links lead to files, but not to folders, to nothing or round', () => {
    const path = (name: string) => scratch().path(name);
    mkdirSync(path('data'));
    scratch().write('elsewhere', 'x');
    scratch().write('data/own', 'x');
    for (const [name, target] of [
      ['link', '../elsewhere'],
      ['.hidden', '../elsewhere'],
      ['dead', 'nowhere'],
      ['self', 'self'],
      ['loop', '.'],
      ['up', scratch().folder],
    ] as const)
      symlinkSync(target, path(`data/${name}`));
    expect(listFiles(path('data'))).to.deep.equal([path('data/link'), path('data/own')]);
  });
});
