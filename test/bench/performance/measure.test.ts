import { expect } from 'chai';
import { inTurn, type Measured, measure, typical } from '../../../bench/performance/measure.ts';

describe('bench/performance/measure', () => {
  // The figures are read from /proc.
  if (process.platform === 'linux') {
    it('sees how much memory a process has', async () => {
      const script = 'const b = Buffer.alloc(200e6, 1); setTimeout(() => b.length, 300)';
      const { seconds, resident = 0, anonymous = 0 } = await measure(['-e', script]);
      expect(seconds).to.be.above(0);
      expect(resident).to.be.within(200e6, 400e6);
      expect(anonymous).to.be.within(200e6, resident);
    });
  }

  it('leaves memory alone where it is told to', async () => {
    expect(await measure(['-e', '0'], false)).to.have.all.keys('seconds');
  });

  it('fails with what a process says that fails', async () => {
    const error = await measure(['-e', 'console.error("no luck"); process.exit(3)']).catch((reason: unknown) => reason);
    expect(error)
      .to.be.instanceOf(Error)
      .with.property('message')
      .that.matches(/exits with 3: no luck/);
  });

  it('gives medians, of memory only where there are figures', () => {
    expect(typical([{ seconds: 3, resident: 5 }, { seconds: 1, resident: 7 }, { seconds: 2 }])).to.deep.equal({
      seconds: 2,
      resident: 6,
    });
  });

  it('runs in turn, each first as often, and takes the median of ratios', async () => {
    const order: string[] = [];
    const times: Record<string, number[]> = { a: [2, 8, 9], b: [1, 2, 3] };
    const run = (name: string) => async (): Promise<Measured> => {
      order.push(name);
      return { seconds: times[name]?.shift() ?? 0 };
    };
    const pair = await inTurn(3, run('a'), run('b'));
    expect(order.join('')).to.equal('baabba');
    expect(pair).to.deep.equal({ subject: { seconds: 8 }, base: { seconds: 2 }, ratio: 3 });
  });
});
