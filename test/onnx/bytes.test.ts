import { expect } from 'chai';
import { MemorySource, PiecedSource, Slice } from '../../src/onnx/bytes.ts';
import { RecordingSource } from './support/sources.ts';

const BYTES = Uint8Array.from({ length: 10 }, (_, i) => i);

describe('onnx/bytes', () => {
  it('MemorySource reads views, not copies', () => {
    const part = new MemorySource(BYTES).read(2, 5);
    expect([...part]).to.deep.equal([2, 3, 4]);
    expect(part.buffer).to.equal(BYTES.buffer);
    expect(part.byteOffset).to.equal(2);
  });

  it('MemorySource gives numbers by one view, which begins where it begins', () => {
    const source = new MemorySource(BYTES.subarray(3));
    expect(source.view.getUint16(1, true)).to.equal(4 + 5 * 256);
    expect(source.view).to.equal(source.view);
    expect(source.view.byteLength).to.equal(source.size);
  });

  it('Slice names a range, and parts of it by their distance from its start', () => {
    const slice = new Slice(new MemorySource(BYTES), 2, 8);
    expect(slice.length).to.equal(6);
    expect([...slice.bytes()]).to.deep.equal([2, 3, 4, 5, 6, 7]);
    const part = slice.sub(1, 3);
    expect(part.source).to.equal(slice.source);
    expect([...part.bytes()]).to.deep.equal([3, 4]);
    expect([...Slice.of(BYTES).bytes()]).to.deep.equal([...BYTES]);
  });

  it('Slice of a file reads only its range, and in pieces no larger than asked', () => {
    const file = new RecordingSource(BYTES);
    const slice = new Slice(file, 1, 9);
    expect(file.reads).to.be.empty;
    const chunks = [...slice.chunks(3)];
    expect(file.reads).to.deep.equal([
      { start: 1, end: 4 },
      { start: 4, end: 7 },
      { start: 7, end: 9 },
    ]);
    expect(chunks.flatMap((chunk) => [...chunk])).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8]);
    expect([...new Slice(file, 4, 4).chunks()]).to.be.empty;
  });

  it('PiecedSource joins pieces and leaves earlier reads as they were', () => {
    const source = new PiecedSource();
    source.append(BYTES);
    const early = source.read(0, 10);
    for (let n = 0; n < 100_000; n++) source.append(Uint8Array.of(n & 0xff, 1, 2));
    expect(source.size).to.equal(300_010);
    expect([...early]).to.deep.equal([...BYTES]);
    expect([...source.read(0, 13)]).to.deep.equal([...BYTES, 0, 1, 2]);
    expect([...source.read(300_007, 300_010)]).to.deep.equal([99_999 & 0xff, 1, 2]);
  });
});
