import { expect } from 'chai';
import { parseHTML } from 'linkedom';
import { finetuneReport } from '../../../src/index.ts';
import type { FinetuneFacts } from '../../../src/jobs/finetune.ts';
import { renderHtml } from '../../../src/report/html/index.ts';
import { renderJson } from '../../../src/report/json.ts';
import { renderMarkdown } from '../../../src/report/markdown-page.ts';
import { expectValidReport } from '../../support/report-schema.ts';
import { reportOn } from '../../support/reports.ts';
import { RUNS, trainedOutcome } from '../../support/trained.ts';

const facts = new Map<string, FinetuneFacts>();
const of = (task: string) => facts.get(task) as FinetuneFacts;

const TITLES: Readonly<Record<string, readonly string[]>> = {
  classify: ['Loss', 'Score', 'Learning rate', 'Classes', 'Confusion', 'Examples', 'What was trained'],
  detect: ['Loss', 'Score', 'Learning rate', 'Precision and recall', 'Classes', 'Examples', 'What was trained'],
  segment: ['Loss', 'Score', 'Learning rate', 'Classes', 'Confusion', 'Examples', 'What was trained'],
  regress: ['Loss', 'Score', 'Learning rate', 'Examples', 'What was trained'],
};

describe('a report on training', () => {
  before(async function () {
    this.timeout(60_000);
    for (const [task, run] of Object.entries(RUNS)) facts.set(task, await run());
  });

  for (const [task, titles] of Object.entries(TITLES)) {
    it(`${task}: has its sections in HTML and Markdown, and nothing that is not a number`, async () => {
      const report = reportOn(trainedOutcome(of(task)));
      const [page, text] = [await renderHtml(report), await renderMarkdown(report)];
      for (const title of titles) expect(text).to.contain(`\n### ${title}\n`);
      const { document } = parseHTML(page);
      const heads = [...document.querySelectorAll('h3')].map((it) => it.textContent ?? '');
      expect(heads).to.include.members([...titles]);
      const words = page.replace(/<script>[\s\S]*<\/script>/, '').replace(/base64,[^"]*/g, '');
      for (const it of [words, text]) expect(it).not.to.match(/undefined|NaN|\[object|Infinity/);
    });

    it(`${task}: is as the schema says in JSON, without pixels`, () => {
      const text = renderJson([trainedOutcome(of(task))]);
      expectValidReport(JSON.parse(text));
      expect(text).not.to.contain('rgb');
    });
  }

  it('begins with one sentence: better or not, on how many samples, and how sure that is', async () => {
    const text = await renderMarkdown(reportOn(trainedOutcome(of('classify'))));
    expect(text).to.match(
      /\*\*✓ Better: accuracy 0\.\d+ → [01]\.\d+ on 45 held-out samples; gain \+0\.\d+ to \+[01]\.\d+ with 95 % confidence\*\*/,
    );
    expect(text).to.contain('held-out samples also chose the rate and the epoch');
  });

  it('draws boxes where they are, over the picture, once for both sides', async () => {
    const { document } = parseHTML(await renderHtml(reportOn(trainedOutcome(of('detect')))));
    const shown = of('detect').examples;
    expect(shown).to.have.length(8);
    const figures = [...document.querySelectorAll('.examples figure')];
    expect(figures).to.have.length(8);
    for (const [index, figure] of figures.entries()) {
      expect(figure.querySelectorAll('image')).to.have.length(1);
      const { right } = shown[index] ?? {};
      const drawn = [...figure.querySelectorAll('svg')].map((svg) => svg.querySelectorAll('.drawn rect.under').length);
      const boxes = right?.kind === 'boxes' ? right.boxes : [];
      expect(drawn).to.deep.equal(of('detect').after === null ? [boxes.length] : [boxes.length, boxes.length]);
      const [first] = figure.querySelectorAll('.drawn rect');
      expect(Number(first?.getAttribute('x'))).to.equal(boxes[0]?.box[0]);
    }
  });

  it('shows the samples that are still wrong beside those picked by chance', () => {
    const { confusion, examples } = of('classify');
    const wrong = (confusion ?? []).flatMap((row, label) => row.filter((_, answered) => answered !== label));
    const count = wrong.reduce((sum, it) => sum + it, 0);
    const byChance = examples.filter(({ why }) => why === 'chance');
    expect(byChance).to.have.length(8);
    const isWrong = ({ right, after }: (typeof examples)[number]) =>
      right?.kind === 'class' && after?.kind === 'class' && right.label !== after.label;
    const others = examples.filter(({ why }) => why === 'wrong');
    expect(others.every(isWrong)).to.equal(true);
    expect(others).to.have.length(Math.min(4, count - byChance.filter(isWrong).length));
  });

  it('is there for the library, in each format', async () => {
    const finetuned = { facts: of('regress') };
    expect(await finetuneReport(finetuned, { name: 'a.onnx' })).to.contain('<h2 id="title">a.onnx</h2>');
    expect(await finetuneReport(finetuned, { format: 'markdown' })).to.match(/^## model\n\n### Summary/);
    expectValidReport(JSON.parse(await finetuneReport(finetuned, { format: 'json' })));
  });

  it('has room for many classes: the mistakes are listed, not a matrix', async () => {
    const size = 30;
    const rows = Array.from({ length: size }, (_, a) =>
      Array.from({ length: size }, (_, b) => (a === b ? 9 : b === 3 ? 1 : 0)),
    );
    const classes = rows.map((_, label) => `c${label}`);
    const text = await renderMarkdown(reportOn(trainedOutcome({ ...of('classify'), confusion: rows, classes })));
    expect(text).to.contain('The most frequent mistakes on held-out samples after training');
    expect(text).to.contain('| c0 | c3 | 1 | 10.0 % |');
  });

  it('says what is known where nothing was held out, and where nothing was better', async () => {
    const none = { ...of('classify'), before: null, after: null, gain: null, confusion: null, examples: [] };
    expect(await renderMarkdown(reportOn(trainedOutcome(none)))).to.contain('Trained; not measured');
    const { before } = of('classify');
    const worse = { ...none, before, proof: null, bestEpoch: 0, stopped: 'patience' as const };
    const text = await renderMarkdown(reportOn(trainedOutcome(worse)));
    expect(text).to.match(
      /\*\*Not better: no epoch scored more than the model as it was \(accuracy 0\.\d+ on 45 held-out samples\); nothing was written\*\*/,
    );
    expect(text).to.contain('| class | samples | recall | precision |');
  });
});
