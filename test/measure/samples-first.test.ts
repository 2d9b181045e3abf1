import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { datasetOf } from '../../src/inputs/dataset.ts';
import { compareHeldOut } from '../../src/measure/held-out.ts';
import { samplesFirst } from '../../src/measure/samples-first.ts';
import type { Model } from '../../src/onnx/model.ts';
import { floats } from '../support/answers.ts';

const [STEPS, CLASSES] = [5, 3];

/** A reader of text as PyTorch has it: x [N, 5, 3] → y [5, N, 3], the classes of step t those of x plus a bias. */
function reader(bias: readonly number[] = [0, 0, 0], dims?: readonly (number | string)[]): Model {
  const net = new Net();
  const x = net.input('x', ['N', STEPS, CLASSES]);
  const turned = net.node('Transpose', [x], { perm: [1, 0, 2] });
  const sum = net.node('Add', [turned, net.weight('b', [CLASSES], bias)]);
  net.node('Softmax', [sum], { axis: 2 }, { outputs: ['y'] });
  return net.output('y', dims).model();
}

/** Steps of texts, each a class, as scores. */
function texts(rows: readonly (readonly number[])[]) {
  const scores = rows.flatMap((row) => row.flatMap((step) => Array.from({ length: CLASSES }, (_, k) => +(k === step))));
  return datasetOf({ x: floats([rows.length, STEPS, CLASSES], scores) });
}

const SPELLED = [
  [0, 1, 0, 0, 0],
  [0, 2, 0, 0, 0],
  [0, 1, 0, 2, 0],
  [0, 0, 0, 2, 0],
  [0, 0, 1, 0, 0],
  [0, 0, 0, 0, 2],
];

describe('samplesFirst', () => {
  const answers = { y: floats([2, 3, 1], [1, 2, 3, 4, 5, 6]), z: floats([3, 2], [1, 2, 3, 4, 5, 6]) };
  const turned = [1, 4, 2, 5, 3, 6];

  it('turns what the file says has the batch second', () => {
    const { y, z } = samplesFirst(reader(undefined, ['T', 'N', CLASSES]))(answers, 3);
    expect(y?.dims).to.deep.equal([3, 2, 1]);
    expect(Array.from(y?.data as Float32Array)).to.deep.equal(turned);
    expect(z).to.equal(answers.z);
    // Also where one sample was run alone, or as many as there are steps.
    const one = samplesFirst(reader(undefined, ['T', 'N', CLASSES]))({ y: floats([2, 1, 1], [1, 2]) }, 1);
    expect(one.y?.dims).to.deep.equal([1, 2, 1]);
  });

  it('turns what has as many entries as samples were run, if the file does not say', () => {
    const turn = samplesFirst(reader());
    expect(turn(answers, 3).y?.dims).to.deep.equal([3, 2, 1]);
    expect(turn(answers, 2).y).to.equal(answers.y);
    expect(turn({ y: floats([2, 1, 1], [1, 2]) }, 1).y?.dims).to.deep.equal([2, 1, 1]);
  });

  it('leaves what the file says has the batch first', () => {
    const batched = floats([2, 3, 1], [1, 2, 3, 4, 5, 6]);
    expect(samplesFirst(reader(undefined, ['N', 'T', CLASSES]))({ y: batched }, 3).y).to.equal(batched);
  });
});

describe('compareHeldOut, of a reader whose steps come first', () => {
  for (const dims of [['T', 'N', CLASSES], undefined] as const) {
    it(`counts a text for each input, and sees that answers vary${dims === undefined ? ', if the file does not say the shape' : ''}`, async () => {
      // Class 1 never wins in the second model, so the texts with a 1 are lost.
      const data = texts(SPELLED);
      const { kept, each } = await compareHeldOut(
        reader(undefined, dims),
        reader([0, -2, 0], dims),
        data,
        [0, 1, 2, 3, 4, 5],
        {},
      );
      expect(kept.doubts).to.deep.equal([]);
      expect(each).to.deep.equal([]);
      expect(kept.tasks.map(({ task }) => task)).to.deep.equal(['classify']);
      expect(kept.tasks[0]?.figures).to.include({ texts: 6, sameTexts: 3 });
    });
  }
});
