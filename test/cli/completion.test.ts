import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import { completionsOf, SCRIPT } from '../../src/cli/completion.ts';
import { NORMS } from '../../src/norms/index.ts';

describe('completion', () => {
  it('knows commands, options of the command, and values', () => {
    expect(completionsOf(['com'])).to.deep.equal(['compare', 'completion']);
    expect(completionsOf(['check', '--ag'])).to.deep.equal(['--against']);
    expect(completionsOf(['inspect', '--ag'])).to.deep.equal([]);
    expect(completionsOf(['--to', ''])).to.deep.equal(NORMS.map(({ name }) => name));
    expect(completionsOf(['model.onnx', '--to', 'fr'])).to.deep.equal(['frozen']);
  });

  it('leaves files to the shell', () => {
    for (const words of [
      ['inspect', 'mod'],
      ['--output', ''],
      ['model.onnx', '--calibrate', 'pho'],
    ]) {
      expect(completionsOf(words), words.join()).to.deep.equal([]);
    }
  });

  it('works in bash', function () {
    const script = `
      gn-swap() { [ "$1" = __complete ] && printf 'compare\\ncompletion\\n'; }
      ${SCRIPT}
      COMP_WORDS=(gn-swap com); COMP_CWORD=1; _gn_swap; printf '%s,' "\${COMPREPLY[@]}"`;
    const { status, stdout, error } = spawnSync('bash', ['--norc', '-c', script], { encoding: 'utf8' });
    if (error !== undefined) this.skip();
    expect([status, stdout]).to.deep.equal([0, 'compare,completion,']);
  });
});
