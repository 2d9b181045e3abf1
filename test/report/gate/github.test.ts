import { expect } from 'chai';
import { renderGithub, withoutCommands } from '../../../src/report/gate/github.ts';
import { GATES, HOSTILE, hostileGate } from '../../support/gates.ts';

/** A workflow command as the runner reads one: name, properties, message, unescaped. */
function commandOf(line: string) {
  const match = /^::(\w+) ([^:]*)::(.*)$/.exec(line);
  expect(match, line).not.to.equal(null);
  const [, name = '', properties = '', message = ''] = match ?? [];
  const plain = (text: string) =>
    text
      .replaceAll('%3A', ':')
      .replaceAll('%2C', ',')
      .replaceAll('%0D', '\r')
      .replaceAll('%0A', '\n')
      .replaceAll('%25', '%');
  const entries = properties.split(',').map((it) => it.split('=', 2).map(plain));
  return { name, ...Object.fromEntries(entries), message: plain(message) };
}

describe('renderGithub', () => {
  it('annotates each finding, and each file that could not be looked at', () => {
    expect(renderGithub(GATES).map(commandOf)).to.deep.equal([
      {
        name: 'notice',
        file: 'models/fine.onnx',
        title: 'gn-swap: no-record',
        message: 'it has none. Give the source.',
      },
      {
        name: 'error',
        file: './bad model.onnx',
        title: 'gn-swap: reference',
        message: 'b: too far. Restore the file.',
      },
      {
        name: 'warning',
        file: './bad model.onnx',
        title: 'gn-swap: weight-not-finite',
        message: 'w: it is infinite. Train again.',
      },
      { name: 'error', file: '/tmp/gone.onnx', title: 'gn-swap', message: 'there is no such file. Give another' },
    ]);
    expect(renderGithub([])).to.deep.equal([]);
  });

  it('is one line a finding, and one command, whatever names a model has', () => {
    for (const text of HOSTILE) {
      const lines = renderGithub([hostileGate(text)]);
      expect(lines).to.have.lengthOf(2);
      for (const line of lines) {
        expect(line).not.to.match(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        const { name, title } = commandOf(line) as unknown as { name: string; title: string };
        expect([name, title]).to.deep.equal(['error', 'gn-swap: node-changed']);
      }
    }
  });

  it('escapes what is an escape already', () => {
    const [line = ''] = renderGithub([hostileGate('100%0A, a:b')]);
    expect(line).to.equal(
      '::error file=100%250A%2C a%3Ab,title=gn-swap%3A node-changed::100%250A, a:b: 100%250A, a:b. 100%250A, a:b.',
    );
  });
});

describe('withoutCommands', () => {
  it('leaves no line that a runner takes for a command', () => {
    const text = withoutCommands('::error::a\n  ::add-mask::b\n\t::stop-commands::c\nfine :: d\nx ##[group]e\n::');
    for (const line of text.split('\n')) expect(line.trimStart()).not.to.match(/^::|##\[/);
    expect(text).to.contain('fine :: d');
  });

  it('leaves other text alone', () => {
    const text = 'site  form\na: b  reduce\n\n  ✓ loads: yes';
    expect(withoutCommands(text)).to.equal(text);
  });
});
