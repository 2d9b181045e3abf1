import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { OPTIONS, RULES } from '../../../bench/accuracy/columns.ts';
import { swapped } from '../../../bench/accuracy/variant.ts';
import { MODELS } from '../../../bench/ocr/models.ts';
import { findSites } from '../../../src/find/index.ts';
import { readModel } from '../../../src/onnx/model.ts';

const search = findSites(readModel(readFileSync(MODELS.detector)));

describe('bench/accuracy/variant', () => {
  it('swaps every site, each with the groups of the column', () => {
    for (const column of [...OPTIONS, ...RULES]) {
      const rewritten = findSites(readModel(swapped(search, 'copy', column)));
      expect(rewritten.sites.length, column.title).to.equal(0);
    }
    expect(search.sites.length).to.equal(3);
  });

  it('gives other parameters for other groups', () => {
    const bytes = (title: string) => swapped(search, 'statistics', OPTIONS.find((it) => it.title === title) ?? never());
    expect(Buffer.compare(bytes('1'), bytes('2'))).to.not.equal(0);
  });

  it('refuses to leave a site out', () => {
    const [site] = search.sites;
    const point = { ...search, sites: [{ ...(site ?? never()), shape: [1, 16, 1, 1] }] };
    const each = { title: '16', groupsFor: () => 16 };
    expect(() => swapped(point, 'copy', each))
      .to.throw(Error, '16: ')
      .with.property('message')
      .that.includes('single');
  });
});

function never(): never {
  throw new Error('not there');
}
