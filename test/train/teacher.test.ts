import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import type { Model } from '../../src/onnx/model.ts';
import { withSession } from '../../src/runtime/session.ts';
import { teacherOf } from '../../src/train/teacher.ts';
import { output, sample, value } from '../support/task-setup.ts';

/** Twice the input, under names of its own; with `more`, a second output. */
function doubling(input: string, name: string, more?: string): Model {
  const net = new Net({ opset: 17 });
  const x = net.input(input, ['N', 2]);
  net.node('Add', [x, x], {}, { outputs: [name] });
  net.output(name, ['N', 2]);
  if (more === undefined) return net.model();
  net.node('Neg', [x], {}, { outputs: [more] });
  return net.output(more, ['N', 2]).model();
}

const batch = [
  [1, 2],
  [3, 4],
].map((numbers) => ({
  ...sample({ kind: 'class', label: 0 }),
  inputs: { x: value([1, 2], numbers) },
}));

const answered = (model: Model, ...outputs: string[]) =>
  withSession(model, async (session) => {
    const values = await teacherOf(
      session,
      outputs.map((name) => output(name, 1, 2)),
    )(batch);
    return Object.entries(values).map(([name, { data }]) => [name, Array.from(data, Number)]);
  });

describe('train/teacher', () => {
  it('answers under the names of the model that learns, whatever its only input and output are called', async () => {
    expect(Object.fromEntries(await answered(doubling('pixels', 'logits'), 'y'))).to.deep.include({ y: [2, 4, 6, 8] });
    expect(Object.fromEntries(await answered(doubling('x', 'y'), 'y'))).to.deep.equal({ y: [2, 4, 6, 8] });
  });

  it('takes no output for another where there are several on a side', async () => {
    expect(Object.fromEntries(await answered(doubling('x', 'logits', 'more'), 'y'))).to.have.all.keys([
      'logits',
      'more',
    ]);
    expect(Object.fromEntries(await answered(doubling('x', 'logits'), 'y', 'z'))).to.have.all.keys(['logits']);
  });
});
