import { expect } from 'chai';
import type { FinetuneFacts } from '../../../src/jobs/finetune.ts';
import type { Outcome } from '../../../src/jobs/outcome.ts';
import { classes } from '../../../src/report/sections/classes.ts';
import { reportOn } from '../../support/reports.ts';

const score = (label: number, recall: number | null) => ({ label, count: 10 + label, figures: { recall } });
const scored = (...list: ReturnType<typeof score>[]) => ({ value: 0.5, detail: '', classes: list });

function tableOf(facts: object) {
  const finetune = { task: 'classify', classes: ['cat', 'dog'], before: null, after: null, ...facts };
  const [block] = classes.blocks({ finetune: finetune as unknown as FinetuneFacts } as Outcome, reportOn().call);
  if (block?.kind !== 'table') return undefined;
  const head = block.columns.map(({ label }) => label).join(' | ');
  return { head, rows: block.rows.map(({ cells }) => cells.join(' | ')), live: block.live };
}

describe('report/sections/classes', () => {
  it('sets what each class scores before and after side by side, and a dash where nothing is known', () => {
    const before = scored(score(0, 0.25));
    const after = scored(score(0, 0.5), score(1, null));
    expect(tableOf({ before, after })).to.deep.equal({
      head: 'class | samples | recall, before | recall, after',
      rows: ['cat | 10 | 0.25 | 0.5', 'dog | 11 | – | –'],
      live: false,
    });
  });

  it('has one column for each figure where nothing was measured after', () => {
    expect(tableOf({ before: scored(score(1, 1)) })).to.deep.equal({
      head: 'class | samples | recall',
      rows: ['dog | 11 | 1'],
      live: false,
    });
  });

  it('counts objects of detectors and pixels of maps, and lets many rows be sorted', () => {
    expect(tableOf({ task: 'detect', before: scored(score(0, 1)) })?.head).to.equal('class | objects | recall');
    expect(tableOf({ task: 'segment', before: scored(score(0, 1)) })?.head).to.equal('class | pixels | recall');
    const many = scored(...Array.from({ length: 13 }, (_, label) => score(label, 1)));
    expect(tableOf({ before: many })).to.include({ live: true });
    expect(tableOf({ before: many })?.rows[12]).to.equal('12 | 22 | 1');
  });

  it('is left out where nothing is known of classes', () => {
    expect(tableOf({ before: { value: 1, detail: '' } })).to.equal(undefined);
    expect(classes.blocks({} as Outcome, reportOn().call)).to.deep.equal([]);
  });
});
