import { expect } from 'chai';
import { fixtureNamed } from '../../../fixtures/index.ts';
import type { Outcome } from '../../../src/jobs/outcome.ts';
import { checks } from '../../../src/report/sections/checks.ts';
import { findings } from '../../../src/report/sections/findings.ts';
import { checked, madeOf } from '../../support/checked.ts';
import { setValues } from '../../support/damage.ts';
import { reportOn } from '../../support/reports.ts';

/** A file with a NaN in γ, checked by running it or not. */
async function damaged(run: boolean): Promise<Outcome> {
  const { model, sites } = await madeOf(fixtureNamed('opset-17'));
  const name = sites[0]?.scale ?? '';
  const check = await checked(
    setValues(model, name, (all) => all.map(() => Number.NaN)),
    { run },
  );
  return { file: 'm.onnx', check, verification: check.verification } as Outcome;
}

describe('report/sections/checks and findings', () => {
  it('mark what failed and what passed, and nothing that was not judged', async () => {
    const [block] = checks.blocks(await damaged(true), reportOn().call);
    const rows = block?.kind === 'table' ? block.rows : [];
    const toneOf = (name: string) => rows.find(({ cells }) => cells[0] === name)?.tone;
    expect([toneOf('parameters'), toneOf('readable')]).to.deep.equal(['bad', 'good']);
    for (const { cells, tone } of rows) if (cells[1] === 'skipped') expect(tone).to.equal(undefined);
  });

  it('say so where nothing was run', async () => {
    const [block] = checks.blocks(await damaged(false), reportOn().call);
    expect(block).to.include({ kind: 'table', caption: 'Nothing was run' });
  });

  it('list each finding with its place and remedy, without a figure that is none', async () => {
    const [block] = findings.blocks(await damaged(true), reportOn().call);
    const rows = block?.kind === 'table' ? block.rows : [];
    expect(rows.length).to.be.above(1);
    for (const { cells, tone } of rows) {
      expect(tone).to.equal('bad');
      expect(cells.every((cell) => typeof cell === 'string' && cell !== '')).to.equal(true);
      expect(cells.join(' ')).not.to.match(/error is NaN|more than NaN|undefined/);
    }
  });

  it('are left out of a swap that was not verified', () => {
    expect(checks.blocks({} as Outcome, reportOn().call)).to.deep.equal([]);
    expect(findings.blocks({} as Outcome, reportOn().call)).to.deep.equal([]);
  });
});
