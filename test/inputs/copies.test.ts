import { expect } from 'chai';
import { areSame, Copies } from '../../src/inputs/copies.ts';
import { MemoryFiles } from '../support/files.ts';

describe('copies of files', () => {
  const files = { a: 'one', b: 'two', c: 'one', d: 'longer', e: 'two', f: '', g: '' };

  it('are told by their bytes: each is the first that was asked for', () => {
    const copies = new Copies(new MemoryFiles(files));
    expect(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'c', 'a'].map((file) => copies.firstOf(file))).to.deep.equal([
      'a',
      'b',
      'a',
      'd',
      'b',
      'f',
      'f',
      'a',
      'a',
    ]);
    const turned = new Copies(new MemoryFiles(files));
    expect(['c', 'a', 'e', 'b'].map((file) => turned.firstOf(file))).to.deep.equal(['c', 'c', 'e', 'e']);
  });

  it('are compared two by two', () => {
    const reader = new MemoryFiles(files);
    expect(areSame('a', 'c', reader)).to.equal(true);
    expect(areSame('a', 'b', reader)).to.equal(false);
    expect(areSame('a', 'd', reader)).to.equal(false);
    expect(areSame('d', 'd', reader)).to.equal(true);
  });

  it('are read once each, and not at all if no other is of their size', () => {
    const reader = new MemoryFiles(files);
    const sizes: Record<string, number> = Object.fromEntries(
      Object.entries(files).map(([name, { length }]) => [name, length]),
    );
    const copies = new Copies({
      list: () => [],
      read: (file) => reader.read(file),
      sizeOf: (file) => sizes[file] ?? 0,
    });
    for (const file of ['d', 'a', 'd', 'a']) copies.firstOf(file);
    expect(reader.log).to.deep.equal([]);
    for (const file of ['b', 'c', 'b', 'e']) copies.firstOf(file);
    expect(reader.log).to.deep.equal(['a', 'b', 'c', 'e']);
  });
});
