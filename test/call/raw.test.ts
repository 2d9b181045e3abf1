import { expect } from 'chai';
import { callOptions } from '../../src/call/arguments.ts';
import { rawOf } from '../../src/call/raw.ts';
import { parse } from '../../src/cli/parse.ts';
import { GnSwapError } from '../../src/errors.ts';

function failure(run: () => unknown): GnSwapError {
  try {
    run();
  } catch (error) {
    if (error instanceof GnSwapError) return error;
  }
  return expect.fail('it did not throw a GnSwapError');
}

/** Without what only a command line has. */
function typed(words: readonly string[]): object {
  const parsed = parse(words);
  if (!('raw' in parsed)) return expect.fail('it is a text');
  const { models: _, ...raw } = parsed.raw as { models: unknown };
  return raw;
}

describe('options of a form', () => {
  it('are read as the same options of a command line are', () => {
    for (const [given, words] of [
      [{}, []],
      [
        { to: 'layer', 'channels-per-group': 8, strict: true, include: ['a', 'b'] },
        ['--to', 'layer', '--channels-per-group', '8', '--strict', '--include', 'a', '--include', 'b'],
      ],
      [
        { groups: '4', 'channel-order': 'bgr', calibrate: 'dropped' },
        ['--groups', '4', '--channel-order', 'bgr', '--calibrate', 'dropped'],
      ],
    ] as const) {
      const raw = rawOf('swap', given);
      expect(raw).to.deep.equal(typed(['model.onnx', ...words]));
      expect(callOptions(raw).swap).to.deep.equal(callOptions(typed(['model.onnx', ...words]) as never).swap);
    }
  });

  it('are left at their defaults if they are empty or off', () => {
    expect(rawOf('swap', { form: '', strict: false })).to.deep.equal(rawOf('swap', {}));
  });

  it('take numbers as texts, as a form has them', () => {
    expect(rawOf('finetune', { epochs: '3' })).to.include({ epochs: 3 });
  });

  it('are refused if the command has none of that name', () => {
    const error = failure(() => rawOf('check', { groups: '4' }));
    expect(error).to.include({ code: 'invalid-arguments', message: 'unknown option --groups' });
    expect(error.next).to.deep.equal({ drop: ['groups'] });
  });

  it('are refused with what was meant if there is no such choice', () => {
    const error = failure(() => rawOf('swap', { to: 'gruop' }));
    expect(error.message).to.equal('--to cannot be "gruop"');
    expect(error.next).to.deep.equal({ set: { to: 'group' } });
    expect(failure(() => parse(['model.onnx', '--to', 'gruop']))).to.include({ message: error.message });
  });
});
