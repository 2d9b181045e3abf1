import { expect } from 'chai';
import { GnSwapError } from '../src/errors.ts';

describe('GnSwapError', () => {
  it('is an Error with a code, a place, a remedy and a cause', () => {
    const cause = new TypeError('deep');
    const error = new GnSwapError('unreadable', 'it is gone', { file: 'a.onnx', node: 'bn', remedy: 'Look', cause });
    expect(error).to.be.instanceOf(Error).with.property('name', 'GnSwapError');
    expect(error).to.include({ code: 'unreadable', message: 'it is gone', file: 'a.onnx', node: 'bn', remedy: 'Look' });
    expect(error.cause).to.equal(cause);
    expect('cause' in new GnSwapError('refused', 'no')).to.equal(false);
  });

  it('describes itself in one line: place, what is wrong, what to do', () => {
    const describe = (...parts: ConstructorParameters<typeof GnSwapError>) => new GnSwapError(...parts).describe();
    expect(describe('refused', 'no')).to.equal('no.');
    expect(describe('refused', 'no.', { remedy: 'Ask again' })).to.equal('no. Ask again.');
    expect(describe('refused', 'no', { remedy: 'Ask again.' })).to.equal('no. Ask again.');
    expect(describe('refused', 'no', { file: 'a.onnx', node: 'bn' })).to.equal('a.onnx: bn: no.');
    expect(describe('refused', 'no', { file: '', node: 'bn' })).to.equal('bn: no.');
  });

  it('learns its file once, and keeps all else', () => {
    const error = new GnSwapError('refused', 'no', { node: 'bn', remedy: 'Ask', cause: 1 });
    const placed = error.in('a.onnx');
    expect(placed).to.include({ code: 'refused', message: 'no', file: 'a.onnx', node: 'bn', remedy: 'Ask', cause: 1 });
    expect(error.file).to.equal(undefined);
    expect(placed.in('b.onnx')).to.equal(placed);
    const bare = new GnSwapError('refused', 'no');
    // Where it was thrown is in the stack of the first one.
    expect(bare.in('a.onnx').cause).to.equal(bare);
    expect(bare.in('a.onnx').remedy).to.equal(undefined);
  });
});
