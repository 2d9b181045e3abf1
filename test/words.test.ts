import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { convertCommand, plural, quoted, sizeText } from '../src/words.ts';

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

  it('has a command to convert a model that a shell hands over in one piece', async () => {
    const command = convertCommand(13).replace('python -c', 'printf %s');
    const { stdout } = await promisify(execFile)('sh', ['-c', command]);
    expect(stdout).to.match(/^import onnx, .*convert_version\(onnx\.load\('MODEL\.onnx'\), 13\), 'MODEL\.13\.onnx'\)$/);
  });
});
