import { expect } from 'chai';
import { renderTimes } from '../../../bench/latency/table.ts';

describe('bench/latency/table', () => {
  it('has a row for each thing, with multiples of BN, the least one bold', () => {
    const rows = [
      {
        on: 'a',
        milliseconds: new Map([
          ['BN', 2],
          ['one', 3],
          ['two', 123.4],
        ]),
      },
      {
        on: 'b',
        milliseconds: new Map([
          ['BN', 0.5],
          ['two', 0.25],
        ]),
      },
    ];
    expect(renderTimes('map', rows).split('\n')).to.deep.equal([
      '| map | BN, ms | one, ms | two, ms |',
      '| --- | ---: | ---: | ---: |',
      '| a | 2.00 | **3.00 (1.5)** | 123 (61.7) |',
      '| b | 0.500 | – | **0.250 (0.5)** |',
    ]);
  });
});
