import { expect } from 'chai';
import { drawChart } from '../../../bench/latency/chart.ts';

describe('bench/latency/chart', () => {
  it('draws a point for each time, and names each form once', () => {
    const row = (on: string) => ({
      on,
      milliseconds: new Map([
        ['BN', 2],
        ['reduce', 3],
        ['instance', 5],
      ]),
    });
    const svg = drawChart([row('first'), row('second')]);
    expect(svg)
      .to.match(/^<svg /)
      .and.contain('xmlns="http://www.w3.org/2000/svg"');
    expect(svg.match(/<circle/g)).to.have.length(6);
    for (const name of ['reduce', 'instance', 'first', 'second']) {
      expect(svg.split(`>${name}<`), name).to.have.length(2);
    }
  });
});
