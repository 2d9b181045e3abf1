import { expect } from 'chai';
import { Names } from '../../src/onnx/names.ts';

describe('onnx/folder', () => {
  it('gives the role behind the prefix, else with the smallest number that makes it new', () => {
    const folder = new Names(['other/Sub']).under('site/group');
    expect(['Sub', 'Mul', 'Sub', 'Sub', 'Sub_2'].map((role) => folder.fresh(role))).to.deep.equal([
      'site/group/Sub',
      'site/group/Mul',
      'site/group/Sub_2',
      'site/group/Sub_3',
      'site/group/Sub_2_2',
    ]);
  });

  it('gives no name that the model has, and none that was given otherwise', () => {
    const names = new Names(['a/b/Sub', 'a/b/Mul_2']);
    expect(names.fresh('a/c/Sub')).to.equal('a/c/Sub');
    expect(['Sub', 'Mul', 'Mul'].map((role) => names.under('a/b').fresh(role))).to.deep.equal([
      'a/b/Sub_2',
      'a/b/Mul',
      'a/b/Mul_3',
    ]);
    expect(names.under('a/c').fresh('Sub')).to.equal('a/c/Sub_2');
  });

  it('a name given from it is taken for all, and one given to others for it', () => {
    const names = new Names([]);
    const folder = names.under('a');
    expect(folder.fresh('b')).to.equal('a/b');
    expect(names.fresh('a/b')).to.equal('a/b_2');
    expect(names.fresh('a/c')).to.equal('a/c');
    expect(folder.fresh('c')).to.equal('a/c_2');
    expect(folder.fresh('b')).to.equal('a/b_3');
    // A role with a slash belongs to the folder below.
    expect(folder.fresh('d/e')).to.equal('a/d/e');
    expect(names.under('a/d').fresh('e')).to.equal('a/d/e_2');
    expect(folder.fresh('d/e')).to.equal('a/d/e_3');
    expect(names.under('a')).to.equal(folder);
  });

  it('takes a text that is spelled already', () => {
    const folder = new Names([]).under('p');
    expect([folder.fresh('x', 'p/x'), folder.fresh('x', 'p/x')]).to.deep.equal(['p/x', 'p/x_2']);
  });

  it('is not slowed by 100,000 names of one role', () => {
    const folder = new Names([]).under('p');
    const given = new Set(Array.from({ length: 100_000 }, () => folder.fresh('x')));
    expect(given.size).to.equal(100_000);
    expect(given.has('p/x_100000')).to.equal(true);
  });

  it('gives what names alone would give, in any order of asking', () => {
    const wanted = ['s/x', 's/x_2', 't/x', 's/y', 's/x', 's/x', 't/x', 's/u/x', 's/x_2', 's/u/x', 's/y'];
    const plain = new Names(['s/y', 'r']);
    const folders = new Names(['s/y', 'r']);
    const through = wanted.map((name, index) => {
      const slash = name.lastIndexOf('/');
      if (index % 3 === 2) return folders.fresh(name);
      return folders.under(name.slice(0, slash)).fresh(name.slice(slash + 1));
    });
    expect(through).to.deep.equal(wanted.map((name) => plain.fresh(name)));
  });

  it('gives out many names at once, which are taken from then on', () => {
    const names = new Names(['b/x']);
    expect(names.isFree('a')).to.equal(true);
    names.takeAll('a', ['Sub', 'Mul']);
    expect(names.isFree('a')).to.equal(false);
    expect(names.fresh('a/Mul')).to.equal('a/Mul_2');
    const folder = names.under('a');
    expect(folder.fresh('Sub')).to.equal('a/Sub_2');
    expect(folder.fresh('Mul')).to.equal('a/Mul_3');
    expect(folder.fresh('Div')).to.equal('a/Div');
    expect(names.isFree('a')).to.equal(false);
    expect(names.isFree('b')).to.equal(false);
    names.takeAll('d', ['Sub']);
    expect([names.fresh('d/Sub'), names.fresh('d/Sub'), names.under('d').fresh('Sub')]).to.deep.equal([
      'd/Sub_2',
      'd/Sub_3',
      'd/Sub_4',
    ]);
    names.fresh('c/x');
    names.under('c');
    expect(names.isFree('c')).to.equal(false);
  });
});
