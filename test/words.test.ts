import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { commandText, convertCommand, plural, quoted, sizeText } from '../src/words.ts';

describe('words', () => {
  it('counts in the singular and the plural', () => {
    expect([plural(0, 'site'), plural(1, 'site'), plural(2, 'site')]).to.deep.equal(['0 sites', '1 site', '2 sites']);
  });

  it('tells sizes in decimal units, with two or three digits', () => {
    const sizes = [0, 999, 1000, 4_650_000, 99_999_999, 2e9, 5e12].map(sizeText);
    expect(sizes).to.deep.equal(['0 B', '999 B', '1.0 kB', '4.7 MB', '100 MB', '2.0 GB', '5000 GB']);
  });

  it('quotes a word that a shell would take apart, and gives it back', async () => {
    for (const word of ['a b', "it's", '$HOME', '*', 'plain-1.onnx', '--size=x', '']) {
      const { stdout } = await promisify(execFile)('sh', ['-c', `printf %s ${quoted(word)}`]);
      expect(stdout).to.equal(word);
    }
    expect(quoted('out/model.onnx')).to.equal('out/model.onnx');
  });

  it('spells out what is not seen in a word, and bash gives it back', async function () {
    for (const word of ['a\nb', "it's\r\t\\", 'a\u202eb', 'x\u{e0041}1', '\u001b[31m2']) {
      expect(quoted(word)).to.match(/^\$'[ -~]*'$/);
      const { stdout } = await promisify(execFile)('bash', ['-c', `printf %s ${quoted(word)}`], {
        env: { ...process.env, LC_ALL: 'C.UTF-8' },
      }).catch((error) => (error.code === 'ENOENT' ? this.skip() : Promise.reject(error)));
      expect(stdout).to.equal(word);
    }
  });

  it('puts options before files whose names begin with a dash', () => {
    expect(commandText(['inspect', '--', '-x.onnx'], ['--seed', '1'])).to.equal('gn-swap inspect --seed 1 -- -x.onnx');
    expect(commandText(['a b.onnx'], ['--force'])).to.equal("gn-swap 'a b.onnx' --force");
  });

  it('has a command to convert a model that a shell hands over in one piece', async () => {
    const command = convertCommand(13).replace('python -c', 'printf %s');
    const { stdout } = await promisify(execFile)('sh', ['-c', command]);
    expect(stdout).to.match(/^import onnx, .*convert_version\(onnx\.load\('MODEL\.onnx'\), 13\), 'MODEL\.13\.onnx'\)$/);
  });
});
