import { expect } from 'chai';
import type { Example, LabelledData } from '../../src/inputs/labelled/types.ts';
import { Random } from '../../src/inputs/random.ts';
import { beginPhase, measured, memoryOf, tested, tryGradient } from '../../src/jobs/finetune-measured.ts';
import { withClassNames } from '../../src/measure/class-names.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { numbersIn, withSession } from '../../src/runtime/session.ts';
import type { FitEvent } from '../../src/train/fit-types.ts';
import { judge } from '../../src/train/judge.ts';
import { setUp } from '../../src/train/setup.ts';
import type { Trainer } from '../../src/train/trainer.ts';
import type { PreparedTask } from '../../src/train/types.ts';
import { floats } from '../support/answers.ts';
import { yolov8 } from '../support/detectors.ts';
import { classifier, labelledPictures } from '../support/training.ts';

const HELD = labelledPictures(24, 4);
const [BEFORE, AFTER] = [classifier({ seed: 3 }), classifier({ seed: 8 })];

/** The share of samples whose largest number is that of their class. */
async function accuracyOf(model: typeof BEFORE, data: LabelledData): Promise<number> {
  return withSession(model, async (session) => {
    let right = 0;
    for (let sample = 0; sample < data.count; sample++) {
      const { inputs, target } = await data.load(sample);
      const p = Array.from(numbersIn((await session.run(inputs)).p));
      if (target.kind === 'class' && p.indexOf(Math.max(...p)) === target.label) right++;
    }
    return right / data.count;
  });
}

describe('jobs/finetune-measured: scores', () => {
  it('are those of the model before and of the file behind, with the range of their difference', async () => {
    const { task } = await setUp(BEFORE, HELD, { task: 'classify' });
    const after = await judge(AFTER, task, HELD, new Set([0]));
    const events: FitEvent[] = [];
    const found = await measured(BEFORE, task, HELD, {
      shown: new Set([0, 1]),
      after,
      seed: 1,
      onEvent: (event) => events.push(event),
    });
    const [before, behind] = [await accuracyOf(BEFORE, HELD), await accuracyOf(AFTER, HELD)];
    expect([found.before?.value, found.after?.value]).to.deep.equal([before, behind]);
    expect(found.gain?.value).to.be.closeTo(behind - before, 1e-12);
    expect(found.gain?.low).to.be.at.most(found.gain?.high ?? Number.NaN);
    expect(found.examples.length).to.be.above(0);
    // Rows are what is right: eight of each class.
    expect(found.confusion?.map((row) => row.reduce((a, b) => a + b, 0))).to.deep.equal([8, 8, 8]);
    expect(events.map((it) => it.kind === 'phase' && it.done)).to.deep.equal([...Array(25).keys()]);
    expect(events.every((it) => it.kind === 'phase' && it.phase === 'compare' && it.of === 24)).to.equal(true);
  });

  it('are nothing without held-out samples, and have no gain without a file or with few samples', async () => {
    const { task } = await setUp(BEFORE, HELD, { task: 'classify' });
    const how = { shown: new Set<number>(), after: undefined, seed: 1 };
    expect(await measured(BEFORE, task, undefined, how)).to.deep.equal({
      before: null,
      after: null,
      gain: null,
      confusion: null,
      examples: [],
    });
    const none = await measured(BEFORE, task, HELD, how);
    expect([none.after, none.gain, none.confusion]).to.deep.equal([null, null, null]);
    expect(none.before?.value).to.equal(await accuracyOf(BEFORE, HELD));
    const few = labelledPictures(19, 4);
    const after = await judge(AFTER, task, few, new Set());
    expect((await measured(BEFORE, task, few, { ...how, after })).gain).to.equal(null);
  });

  it('of samples that chose nothing are those of both models', async () => {
    const { task } = await setUp(BEFORE, HELD, { task: 'classify' });
    const test = labelledPictures(9, 6);
    const found = await tested(BEFORE, AFTER, task, test);
    expect([found?.before.value, found?.after.value]).to.deep.equal([
      await accuracyOf(BEFORE, test),
      await accuracyOf(AFTER, test),
    ]);
    expect(await tested(BEFORE, AFTER, task, undefined)).to.equal(null);
  });

  it('say what begins', () => {
    const events: FitEvent[] = [];
    beginPhase('file', { onEvent: (event) => events.push(event) });
    beginPhase('file', {});
    expect(events).to.deep.equal([{ kind: 'phase', phase: 'file', done: 0, of: 0, epoch: 0 }]);
  });
});

describe('jobs/finetune-measured: the gradient, tried', () => {
  /** A loss of one parameter, a·θ², whose gradient is claimed to be so many times what it is. */
  async function said(claimed: number, theta = 2): Promise<string[]> {
    let now = Float32Array.of(theta);
    const trainer = {
      parametersNow: () => now.slice(),
      restore: (state: { theta: Float32Array }) => {
        now = Float32Array.from(state.theta);
      },
      answer: async () => ({ outputs: { y: floats([1], [now[0] as number]) }, loss: 0 }),
      gradient: async () => ({ loss: 0, gradient: Float32Array.of(claimed * 6 * theta) }),
    } as unknown as Trainer;
    const task = {
      fixed: async () => (outputs: Example['inputs']) => 3 * (numbersIn(outputs.y)[0] as number) ** 2,
    } as unknown as PreparedTask;
    const notes = await tryGradient(trainer, task, { inputs: {}, target: { kind: 'none' } });
    expect([...now]).to.deep.equal([theta]);
    return notes;
  }

  it('tells how well it predicts the loss, and what to check if it does not', async () => {
    expect(await said(1)).to.deep.equal([
      'tried on one sample, the gradient predicts the slope of the loss within 0.0 %',
    ]);
    expect((await said(1.25))[0]).to.match(/within (?:1\d|20)\.\d %$/);
    const [wrong = ''] = await said(4);
    expect(wrong).to.match(
      /^the slope of the loss on the first sample is 12\.0, and the gradient says 48\.0: .*--boxes/,
    );
  });

  it('says nothing of a loss in the graph, and of one that nothing can be learned from', async () => {
    expect(
      await tryGradient({} as Trainer, {} as PreparedTask, { inputs: {}, target: { kind: 'none' } }),
    ).to.deep.equal([]);
    expect(await said(1, 0)).to.deep.equal([]);
  });
});

describe('jobs/finetune-measured: what a detector still finds', () => {
  const source = withClassNames(yolov8(3), ['cat', 'dog', 'cow']);
  const random = new Random(3);
  const x = Float32Array.from({ length: 3 * 64 * 64 }, () => random.normal());
  const data = {
    count: 60,
    load: async (): Promise<Example> => ({
      inputs: { x: { type: DataType.FLOAT, dims: [1, 3, 64, 64], data: x } },
      target: { kind: 'boxes', boxes: [] },
    }),
  } as unknown as LabelledData;
  const detection = { boxUnit: 'pixels', boxFormat: 'cxcywh' } as const;

  it('is told of detectors alone, over 50 pictures at most', async () => {
    const how = { task: 'detect', kept: undefined, detection };
    const [note = ''] = await memoryOf(source, source, data, how);
    const [, boxes, , kept] =
      /^Of (\d+) boxes that the source finds in (50 pictures), the trained model finds (\d+)\.$/.exec(note) ?? [];
    expect(Number(boxes)).to.be.above(0);
    expect(kept).to.equal(boxes);
    expect(await memoryOf(source, source, data, { ...how, task: 'segment' })).to.deep.equal([]);
  }).timeout(60_000);

  it('counts boxes of classes that are gone', async () => {
    const other = withClassNames(yolov8(3), ['a', 'b', 'c']);
    const few = { ...data, count: 1 };
    const [note = ''] = await memoryOf(source, other, few, { task: 'detect', kept: undefined, detection });
    const [, boxes, gone] =
      /^Of (\d+) boxes that the source finds in 1 picture, the trained model finds 0; classes that it does not have any more: (\d+)\.$/.exec(
        note,
      ) ?? [];
    expect(Number(boxes)).to.be.above(0);
    expect(gone).to.equal(boxes);
  });
});
