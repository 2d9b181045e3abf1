import { expect } from 'chai';
import { mapsOf } from '../../src/measure/maps.ts';

describe('mapsOf', () => {
  it('tells sizes and steps of maps, whichever axis they are along', () => {
    const sizes = { count: 5, height: 3, width: 4 };
    expect(mapsOf([2, 5, 3, 4], 1)).to.deep.equal({ ...sizes, steps: { map: 12, pixel: 1, sample: 60 } });
    expect(mapsOf([2, 3, 4, 5], 3)).to.deep.equal({ ...sizes, steps: { map: 1, pixel: 5, sample: 60 } });
  });
});
