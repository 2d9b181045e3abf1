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

  it('are listed behind links to files and folders, but not round, and with links that lead nowhere', () => {
    const path = (name: string) => scratch().path(name);
    for (const name of ['data', 'set', 'set/in']) mkdirSync(path(name));
    for (const name of ['elsewhere', 'data/own', 'set/1', 'set/in/2']) scratch().write(name, 'x');
    for (const [name, target] of [
      ['link', '../elsewhere'],
      ['.hidden', '../elsewhere'],
      ['dead', 'nowhere'],
      ['self', 'self'],
      ['loop', '.'],
      ['up', scratch().folder],
      ['train', '../set'],
      ['val', '../set'],
    ] as const)
      symlinkSync(target, path(`data/${name}`));
    const behind = ['train/1', 'train/in/2', 'val/1', 'val/in/2'];
    const expected = ['dead', 'link', 'own', 'self', ...behind].map((name) => path(`data/${name}`));
    expect(listFiles(path('data'))).to.deep.equal(expected);
    symlinkSync('data', path('all'));
    expect(listFiles(path('all'))).to.deep.equal(
      ['dead', 'link', 'own', 'self', ...behind].map((name) => path(`all/${name}`)),
    );
  });

  it('are listed once where linked folders lead to each other', () => {
    const path = (name: string) => scratch().path(name);
    for (const folder of ['data', ...Array.from('abcdefghij')]) mkdirSync(path(folder));
    for (const a of 'abcdefghij') {
      scratch().write(`${a}/x`, 'x');
      symlinkSync(`../${a}`, path(`data/${a}`));
      for (const b of 'abcdefghij') symlinkSync(`../${b}`, path(`${a}/to-${b}`));
    }
    const files = listFiles(path('data'));
    expect(files).to.include.members(Array.from('abcdefghij', (a) => path(`data/${a}/x`)));
    expect(files).to.have.length.below(30);
  });
});
