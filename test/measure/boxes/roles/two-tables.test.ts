import { expect } from 'chai';
import { Net } from '../../../../fixtures/build.ts';
import { twoTables } from '../../../../src/measure/boxes/roles/two-tables.ts';
import { Evidence } from '../../../../src/measure/evidence.ts';
import type { Model } from '../../../../src/onnx/model.ts';
import { answers, floats } from '../../../support/answers.ts';

type Made = 'linear' | 'Exp' | 'Sigmoid' | 'Softmax';

/** Tables of as many rows, in the order of their names, each made by a layer and maybe by an operator behind it. */
function tables(rows: number, list: readonly { name: string; width: number; made: Made }[]): Model {
  const net = new Net({ opset: 13 });
  const x = net.input('x', [1, rows, 8]);
  for (const { name, width, made } of list) {
    const table = net.node('MatMul', [x, net.weight(`w/${name}`, [8, width])]);
    net.node(made === 'linear' ? 'Identity' : made, [table], made === 'Softmax' ? { axis: 2 } : {}, {
      outputs: [name],
    });
    net.output(name, [1, rows, width]);
  }
  return net.model();
}

function rolesIn(model: Model, rows: number, widths: Readonly<Record<string, number>>, asked = true) {
  const values = Object.fromEntries(
    Object.entries(widths).map(([name, width]) => [name, floats([1, rows, width], new Float32Array(rows * width))]),
  );
  const outputs = Object.entries(values).map(([name, { type, dims }]) => ({ name, type, dims }));
  return twoTables(outputs, { evidence: new Evidence(model), options: {}, first: answers(values, values) }, asked);
}

/** Names of the outputs that were taken for boxes and for scores. */
const taken = (roles: ReturnType<typeof rolesIn>) =>
  roles && [roles.boxes.map(({ output }) => output), roles.scores.map(({ output }) => output)];

describe('roles of two tables', () => {
  for (const isFirst of [true, false]) {
    it(`tells the boxes of a set of queries from scores of four columns by their names, boxes ${isFirst ? 'first' : 'last'}`, () => {
      for (const made of ['linear', 'Sigmoid'] as const) {
        const list = [
          { name: 'pred_logits', width: 4, made },
          { name: 'pred_boxes', width: 4, made: 'Sigmoid' as const },
        ];
        const model = tables(100, isFirst ? list.toReversed() : list);
        const widths = isFirst ? { pred_boxes: 4, pred_logits: 4 } : { pred_logits: 4, pred_boxes: 4 };
        expect(taken(rolesIn(model, 100, widths)), made).to.deep.equal([['pred_boxes'], ['pred_logits']]);
        expect(rolesIn(model, 100, widths)?.format, made).to.equal(undefined);
      }
    });
  }

  it('does so beside a further table of as many rows, and where nobody asked for boxes', () => {
    const list = [
      { name: 'logits', width: 4, made: 'linear' as const },
      { name: 'boxes', width: 4, made: 'Sigmoid' as const },
      { name: 'features', width: 16, made: 'linear' as const },
    ];
    const widths = { logits: 4, boxes: 4, features: 16 };
    for (const asked of [true, false]) {
      const roles = rolesIn(tables(100, list), 100, widths, asked);
      expect(taken(roles)).to.deep.equal([['boxes'], ['logits']]);
      expect(roles?.beside).to.deep.equal(['features']);
    }
  });

  it('goes by what made them where names tell nothing: a Sigmoid or Softmax makes scores, of four columns too', () => {
    for (const made of ['Sigmoid', 'Softmax'] as const) {
      for (const [boxes, scores] of [
        ['a', 'b'],
        ['b', 'a'],
      ] as const) {
        const list = [
          { name: boxes, width: 4, made: 'linear' as const },
          { name: scores, width: 4, made },
        ].toSorted((x, y) => x.name.localeCompare(y.name));
        const roles = rolesIn(tables(100, list), 100, { a: 4, b: 4 });
        expect(taken(roles), made).to.deep.equal([[boxes], [scores]]);
        expect(roles, made).to.include({ kind: 'probability', background: made === 'Softmax', format: 'anchors' });
      }
    }
  });

  it('takes what is decoded for boxes, and a layer’s own four columns for scores', () => {
    for (const [boxes, scores] of [
      ['a', 'b'],
      ['b', 'a'],
    ] as const) {
      const list = [
        { name: boxes, width: 4, made: 'Exp' as const },
        { name: scores, width: 4, made: 'linear' as const },
      ].toSorted((x, y) => x.name.localeCompare(y.name));
      const roles = rolesIn(tables(100, list), 100, { a: 4, b: 4 });
      expect(taken(roles)).to.deep.equal([[boxes], [scores]]);
      expect(roles?.format).to.equal(undefined);
    }
  });

  it('takes one class for scores, and says nothing of tables with different rows', () => {
    const list = [
      { name: 'o/1', width: 1, made: 'Sigmoid' as const },
      { name: 'o/2', width: 4, made: 'linear' as const },
    ];
    expect(taken(rolesIn(tables(50, list), 50, { 'o/1': 1, 'o/2': 4 }))).to.deep.equal([['o/2'], ['o/1']]);
    const values = {
      'o/1': floats([1, 50, 1], new Float32Array(50)),
      'o/2': floats([1, 49, 4], new Float32Array(196)),
    };
    const outputs = Object.entries(values).map(([name, { type, dims }]) => ({ name, type, dims }));
    const context = { evidence: new Evidence(tables(50, list)), options: {}, first: answers(values, values) };
    expect(twoTables(outputs, context, true)).to.equal(undefined);
  });
});
