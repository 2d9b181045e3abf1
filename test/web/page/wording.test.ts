import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { OPTIONS, optionsOf } from '../../../src/options/index.ts';
import { TASKS } from '../../../src/web/page/tasks.ts';
import { hasField, inPage, OF_OTHERS, OWN_WORDS, plainInPage } from '../../../src/web/page/wording.ts';
import { optionFacts } from '../../../src/web/worker/facts.ts';

const SOURCE = fileURLToPath(new URL('../../../src/', import.meta.url));

/** A text with its fields in brackets, its code in backquotes and its pages in angles. */
const marked = (text: string) =>
  inPage(text)
    .map(({ kind, text: own }) => ({ text: own, field: `[${own}]`, code: `\`${own}\``, page: `<${own}>` })[kind])
    .join('');

describe('web/page/wording', () => {
  it('names a field by its label, and keeps the value', () => {
    expect(marked('--groups is x')).to.equal('[Groups] is x');
    expect(marked('Use --to group or --to layer')).to.equal('Use [Norm] group or [Norm] layer');
    expect(marked('Check --mean, --std and the inputs')).to.equal('Check [Mean], [Standard deviation] and the inputs');
    expect(marked('cls.onnx: --task')).to.equal('cls.onnx: [Task]');
  });

  it('names the place that files go to, without the word that stands for them', () => {
    expect(marked('Use --sites folded --calibrate DIR, or export anew')).to.equal(
      'Use [Sites] folded, [Calibration data], or export anew',
    );
    expect(marked('give the file: --data DIR/annotations.json')).to.equal('give the file: [Labelled data]');
    expect(marked('Use real input: --inputs FILE.npz')).to.equal('Use real input: [Real inputs]');
    expect(marked('--calibrate DIR.')).to.equal('[Calibration data].');
  });

  it('makes a way through the page of a command that it can do', () => {
    expect(marked("Measure it with: gn-swap 'a b.onnx' --groups 4 --calibrate DIR")).to.equal(
      'Measure it with: [Swap] › [Groups] 4, [Calibration data]',
    );
    expect(marked('run gn-swap check m.onnx --inputs FILE.npz')).to.equal('run [Check] › [Real inputs]');
  });

  it('leaves as code what the page cannot do', () => {
    expect(marked('run it with --verbose')).to.equal('run it with `--verbose`');
    expect(marked('or gn-swap compare MODEL --finetune')).to.equal('or `gn-swap compare MODEL --finetune`');
    expect(marked('with gn-swap inspect MODEL --sites folded; --include REGEX selects')).to.equal(
      'with `gn-swap inspect MODEL --sites folded`; [Include] REGEX selects',
    );
    expect(marked('run gn-swap m.onnx --memory 4GB')).to.equal('run `gn-swap m.onnx --memory 4GB`');
    expect(marked('npm install -g gn-swap --ignore-scripts')).to.equal('`npm install -g gn-swap --ignore-scripts`');
  });

  it('marks pages of the documentation, and leaves other words alone', () => {
    expect(marked('docs/norms/instance.md says why')).to.equal('<docs/norms/instance.md> says why');
    expect(marked('see docs/guide.md#keras-with-channels-last.')).to.equal(
      'see <docs/guide.md#keras-with-channels-last>.',
    );
    expect(marked('the record that gn-swap wrote')).to.equal('the record that gn-swap wrote');
    expect(plainInPage('Use --to group')).to.equal('Use Norm group');
  });

  it('knows which options have a field, of all that there are', () => {
    const shown = new Set(TASKS.flatMap(({ name }) => optionsOf(name).map(([option]) => String(option))));
    const others = Object.keys(OPTIONS).filter((name) => !shown.has(name));
    expect(others.filter((name) => hasField(name))).to.deep.equal([]);
    expect([...OF_OTHERS].filter((name) => shown.has(name))).to.deep.equal([]);
  });

  it('shows no form with an option that it has no field for', () => {
    const told = TASKS.flatMap(({ name }) =>
      optionFacts(name).flatMap(({ describe: text, notes = {} }) => [text, ...Object.values(notes)]),
    );
    const code = told.flatMap(inPage).filter(({ kind }) => kind === 'code');
    expect(code).to.deep.equal([]);
  });

  it('has words of its own for texts that are there', () => {
    const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
    const all = files
      .filter((file) => !file.endsWith('wording.ts'))
      .map((file) => readFileSync(join(SOURCE, file), 'utf8'))
      .join('\n');
    expect(OWN_WORDS.filter(([said]) => !all.includes(said))).to.deep.equal([]);
  });
});
