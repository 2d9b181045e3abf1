import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { PICTURE, picture } from '../../scripts/graph-picture.ts';

describe('docs/pictures/before-after.svg', () => {
  it('shows the graph as a swap makes it today: npx tsx scripts/graph-picture.ts', async () => {
    const svg = readFileSync(PICTURE, 'utf8');
    expect(await picture()).to.equal(svg);
    expect(svg.match(/class="bn"/g)).to.have.length(1);
    expect(svg).to.match(/class="gn"[^>]*>.*InstanceNormalization/);
  });
});
