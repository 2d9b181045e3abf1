import { expect } from 'chai';
import { parse } from '../../src/cli/parse.ts';
import { OPTIONS, optionsOf } from '../../src/options.ts';
import { thrown } from '../support/errors.ts';

const DEFAULTS = Object.fromEntries(
  optionsOf('swap').flatMap(([name, spec]) => (spec.default === undefined ? [] : [[name, spec.default]])),
);

function typed(...argv: string[]): { command: string | undefined; raw: unknown } {
  const result = parse(argv);
  return { command: result?.command.name, raw: result?.raw };
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
        expect(thrown(() => parse(argv)).message, argv.join()).to.match(/^unknown option|is invalid/);
      }
    }
  });
});
