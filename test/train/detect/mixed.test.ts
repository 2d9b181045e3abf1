import { expect } from 'chai';
import type { LabelledData } from '../../../src/inputs/labelled/types.ts';
import { keptParts, withKept } from '../../../src/train/detect/mixed.ts';

function dataOf(name: string, count: number): LabelledData {
  return {
    count,
    names: Array.from({ length: count }, (_, it) => `${name}${it}`),
    strata: Array.from({ length: count }, () => 1),
    classes: ['a'],
    skipped: [{ file: `${name}.txt`, reason: 'no picture' }],
    image: undefined,
    keyOf: (sample) => `${name}${sample}`,
    load: async (sample) => ({
      inputs: { [name]: { type: 1, dims: [1], data: Float32Array.of(sample) } },
      target: { kind: 'boxes', boxes: [] },
    }),
  };
}

const kindsOf = async (data: LabelledData) =>
  Promise.all(Array.from({ length: data.count }, async (_, sample) => (await data.load(sample)).target.kind));

describe('train/detect/mixed', () => {
  it('takes pictures to keep again and again until they are as many as the labelled ones, and none of their labels', async () => {
    const mixed = withKept(dataOf('new', 5), dataOf('old', 2));
    expect(mixed.count).to.equal(10);
    expect(mixed.names.slice(4)).to.deep.equal(['new4', 'old0#0', 'old1#0', 'old0#1', 'old1#1', 'old0#2']);
    expect(new Set(mixed.names).size).to.equal(10);
    expect(mixed.names.map((_, sample) => mixed.keyOf(sample)).slice(4)).to.deep.equal([
      'new4',
      'old0',
      'old1',
      'old0',
      'old1',
      'old0',
    ]);
    expect(await kindsOf(mixed)).to.deep.equal([...Array(5).fill('boxes'), ...Array(5).fill('none')]);
    expect(Number((await mixed.load(8)).inputs.old?.data[0])).to.equal(1);
    expect(mixed.strata).to.deep.equal([1, 1, 1, 1, 1, 0, 0, 0, 0, 0]);
    expect(mixed.skipped.map(({ file }) => file)).to.deep.equal(['new.txt', 'old.txt']);
    expect(mixed.classes).to.deep.equal(['a']);
  });

  it('takes each once where they are more, and leaves data as they are where there are none', () => {
    expect(withKept(dataOf('new', 2), dataOf('old', 5)).names).to.deep.equal([
      ...['new0', 'new1', 'old0#0', 'old1#0', 'old2#0', 'old3#0', 'old4#0'],
    ]);
    const data = dataOf('new', 2);
    expect(withKept(data, dataOf('old', 0))).to.equal(data);
  });

  it('counts in a fifth that is not taught, by chance but the same each time; in all if they are few', () => {
    const few = keptParts(dataOf('old', 19), 1);
    expect([few.isApart, few.taught.count, few.counted.count]).to.deep.equal([false, 19, 19]);
    const { taught, counted, isApart } = keptParts(dataOf('old', 40), 1);
    expect([isApart, taught.count, counted.count]).to.deep.equal([true, 32, 8]);
    expect(new Set([...taught.names, ...counted.names]).size).to.equal(40);
    expect(keptParts(dataOf('old', 40), 1).counted.names).to.deep.equal(counted.names);
    expect(keptParts(dataOf('old', 40), 2).counted.names).to.not.deep.equal(counted.names);
  });
});
