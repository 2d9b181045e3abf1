import { expect } from 'chai';
import { named } from '../../../../src/measure/boxes/roles/named.ts';
import { thrown } from '../../../support/errors.ts';
import { contextOf, float, layouts } from '../../../support/roles.ts';

const outputs = [float('rows', 100, 4), float('chances', 100), float('table', 1, 100, 9), float('turned', 1, 9, 100)];

/** The columns that boxes and scores are taken from. */
function roles(boxes: string, scores?: string, more: Parameters<typeof contextOf>[0] = {}) {
  const options = { ...more.options, boxes, ...(scores === undefined ? {} : { scores }) };
  const found = named(outputs, contextOf({ ...more, options }), true);
  return found && { ...found, boxes: found.boxes.map(layouts), scores: found.scores.map(layouts) };
}

describe('measure/boxes/roles/named', () => {
  it('takes rows, a list of single numbers, and tables either way round', () => {
    expect(roles('rows', 'chances')).to.deep.include({
      boxes: [['rows', 'rc', 0, 4]],
      scores: [['chances', 'r', 0, 1]],
    });
    expect(roles('table', 'table')).to.deep.include({
      boxes: [['table', 'nrc', 0, 4]],
      scores: [['table', 'nrc', 4, 9]],
    });
    expect(roles('turned', 'turned[5:9]')).to.deep.include({ scores: [['turned', 'ncr', 5, 9]] });
    expect(roles('rows', 'table')).to.deep.include({ scores: [['table', 'nrc', 0, 9]] });
  });

  it('takes boxes without scores, which are found ones if they are ranked', () => {
    expect(roles('rows')).to.deep.include({ scores: [], rows: 'anchors' });
    expect(roles('rows', undefined, { ranks: ['rows'] })).to.include({ rows: 'found' });
    expect(roles('rows', 'chances', { ranks: ['rows'] })).to.include({ rows: 'found' });
  });

  it('takes the first of several scores for objectness in the format of YOLOX', () => {
    const options = { boxFormat: 'yolox' as const };
    expect(roles('table', 'table', { options })).to.include({ objectness: true });
    expect(roles('table', 'table[4:5]', { options })).to.include({ objectness: false });
    expect(roles('table', 'table')).to.include({ objectness: false });
  });

  it('takes distributions for distances, and an output for each level', () => {
    const levels = [float('b8', 1, 64, 32), float('s8', 1, 64, 3), float('b16', 1, 16, 32), float('s16', 1, 16, 3)];
    const of = (boxes: string, scores: string, all = levels) =>
      named(all, contextOf({ options: { boxes, scores, boxFormat: 'ltrb' } }), true);
    const found = of('b8,b16', 's8, s16');
    expect(found?.boxes).to.deep.equal([
      { output: 'b8', layout: 'nrc', from: 0, to: 32, bins: 8 },
      { output: 'b16', layout: 'nrc', from: 0, to: 32, bins: 8 },
    ]);
    expect(found?.scores.map(({ output }) => output)).to.deep.equal(['s8', 's16']);
    const map = [float('y', 1, 144, 8, 8)];
    expect(of('y[0:64]', 'y[64:144]', map)).to.deep.include({
      boxes: [{ output: 'y', layout: 'maps', each: 144, from: 0, to: 64, bins: 16 }],
      scores: [{ output: 'y', layout: 'maps', each: 144, from: 64, to: 144 }],
    });
    expect(thrown(() => of('b8[0:30]', 's8')).message).to.include('30 columns, which are not four distances');
    expect(thrown(() => of('b8,b32', 's8')).message).to.match(/^--boxes names "b32"; the outputs are "b8"/);
  });

  it('says which columns there are', () => {
    for (const text of ['chances[0:4]', 'rows[2:2]', 'table[4:10]'])
      expect(thrown(() => roles(text)).message).to.match(/asks for columns \d+ to \d+; \w+ has \d+$/);
    expect(thrown(() => roles('chances')).message).to.equal('--boxes asks for columns 0 to 4; chances has 1');
  });

  it('is silent unless outputs are named', () => {
    expect(named(outputs, contextOf({}), true)).to.equal(undefined);
    expect(named(outputs, contextOf({ options: { boxes: 'rows' } }), false)).to.equal(undefined);
  });
});
