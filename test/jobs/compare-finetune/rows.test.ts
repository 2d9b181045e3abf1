import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { ROWS, rowNamed, USUAL_ROWS } from '../../../src/jobs/compare-finetune/rows.ts';
import { ROW_NAMES } from '../../../src/options/rows.ts';
import { ROOT } from '../../support/docs.ts';

/** The table of rows in the documentation: names, and what they are before training. */
function documented(): { names: string[]; before: string }[] {
  const page = readFileSync(`${ROOT}docs/compare-finetune.md`, 'utf8');
  const from = page.indexOf('| `--rows` |');
  const lines = page.slice(from, page.indexOf('\n\n', from)).split('\n').slice(2);
  return lines.map((line) => {
    const [, names = '', before = ''] = line.split('|');
    return { names: [...names.matchAll(/`([^`]+)`/g)].map(([, name]) => name as string), before };
  });
}

describe('jobs/compare-finetune/rows', () => {
  it('are those that can be named, once each, in the order of the documentation', () => {
    const names = ROWS.map(({ name }) => name);
    expect(names)
      .to.have.members([...ROW_NAMES])
      .and.have.length(ROW_NAMES.length);
    expect(documented().flatMap((it) => it.names)).to.deep.equal(names);
    expect(new Set(ROWS.map(({ title }) => title)).size).to.equal(ROWS.length);
    for (const row of ROWS) expect(rowNamed(row.name)).to.equal(row);
  });

  it('are made as the documentation says: which norm, which groups, with or without inputs', () => {
    for (const { names, before } of documented()) {
      for (const { name, swap, takesInputs, kind } of ROWS.filter((it) => names.includes(it.name))) {
        expect(swap === undefined, name).to.equal(before.includes('the file as it is'));
        expect(takesInputs, name).to.equal(/--calibrate|--to batch|that norm/.test(before));
        expect(swap?.reference === 'adapted', name).to.equal(before.includes('adapted'));
        const groups = /group norm of (\d+) groups/.exec(before)?.[1];
        expect(swap?.groups, name).to.equal(groups === undefined ? undefined : Number(groups));
        expect(kind === 'swap' || kind === 'statistics', name).to.equal(swap !== undefined);
        if (before.includes('group norm')) expect(swap?.to).to.equal('group');
      }
    }
  });

  it('train BatchNormalization by a batch only where no norm was swapped', () => {
    for (const { name, swap, batchNorm } of ROWS) if (swap !== undefined) expect(batchNorm, name).to.equal('frozen');
    expect(rowNamed('bn-train').batchNorm).to.equal('train');
    expect(rowNamed('bn-renorm').batchNorm).to.equal('renorm');
  });

  it('are compared without those that have to be named', () => {
    const named = documented().flatMap(({ names }) => names.filter((name) => !USUAL_ROWS.some((it) => it === name)));
    expect(named).to.deep.equal(['bn-renorm', 'gn-copy']);
  });
});
