import { expect } from 'chai';
import { parseStatus } from '../../../bench/performance/proc-status.ts';

const STATUS = `Name:\tnode
VmPeak:\t 1000000 kB
VmHWM:\t   52000 kB
VmRSS:\t   48000 kB
RssAnon:\t   12000 kB
RssFile:\t   36000 kB
`;

describe('bench/performance/proc-status', () => {
  it('reads the peak of what is resident, and what is anonymous now, in bytes', () => {
    expect(parseStatus(STATUS)).to.deep.equal({ resident: 52000 * 1024, anonymous: 12000 * 1024 });
  });

  it('has nothing for a process that has ended', () => {
    expect(parseStatus('Name:\tnode\nState:\tZ (zombie)\n')).to.equal(undefined);
  });
});
