import { createHash } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import { AsciiList } from '../../src/graph/ascii-list.ts';
import { hashOf, joined, TextList } from '../../src/graph/text-list.ts';

/** All texts of lists, as one. */
function textOf(lists: readonly TextList[]): string {
  const chunks = [...joined(lists.values())].map((it) => Buffer.from(it));
  return Buffer.concat(chunks).toString();
}

/** A list that holds these texts behind a beginning of all. */
function listOf(start: string, rests: readonly string[]): TextList {
  const list = new TextList(start);
  for (const rest of rests) list.add(rest);
  return list;
}

// As JSON, which has no control characters and no half of a pair.
const json = (text: string) => JSON.stringify(text);
const ascii = fc.string({ maxLength: 30 }).map(json);
const alike = fc
  .tuple(fc.constantFrom('', 'conv', 'convolution/of/the/first/block/'), fc.nat(300))
  .map(([a, b]) => json(a + b));
const any = fc.string({ unit: 'binary', maxLength: 10 }).map(json);

describe('graph/text-list', () => {
  for (const [what, texts] of [
    ['short ASCII', ascii],
    ['long beginnings in common', alike],
    ['any characters', any],
  ] as const) {
    it(`joins the texts in the order of strings: ${what}`, () => {
      fc.assert(
        fc.property(
          fc.string({ unit: 'grapheme', maxLength: 5 }).map(json),
          fc.array(texts, { maxLength: 80 }),
          (start, rests) => {
            // Chunks are overwritten, so that they are read as they come.
            const all: Buffer[] = [];
            for (const chunk of joined([listOf(start, rests)])) all.push(Buffer.from(Buffer.from(chunk)));
            expect(Buffer.concat(all).toString()).to.equal(
              rests
                .map((rest) => start + rest)
                .sort()
                .join('\n'),
            );
          },
        ),
      );
    });
  }

  it('sorts many texts, over more than one chunk, and long ones', () => {
    const rests = Array.from({ length: 20_000 }, (_, index) => json(`name${(index * 7919) % 20_000}`));
    rests.push(json('x'.repeat(100_000)), json(''));
    const hash = createHash('sha256');
    for (const chunk of joined([listOf('["node",', rests)])) hash.update(chunk);
    const expected = rests
      .map((rest) => `["node",${rest}`)
      .sort()
      .join('\n');
    expect(hash.digest('hex')).to.equal(createHash('sha256').update(expected).digest('hex'));
  });

  it('puts a line break between lists, and none where a list is empty', () => {
    expect(textOf([listOf('b', ['2', '1']), listOf('x', []), listOf('a', ['é'])])).to.equal('b1\nb2\naé');
    expect(textOf([listOf('x', [])])).to.equal('');
  });

  it('gives the hash of the whole text, of strings and of runs alike', () => {
    const list = new TextList('["node",');
    expect(list.add('"é"]')).to.equal(hashOf('["node","é"]'));
    const names = new AsciiList();
    for (const name of ['y', 'other', 'x', 'site']) names.add(name);
    const tail = [
      { gap: 0, bytes: Buffer.from('","') },
      { gap: 1, bytes: Buffer.from('/Sub"]') },
    ];
    const hashes: number[] = [];
    list.addRuns({ head: Buffer.from('["'), tail }, names, 2, (run, hash) => {
      hashes[run] = hash;
    });
    expect(hashes).to.deep.equal(['["node",["y","other/Sub"]', '["node",["x","site/Sub"]'].map(hashOf));
    expect(textOf([list])).to.equal('["node","é"]\n["node",["x","site/Sub"]\n["node",["y","other/Sub"]');
  });
});
