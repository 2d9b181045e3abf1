import { expect } from 'chai';
import { findDataYaml, readDataYaml } from '../../../../src/inputs/labelled/detect/data-yaml.ts';
import { rejection } from '../../../support/errors.ts';
import { MemoryFiles } from '../../../support/files.ts';

const read = (text: string) => readDataYaml('data.yaml', new MemoryFiles({ 'data.yaml': text }));

describe('names in data.yaml', () => {
  it('are a list or a map that counts from 0, in any order, with words that look like others', async () => {
    for (const text of [
      'names: [cat, "dog, small"]',
      'names:\r\n- cat\r\n- dog, small\r\n',
      '\uFEFFnames:\n  1: dog, small\n  0: cat\n',
      'nc: 2\nnames: {0: cat, 1: "dog, small"} # two\n',
    ]) {
      expect((await read(text)).names, text).to.deep.equal(['cat', 'dog, small']);
    }
    expect((await read('names: [yes, no, on, 7]')).names).to.deep.equal(['yes', 'no', 'on', '7']);
    expect((await read('train: images')).names).to.equal(undefined);
    expect((await read('names:\ntrain: images')).names).to.equal(undefined);
  });

  it('are refused by line for a gap, a name twice, another count, or what is no name', async () => {
    const at = async (text: string) => {
      const { file, message } = await rejection(read(text));
      return `${file}: ${message}`;
    };
    const neither = 'names is neither a list, nor a map that counts from 0';
    expect(await at('nc: 2\nnames:\n  0: a\n  2: b\n')).to.equal(`data.yaml:3: ${neither}`);
    expect(await at('names: {1: a, 2: b}')).to.equal(`data.yaml:1: ${neither}`);
    expect(await at('names: cats')).to.equal(`data.yaml:1: ${neither}`);
    expect(await at('names: [a, null]')).to.equal(`data.yaml:1: ${neither}`);
    expect(await at('names: [a, [b]]')).to.equal(`data.yaml:1: ${neither}`);
    expect(await at('train: x\nnames: [a, b, a]')).to.equal('data.yaml:2: names has "a" twice');
    expect(await at('names: [a, b]\nnc: 3\n')).to.equal('data.yaml:2: nc is 3, and names lists 2');
    expect(await at('- a\n- b\n')).to.equal('data.yaml: it holds no keys');
    expect(await at('')).to.equal('data.yaml: it holds no keys');
    expect(await at('names: [a\ntrain: b\n')).to.match(/^data.yaml:\d: it is not YAML/);
  });
});

describe('findDataYaml', () => {
  it('takes the file of the name, or else the only one in the folder that names classes', () => {
    const find = (files: Readonly<Record<string, string>>) => {
      const named = Object.keys(files).map((name) => ({ path: name, name }));
      return findDataYaml(named, new MemoryFiles(files))?.name;
    };
    expect(find({ 'a.yaml': 'names: [a]', 'Data.YML': 'x: 1' })).to.equal('Data.YML');
    expect(find({ 'a.yaml': '\uFEFFnames : [a]', 'b.yml': 'nicknames: [a]' })).to.equal('a.yaml');
    expect(find({ 'a.yaml': 'x: 1\r\nnames:\r\n- a', 'b.yml': 'names: [a]' })).to.equal(undefined);
    expect(find({ 'sub/data.yaml': 'names: [a]' })).to.equal(undefined);
  });
});
