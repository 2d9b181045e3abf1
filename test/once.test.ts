import { expect } from 'chai';
import { once } from '../src/once.ts';

describe('once', () => {
  it('makes a value when it is asked for, and one time, also if that is undefined', () => {
    let times = 0;
    const get = once(() => {
      times++;
      return undefined;
    });
    expect(times).to.equal(0);
    expect([get(), get()]).to.deep.equal([undefined, undefined]);
    expect(times).to.equal(1);
  });

  it('tries again what threw, and keeps what a promise was rejected with', async () => {
    let times = 0;
    const throws = once(() => {
      times++;
      if (times === 1) throw new RangeError('not yet');
      return times;
    });
    expect(throws).to.throw('not yet');
    expect([throws(), throws()]).to.deep.equal([2, 2]);
    const rejected = once(() => Promise.reject(new RangeError(`${times++}`)));
    const said = () => rejected().catch((error: Error) => error.message);
    expect([await said(), await said()]).to.deep.equal(['2', '2']);
  });
});
