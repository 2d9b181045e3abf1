import { expect } from 'chai';
import { SCRIPT } from '../../src/cli/completion.ts';
import { helpOf, helpOfCompletion } from '../../src/cli/help.ts';
import { parse } from '../../src/cli/parse.ts';
import { OPTIONS, optionsOf } from '../../src/options/index.ts';
import { VERSION } from '../../src/version.ts';
import { thrown } from '../support/errors.ts';

const DEFAULTS = Object.fromEntries(
  optionsOf('swap').flatMap(([name, spec]) => (spec.default === undefined ? [] : [[name, spec.default]])),
);

function typed(...argv: string[]): { command: string; raw: unknown } {
  const result = parse(argv);
  if (!('command' in result)) throw new RangeError(`a text was asked for: ${result.text}`);
  return { command: result.command, raw: result.raw };
}

describe('parse', () => {
  it('swaps where no command is named, with the defaults of the table', () => {
    expect(typed('a.onnx', 'b.onnx')).to.deep.equal({
      command: 'swap',
      raw: { ...DEFAULTS, models: ['a.onnx', 'b.onnx'] },
    });
    expect(typed()).to.deep.equal({ command: 'swap', raw: { ...DEFAULTS, models: [] } });
  });

  it('knows every option of the table, with a value of its type', () => {
    for (const [name, spec] of optionsOf('swap')) {
      const text = spec.choices?.[0] ?? '12';
      const value = spec.type === 'boolean' ? true : spec.type === 'number' ? 12 : text;
      const argv = spec.type === 'boolean' ? [`--${name}`] : [`--${name}`, text];
      expect(typed('m', ...argv).raw, name).to.deep.include({ [name]: spec.array ? [value] : value, models: ['m'] });
      if (spec.type !== 'boolean') {
        expect(typed(`--${name}=${text}`, 'm').raw, name).to.deep.include({ [name]: spec.array ? [value] : value });
      }
    }
  });

  it('takes --refine alone for 200 steps, whatever stands behind it', () => {
    expect(typed('--refine', 'm').raw).to.deep.include({ refine: 200, models: ['m'] });
    expect(typed('m', '--refine', '--json').raw).to.deep.include({ refine: 200, json: true });
    expect(typed('m', '--refine').raw).to.deep.include({ refine: 200 });
    expect(typed('--refine', '50', 'm').raw).to.deep.include({ refine: 50, models: ['m'] });
    expect(typed('--refine=50', 'm').raw).to.deep.include({ refine: 50, models: ['m'] });
  });

  it('takes short names', () => {
    expect(typed('m', '-o', 'x', '-q').raw).to.include({ output: 'x', quiet: true });
  });

  it('takes options before and after the name of a command that knows them', () => {
    for (const argv of [
      ['inspect', 'm', '--json', '--groups', '4'],
      ['--json', '--groups', '4', 'inspect', 'm'],
      ['--json', 'inspect', '--groups', '4', 'm'],
    ]) {
      const { command, raw } = typed(...argv);
      expect(command, argv.join()).to.equal('inspect');
      expect(raw, argv.join()).to.deep.include({ json: true, groups: '4', models: ['m'] });
    }
  });

  it('gathers what is given several times, and leaves further names to the models', () => {
    expect(typed('--include', 'a', 'm', '--include', 'b').raw).to.deep.include({ include: ['a', 'b'], models: ['m'] });
    expect(typed('m', '--seed', '1', '--seed', '2').raw).to.deep.include({ seed: [1, 2] });
  });

  it('takes values that begin with a dash, and names behind --', () => {
    expect(typed('m', '--seed', '-3').raw).to.include({ seed: -3 });
    expect(typed('--', '--json').raw).to.deep.include({ models: ['--json'] });
  });

  it('leaves an empty value empty, and what is no number NaN', () => {
    expect(typed('m', '--seed', '', '--output=').raw).to.include({ seed: '', output: '' });
    expect(typed('m', '--seed', 'x').raw).to.deep.include({ seed: Number.NaN });
  });

  it('refuses for each command what only others take', () => {
    for (const command of ['inspect', 'moments'] as const) {
      const own: ReadonlySet<string> = new Set(optionsOf(command).map(([name]) => name));
      for (const [name, spec] of Object.entries(OPTIONS)) {
        const argv = [command, 'm', `--${name}`, ...(spec.type === 'boolean' ? [] : ['1/1'])];
        if (own.has(name)) continue;
        expect(thrown(() => parse(argv)).message, argv.join()).to.match(
          new RegExp(`^--${name} is not an option of gn-swap ${command}; it belongs to gn-swap `),
        );
      }
    }
  });

  it('takes an option for the value of none before it, but a number below zero', () => {
    expect(thrown(() => parse(['m', '--output', '--json'])).message).to.equal('--output needs a value');
    expect(typed('m', '--output=--json').raw).to.include({ output: '--json' });
  });

  it('answers what is asked of it, in whatever order', () => {
    for (const argv of [['--help'], ['-h'], ['help'], ['help', 'help'], ['m', '-h', '--nonsense'], ['help', 'swap']]) {
      expect(parse(argv), argv.join()).to.deep.equal({ text: helpOf('swap') });
    }
    for (const argv of [
      ['inspect', '-h'],
      ['--help', 'inspect'],
      ['help', 'inspect'],
    ]) {
      expect(parse(argv), argv.join()).to.deep.equal({ text: helpOf('inspect') });
    }
    expect(parse(['-V'])).to.deep.equal({ text: `${VERSION}\n` });
    expect(parse(['completion'])).to.deep.equal({ text: SCRIPT });
    for (const argv of [
      ['completion', '-h'],
      ['help', 'completion'],
    ])
      expect(parse(argv), argv.join()).to.deep.equal({ text: helpOfCompletion() });
    expect(parse(['__complete', 'ins'])).to.deep.equal({ text: 'inspect\n' });
  });

  it('stops at a first word that is neither a command nor a file, and at no other', () => {
    const isThere = (path: string) => path === 'models';
    const error = thrown(() => parse(['inspct', 'm.onnx'], { isThere }));
    expect([error.message, error.remedy]).to.deep.equal([
      '"inspct" is neither a command nor a file',
      'Did you mean gn-swap inspect?',
    ]);
    const near = thrown(() => parse(['resnet', '-q'], { isThere, nearPath: (path) => `${path}.onnx` }));
    expect([near.remedy, near.next]).to.deep.equal(['There is resnet.onnx', { paths: { resnet: 'resnet.onnx' } }]);
    for (const first of ['models', 'gone.onnx', './inspct', 'a/b', 'C:\\m']) {
      expect(parse([first], { isThere }), first).to.deep.include({ command: 'swap' });
    }
    expect(parse(['--', 'inspct'], { isThere })).to.deep.include({ command: 'swap' });
  });
});
