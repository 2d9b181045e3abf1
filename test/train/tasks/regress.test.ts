import { expect } from 'chai';
import { DataType } from '../../../src/onnx/data-type.ts';
import { regress } from '../../../src/train/tasks/regress.ts';
import { rejection } from '../../support/errors.ts';
import { graphOf, output, sample, setupOf, value } from '../../support/task-setup.ts';

const numbers = (y: number, z = 7) =>
  sample({ kind: 'values', values: { y: value([1, 1], [y]), z: value([1, 1], [z]) } });
const samples = [numbers(1), numbers(2), numbers(6)];
const outputs = [output('y', 1, 1), output('z', 1, 1)];
/** Of 1, 2 and 6 around their mean 3: 4 + 1 + 9, by three. */
const VARIANCE = 14 / 3;

describe('train/tasks/regress', () => {
  it('counts each output in units of the variance of its targets; what does not vary counts as it is', async () => {
    const task = await regress.prepare(setupOf(outputs, { samples }));
    const { terms, targets } = await graphOf(task, samples.slice(1));
    expect(terms.map(({ output: name, loss }) => [name, loss])).to.deep.equal([
      ['y', 'mse'],
      ['z', 'mse'],
    ]);
    expect(terms[0]?.weight).to.be.closeTo(1 / VARIANCE, 1e-12);
    expect(terms[1]?.weight).to.equal(1);
    expect(targets.map(({ dims, data }) => [dims, data])).to.deep.equal([
      [
        [2, 1],
        [2, 6],
      ],
      [
        [2, 1],
        [7, 7],
      ],
    ]);
  });

  it('takes the deviation as the unit of an absolute error, and one output alone if the caller names it', async () => {
    const task = await regress.prepare(setupOf(outputs, { samples, losses: ['l1'], lossOf: 'y' }));
    const { terms } = await graphOf(task, samples);
    expect(terms.map(({ output: name, loss }) => [name, loss])).to.deep.equal([['y', 'l1']]);
    expect(terms[0]?.weight).to.be.closeTo(1 / Math.sqrt(VARIANCE), 1e-12);
  });

  it('measures the variance explained, of the outputs whose targets vary', async () => {
    const task = await regress.prepare(setupOf(outputs, { samples }));
    const scorer = task.scorer();
    const answers = { y: value([3, 1], [1, 3, 4]), z: value([3, 1], [7, 8, 9]) };
    scorer.add(answers, samples);
    // Errors 0, 1 and 2.
    const share = 1 - 5 / 14;
    const { value: found, detail, figures } = scorer.result();
    expect(found).to.be.closeTo(share, 1e-12);
    expect(detail).to.equal(`y ${share.toFixed(3)}`);
    expect(Object.keys(figures)).to.deep.equal(['y']);
    // The first sample twice: 1, 1, 2 and 6 around 2.5.
    expect(scorer.weighted?.([2, 1, 1])).to.be.closeTo(1 - 5 / 17, 1e-12);
    expect(task.answerOf?.({ y: value([1, 1], [3]), z: value([1, 1], [4]) })).to.deep.equal({
      kind: 'values',
      values: { y: [3], z: [4] },
    });
  });

  it('measures chances where binary cross-entropy is learnt, also of a file that answers values before a Sigmoid', async () => {
    const chances = [0, 1, 1].map((y) => sample({ kind: 'values', values: { y: value([1, 1], [y]) } }));
    const task = await regress.prepare(setupOf([output('y', 1, 1)], { samples: chances, losses: ['bce'] }));
    const scorer = task.scorer();
    // Chances of 0.1, 0.9 and 0.5.
    const answers = [-Math.log(9), Math.log(9), 0];
    scorer.add({ y: value([3, 1], answers) }, chances);
    expect(scorer.result().value).to.be.closeTo(1 - (0.01 + 0.01 + 0.25) / (2 / 3), 1e-6);
    const shown = task.answerOf?.({ y: value([1, 1], [Math.log(9)]) });
    expect(shown?.kind === 'values' && shown.values.y?.[0]).to.be.closeTo(0.9, 1e-6);
  });

  it('varies no picture unless asked, as numbers may be places or sizes, and never moves the pixels of maps', async () => {
    const rows = await regress.prepare(setupOf(outputs, { samples }));
    expect(rows.variations).to.deep.equal({ usual: [], possible: ['flip', 'crop', 'rotate', 'colour'] });
    const map = sample({ kind: 'values', values: { y: value([1, 1, 2, 2], [1, 2, 3, 4]) } });
    const maps = await regress.prepare(setupOf([output('y', 1, 1, 2, 2)], { samples: [map] }));
    expect(maps.variations).to.include({ reason: 'moves pixels, and the targets would stay as they are' });
    expect(maps.variations?.possible).to.deep.equal(['colour']);
  });

  it('says that targets do not vary in place of a measure', async () => {
    const constant = [numbers(3), numbers(3)];
    const task = await regress.prepare(setupOf(outputs, { samples: constant }));
    const scorer = task.scorer();
    scorer.add({ y: value([2, 1], [1, 2]), z: value([2, 1], [1, 2]) }, constant);
    expect(scorer.result()).to.deep.equal({ value: undefined, detail: 'the targets do not vary', figures: {} });
    expect(scorer.weighted?.([1, 1])).to.equal(undefined);
  });

  it('refuses targets of no output or of integers, and samples without numbers', async () => {
    const refused = (list: typeof outputs) => rejection(Promise.resolve(regress.prepare(setupOf(list, { samples }))));
    for (const list of [outputs.slice(0, 1), [output('y', 1, 1), { ...output('z', 1, 1), type: DataType.INT64 }]]) {
      const error = await refused(list);
      expect(error).to.include({ code: 'invalid-data', remedy: 'Name the targets after outputs, as in target/y' });
      expect(error.message).to.include('the targets name "z"');
    }
    const other = setupOf(outputs, { samples: [sample({ kind: 'class', label: 1 })] });
    expect(await rejection(Promise.resolve(regress.prepare(other)))).to.include({
      code: 'invalid-data',
      message: 'a sample has no numbers to learn',
    });
  });
});
