import { expect } from 'chai';
import type { Evidence } from '../../../src/measure/evidence.ts';
import type { Output } from '../../../src/measure/tasks/types.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import { rolesBeforeCut, rolesOfAll } from '../../../src/train/detect/before-choice.ts';

const table = (name: string, ...dims: number[]): Output => ({ name, type: DataType.FLOAT, dims });
/** What made each value, along any axis. */
const made = (by: Readonly<Record<string, string>> = {}) =>
  ({ made: (name: string) => by[name] }) as Pick<Evidence, 'made'> as Evidence;
const NO_FORMATS = new Map<string, 'xyxy' | 'cxcywh'>();

const cut = (
  outputs: readonly Output[],
  by: Readonly<Record<string, string>> = {},
  more: { formats?: typeof NO_FORMATS; roots?: ReadonlyMap<string, string> } = {},
) => {
  const roots = more.roots ?? new Map(outputs.map(({ name }) => [name, name]));
  return rolesBeforeCut(outputs, made(by), { formats: more.formats ?? NO_FORMATS, roots });
};

describe('train/detect/before-choice: what NonMaxSuppression chooses from', () => {
  it('is four columns beside as many rows of scores, whichever way both lie', () => {
    for (const [boxes, layout] of [
      [table('b', 1, 84, 4), 'nrc'],
      [table('b', 1, 4, 84), 'ncr'],
      [table('b', 84, 4), 'rc'],
    ] as const) {
      const found = cut([boxes, table('s', 1, 3, 84)], { s: 'sigmoid' });
      expect(found?.boxes).to.deep.equal([{ output: 'b', layout, from: 0, to: 4 }]);
      expect(found?.scores).to.deep.equal([{ output: 's', layout: 'ncr', from: 0, to: 3 }]);
      expect(found).to.include({ kind: 'probability', background: false, rows: 'anchors', objectness: false });
    }
  });

  it('tells four classes from boxes by what made them, and has a background only behind a Softmax', () => {
    for (const op of ['sigmoid', 'softmax']) {
      for (const order of [
        ['b', 's'],
        ['s', 'b'],
      ]) {
        const found = cut(
          order.map((name) => table(name, 1, 84, 4)),
          { s: op },
        );
        expect(found?.boxes[0]?.output, `${op} ${order}`).to.equal('b');
        expect(found?.scores[0]?.output).to.equal('s');
        expect(found?.background).to.equal(op === 'softmax');
      }
    }
  });

  it('takes the format that NonMaxSuppression says, no kind of scores that nothing squashed, and no other numbers', () => {
    const outputs = [table('b', 1, 84, 4), table('s', 1, 2, 84), table('other', 1, 9, 10)];
    const found = cut(outputs, {}, { formats: new Map([['b', 'cxcywh']]) });
    expect(found).to.include({ format: 'cxcywh', kind: undefined });
    expect(found?.scores[0]?.output).to.equal('s');
  });

  it('does not take for scores what was laid out from the boxes, nor whole numbers', () => {
    const roots = new Map([
      ['b', 'raw'],
      ['turned', 'raw'],
    ]);
    expect(cut([table('b', 1, 84, 4), table('turned', 1, 4, 84)], {}, { roots })).to.equal(undefined);
    const whole: Output = { name: 's', type: DataType.INT64, dims: [1, 84, 2] };
    expect(cut([table('b', 1, 84, 4), whole])).to.equal(undefined);
    expect(cut([table('b', 1, 84, 4), table('s', 1, 80, 2)])).to.equal(undefined);
  });
});

describe('train/detect/before-choice: boxes of all rows', () => {
  const levels = [table('s8', 64, 3), table('s16', 20, 3)];
  const all = (outputs: readonly Output[], own: readonly (readonly string[])[], by = {}) =>
    rolesOfAll(outputs, made(by), { found: [{ boxes: 'b', levels: own }], formats: new Map([['b', 'xyxy']]) });

  it('have a table of scores for each level, whose rows are those of the boxes together', () => {
    const found = all([table('b', 84, 4), ...levels], [['s8'], ['s16']], { s8: 'sigmoid', s16: 'sigmoid' });
    expect(found?.scores.map(({ output }) => output)).to.deep.equal(['s8', 's16']);
    expect(found).to.include({ format: 'xyxy', kind: 'probability' });
    expect(found?.why).to.equal('boxes of all rows in b, and scores in s8 and 1 more levels, which they are chosen by');
    expect(all([table('b', 85, 4), ...levels], [['s8'], ['s16']])).to.equal(undefined);
  });

  it('or one for all of them', () => {
    const outputs = [table('b', 1, 84, 4), table('shared', 1, 84, 2), table('odd', 1, 7, 2)];
    const found = all(outputs, [
      ['odd', 'shared'],
      ['shared', 'odd'],
    ]);
    expect(found?.scores).to.deep.equal([{ output: 'shared', layout: 'nrc', from: 0, to: 2 }]);
  });

  it('are none if the table is not four wide, is not there, or has no scores', () => {
    expect(all([table('b', 84, 5), ...levels], [['s8'], ['s16']])).to.equal(undefined);
    expect(all(levels, [['s8'], ['s16']])).to.equal(undefined);
    expect(all([table('b', 84, 4)], [['s8'], ['s16']])).to.equal(undefined);
    expect(rolesOfAll([], made(), { found: [], formats: NO_FORMATS })).to.equal(undefined);
  });
});
