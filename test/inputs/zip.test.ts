import { expect } from 'chai';
import fc from 'fast-check';
import { zipSync } from 'fflate';
import { readZip } from '../../src/inputs/zip.ts';

describe('readZip', () => {
  it('unpacks what another program packed, deflated or not', () => {
    const files = fc.dictionary(fc.string({ minLength: 1 }), fc.uint8Array({ maxLength: 400 }), {
      maxKeys: 4,
      noNullPrototype: true,
    });
    fc.assert(
      fc.property(files, fc.constantFrom(0 as const, 6 as const), (packed, level) => {
        const read = readZip(zipSync(packed, { level }));
        expect([...read.keys()].sort()).to.deep.equal(Object.keys(packed).sort());
        for (const [name, content] of read) expect([...content], name).to.deep.equal([...(packed[name] ?? [])]);
      }),
    );
  });

  it('unpacks more bytes than it takes at a time', () => {
    const large = Uint8Array.from({ length: 3 << 20 }, (_, i) => (i * i) >> 7);
    expect(Buffer.compare(readZip(zipSync({ large })).get('large') ?? Buffer.of(), large)).to.equal(0);
  });

  it('finds the directory behind a comment', () => {
    const whole = zipSync({ a: Uint8Array.of(1, 2, 3) });
    const end = whole.length - 22;
    const told = new Uint8Array([...whole, 104, 105]);
    new DataView(told.buffer).setUint16(end + 20, 2, true);
    expect([...(readZip(told).get('a') ?? [])]).to.deep.equal([1, 2, 3]);
  });

  it('refuses bytes that are not those that were packed, and methods that it does not know', () => {
    const whole = zipSync({ a: new Uint8Array(100).fill(7) }, { level: 0 });
    // 30 bytes and a name of one come before the file.
    expect(() => readZip(whole.with(31 + 50, 8))).to.throw(Error, 'its checksum is wrong');
    const method = whole.length - 22 - 47 + 10;
    expect(() => readZip(whole.with(method, 99))).to.throw(Error, 'it is packed by method 99');
    expect(() => readZip(whole.subarray(0, 60))).to.throw();
    expect(() => readZip(new Uint8Array(0))).to.throw();
  });

  it('unpacks no more than the directory says', () => {
    const whole = zipSync({ a: new Uint8Array(100_000) });
    const size = whole.length - 22 - 47 + 24;
    const lying = whole.slice();
    new DataView(lying.buffer).setUint32(size, 10, true);
    expect(() => readZip(lying)).to.throw();
  });
});
