import { expect } from 'chai';
import { makeNode } from '../../../src/onnx/attributes.ts';
import { at, atFirst, blocked, type Known, NOTHING, rankOf, wrap } from '../../../src/train/head/rule.ts';

const place = { axis: 1, size: 3, block: 3, at: 0, count: 3 };
const known = { dimsOf: (value: string) => (value === 'x' ? [1, 3, 4] : undefined) } as unknown as Known;

describe('train/head/rule', () => {
  it('puts classes into the first output of a node, or nowhere', () => {
    const node = makeNode('Split', ['x'], ['y', 'z'], 'split');
    expect([...at(node, place).places]).to.deep.equal([['y', place]]);
    expect(at(node, undefined).places.size).to.equal(0);
    const rewrite = { node, input: 1, values: [4] };
    expect(at(node, place, [rewrite]).rewrites).to.deep.equal([rewrite]);
  });

  it('says why the number can’t change, and nothing of classes that end', () => {
    expect(blocked('it is one')).to.deep.equal({ ...NOTHING, blocked: 'it is one' });
    expect([NOTHING.places.size, NOTHING.rewrites.length, NOTHING.blocked]).to.deep.equal([0, 0, undefined]);
  });

  it('follows classes that arrive at the first input alone', () => {
    const rule = atFirst((node, own) => at(node, own));
    const follow = (inputs: string[], where: string) =>
      rule(makeNode('Op', inputs, ['y'], 'op'), new Map([[where, place]]), 1, known);
    expect([...follow(['x', 'shape'], 'x').places]).to.deep.equal([['y', place]]);
    expect(follow(['x', 'shape'], 'shape')).to.equal(NOTHING);
    expect(follow([], 'x')).to.equal(NOTHING);
  });

  it('counts axes from the front, and values that are not known have none', () => {
    expect([wrap(-1, 3), wrap(-3, 3), wrap(0, 3), wrap(2, 3)]).to.deep.equal([2, 0, 0, 2]);
    expect([rankOf(known, 'x'), rankOf(known, 'y')]).to.deep.equal([3, 0]);
  });
});
