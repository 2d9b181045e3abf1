import { expect } from 'chai';
import picocolors from 'picocolors';
import type { FinetuneFacts } from '../../src/jobs/finetune.ts';
import type { Outcome } from '../../src/jobs/outcome.ts';
import { finetuneLines, finetuneSummary, tryNext } from '../../src/report/finetune.ts';
import { MOST_CLASSES } from '../../src/report/seen-classes.ts';

const tensor = { ofNorm: false, inHead: false, taken: true };
const [norm, head, left] = [
  { ...tensor, ofNorm: true },
  { ...tensor, inHead: true },
  { ...tensor, taken: false },
];

const epoch = (number: number, loss: number | null = 0.5) => ({
  epoch: number,
  trainLoss: loss,
  trainScore: null,
  loss,
  score: 0.75,
});

/** A classifier that trained for two epochs. */
const FACTS = {
  task: 'classify',
  measure: 'accuracy',
  samples: { train: 20, heldOut: 5 },
  pictures: null,
  skipped: [],
  classes: ['cat', 'dog'],
  parameters: [
    { ...tensor, name: 'w', dims: [2, 3], why: 'weight of Conv' },
    { ...left, name: 's', dims: [], why: 'a scale' },
  ],
  trained: 6,
  batch: 4,
  accumulate: 1,
  rate: 0.001,
  tried: [],
  optimizer: 'adamw',
  augment: [],
  seed: 0,
  history: [epoch(0, null), epoch(1), epoch(2)],
  bestEpoch: 2,
  steps: 10,
  stopped: null,
  seconds: 1.5,
  notes: [],
  before: null,
  after: null,
  confusion: null,
};

function lines(changes: object = {}, verbose = false): string[] {
  const facts = { ...FACTS, ...changes } as unknown as FinetuneFacts;
  return finetuneLines(facts, { colors: picocolors.createColors(false), verbose });
}

describe('report/finetune: what was trained', () => {
  it('says how much was trained, on what and how, and lists the epochs', () => {
    const told = lines();
    expect(told.slice(0, 2)).to.deep.equal([
      'task classify: 20 samples to train on, 5 held out; 1 tensor trained, 6 numbers',
      '10 steps of 4 samples in 1.5 s, adamw, rate 0.001, seed 0; varied by nothing',
    ]);
    expect(told.filter((it) => /^\s*(before|1|2)\s/.test(it))).to.have.lengthOf(3);
    expect(told.find((it) => /^\s*before/.test(it))).to.match(/–\s+–\s+–\s+0\.7500/);
    expect(told.find((it) => /^\s*2\s/.test(it))).to.match(/kept$/);
  });

  it('lists every tensor if asked, with the reason', () => {
    expect(lines().some((it) => it.includes('weight of Conv'))).to.equal(false);
    const told = lines({}, true);
    expect(told.some((it) => /w\s+2 × 3\s+yes\s+weight of Conv/.test(it))).to.equal(true);
    expect(told.some((it) => /s\s+one number\s+no\s+a scale/.test(it))).to.equal(true);
  });

  it('tells which rates were tried, and what pictures were read as', () => {
    const tried = [
      { rate: 0.1, loss: null },
      { rate: 0.01, loss: 0.25 },
    ];
    const told = lines({ tried, pictures: 'RGB, 224×224', augment: ['flip', 'crop'] });
    expect(told).to.include('rates tried, with the held-out loss each led to: 0.1: not finite; 0.01: 0.2500');
    const unheld = lines({ tried, samples: { train: 2, heldOut: 0 } });
    expect(unheld).to.include(
      'rates tried, with the loss on training samples each led to: 0.1: not finite; 0.01: 0.2500',
    );
    expect(told).to.include('pictures read as RGB, 224×224');
    expect(told[1]).to.match(/varied by flip, crop$/);
  });

  for (const [title, stopped, line] of [
    ['the score stopped rising', 'patience', 'ended early: the score had stopped rising'],
    ['somebody interrupted it', 'interrupted', 'interrupted: the best epoch so far is kept; add --resume to go on'],
    [
      'the loss was no number',
      { notFinite: 7 },
      'ended at step 7: the loss was not a finite number; try a smaller --lr',
    ],
  ] as const) {
    it(`says why it ended before its time if ${title}`, () => {
      expect(lines({ stopped })).to.include(line);
      expect(lines()).not.to.include(line);
    });
  }

  it('warns of files that could not be used, twelve of them unless asked for all', () => {
    const skipped = Array.from({ length: 14 }, (_, index) => ({ file: `${index}.png`, reason: 'it is damaged' }));
    const told = lines({ skipped });
    expect(told).to.include('warning: 14 files could not be used in full:').and.to.include('  and 2 more (--verbose)');
    expect(told.filter((it) => it.endsWith(': it is damaged'))).to.have.lengthOf(12);
    expect(lines({ skipped }, true).filter((it) => it.endsWith(': it is damaged'))).to.have.lengthOf(14);
  });

  it('shows which class was taken for which, by name or by number, unless there are too many', () => {
    const confusion = [
      [3, 1, 0],
      [0, 2, 1],
      [0, 0, 0],
    ];
    const told = lines({ confusion });
    expect(told.find((it) => /^\s*cat\s/.test(it))).to.match(/cat\s+3\s+1\s+0$/);
    expect(told.find((it) => it.includes('right \\ answered'))).to.match(/cat\s+dog\s+2$/);
    const many = Array.from({ length: MOST_CLASSES + 1 }, (_, row) =>
      Array.from({ length: MOST_CLASSES + 1 }, (_, column) => Number(row === column)),
    );
    expect(lines({ confusion: many, classes: null }).join('\n')).not.to.include('right \\ answered');
  });

  it('tells of a detector what each class scores, as far as it was measured', () => {
    const score = (classes?: object[]) => ({
      value: 0.5,
      detail: 'AP50 0.500',
      figures: {},
      ...(classes && { classes }),
    });
    const cat = { label: 0, count: 9, figures: { AP50: 0.5, recall: 0.25 } };
    const told = lines({ task: 'detect', before: score(), after: score([cat]) });
    expect(told).to.include('before: AP50 0.500').and.to.include('after: AP50 0.500');
    expect(told.find((it) => /^\s*cat\s/.test(it))).to.match(/cat\s+9\s+0\.500\s+–\s+0\.250\s+–$/);
    const early = lines({ task: 'detect', before: score([cat]) });
    expect(early.some((it) => it.startsWith('after:'))).to.equal(false);
    expect(early.some((it) => /^\s*cat\s/.test(it))).to.equal(true);
    const many = Array.from({ length: MOST_CLASSES + 1 }, (_, label) => ({ ...cat, label }));
    expect(lines({ task: 'detect', after: score(many) }).some((it) => /^\s*cat\s/.test(it))).to.equal(false);
    expect(lines({ task: 'detect' }).join('\n')).not.to.include('AP50');
  });
});

describe('report/finetune: what to do next', () => {
  const summary = (finetune: object | undefined, more: Partial<Outcome> = {}) =>
    finetuneSummary({ ...more, finetune: finetune && { ...FACTS, ...finetune } } as unknown as Outcome);

  it('names the file that was written', () => {
    expect(summary({}, { output: 'm.ft.onnx', outputBytes: 2048 })[0]).to.match(/^wrote m\.ft\.onnx, 2/);
  });

  it('says how to go on after an interruption, unless nothing was saved yet', () => {
    const typed = ['finetune', 'm.onnx', '--data', 'photos'];
    expect(summary({ stopped: 'interrupted' }, { typed })).to.deep.equal([
      'Go on: gn-swap finetune m.onnx --data photos --resume',
    ]);
    expect(summary({ stopped: 'interrupted', history: [] }, { typed })).to.deep.equal([]);
  });

  it('advises what to try if no epoch was better', () => {
    expect(summary({})).to.deep.equal(['Try a smaller --lr, more samples, or --train head']);
  });
});

describe('tryNext', () => {
  it('advises to train less, of what the file has and was not trained alone', () => {
    expect(tryNext([tensor, norm, head])).to.equal('Try a smaller --lr, more samples, or --train norms');
    expect(tryNext([tensor, head])).to.equal('Try a smaller --lr, more samples, or --train head');
    for (const alone of [norm, head]) expect(tryNext([left, alone])).to.equal('Try a smaller --lr or more samples');
  });
});
