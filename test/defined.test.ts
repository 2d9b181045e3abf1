import { expect } from 'chai';
import { defined } from '../src/defined.ts';

describe('defined', () => {
  it('drops what is undefined, and nothing else', () => {
    const found = defined({ a: undefined, b: null, c: 0, d: '', e: false, f: [undefined] });
    expect(found).to.deep.equal({ b: null, c: 0, d: '', e: false, f: [undefined] });
    expect(Object.keys(found)).not.to.include('a');
  });
});
