/** What a browser's host computes, against Node's own. */
import { availableParallelism, loadavg } from 'node:os';
import { expect } from 'chai';
import fc from 'fast-check';
import { deflateSync } from 'fflate';
import * as node from '../../src/host/node.ts';
import * as web from '../../src/host/web.ts';

describe('the host in a browser', () => {
  it('offers what the host in Node does, in the same types', () => {
    const asNode: typeof node = web;
    const asWeb: typeof web = node;
    expect(Object.keys(asNode).sort()).to.deep.equal(Object.keys(asWeb).sort());
  });

  it('has the checksums, digests and texts of Node', () => {
    const bytes = fc.uint8Array({ maxLength: 300 });
    fc.assert(
      fc.property(bytes, fc.string(), (some, text) => {
        expect(web.crc32Of(some)).to.equal(node.crc32Of(some));
        expect(web.sha256Of(some)).to.equal(node.sha256Of(some));
        expect(web.sha256([some, text])).to.equal(node.sha256([some, text]));
        expect(web.toBase64(some)).to.equal(node.toBase64(some));
        expect([...web.fromBase64(node.toBase64(some))]).to.deep.equal([...some]);
      }),
    );
  });

  it('says that a processor is idle, where Node goes by the load of the last minute', () => {
    expect(web.hasIdleProcessor()).to.equal(true);
    const isIdle = (loadavg()[0] as number) < availableParallelism() - 0.5;
    expect(node.hasIdleProcessor()).to.equal(isIdle);
  });

  it('reads the texts that Node reads, also of bytes that are none', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.string({ unit: 'grapheme' }), (some, text) => {
        const encoded = new TextEncoder().encode(`\ufeff${text}`);
        for (const bytes of [some, encoded, encoded.subarray(2)]) {
          const [own, its] = [web.textsOf(bytes), node.textsOf(bytes)];
          for (const start of [0, 1]) expect(own(start, bytes.length)).to.equal(its(start, bytes.length));
        }
      }),
    );
  });

  it('unpacks what Node unpacks', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (some) => {
        const packed = deflateSync(some);
        expect([...web.inflateRaw(packed, some.length)]).to.deep.equal([...some]);
        expect([...node.inflateRaw(packed, some.length)]).to.deep.equal([...some]);
      }),
    );
    const packed = deflateSync(new Uint8Array(100));
    expect(() => node.inflateRaw(packed, 99)).to.throw();
  });

  it('takes more bytes than a call takes arguments', () => {
    const large = Uint8Array.from({ length: 200_001 }, (_, i) => i * i);
    expect(web.toBase64(large)).to.equal(node.toBase64(large));
    expect(web.crc32Of(large)).to.equal(node.crc32Of(large));
  });
});
