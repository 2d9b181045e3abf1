import { expect } from 'chai';
import { checkLine, timesOf } from '../../src/report/terminal.ts';

describe('report/terminal', () => {
  it('marks a check by what came of it, and shows no control characters', () => {
    const line = (status: 'passed' | 'failed' | 'skipped') => checkLine({ name: 'loads', status, detail: 'so\u0007' });
    expect(line('passed')).to.equal('  ✓ loads        so\\u{7}');
    expect(line('failed')).to.match(/^ {2}✗ loads /);
    expect(line('skipped')).to.match(/^ {2}– loads /);
  });

  it('tells steps and times in the order of the work', () => {
    expect(timesOf({ read: 2.4, find: 1200 })).to.equal('read 2 ms, find 1.2 s');
    expect(timesOf({})).to.equal('');
  });
});
