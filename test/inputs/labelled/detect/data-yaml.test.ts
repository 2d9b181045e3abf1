import { expect } from 'chai';
import { findDataYaml, readDataYaml } from '../../../../src/inputs/labelled/detect/data-yaml.ts';
import { rejection } from '../../../support/errors.ts';
import { MemoryFiles, plainPng } from '../../../support/files.ts';
import { boxesOf, openFiles, pictureModel } from '../../../support/labelled.ts';

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

describe('kpt_shape in data.yaml', () => {
  it('says how many key points a pose has, and how many numbers each', async () => {
    const shape = async (text: string) => (await read(`names: [a]\n${text}`)).keyPoints;
    expect(await shape('kpt_shape: [17, 3]')).to.deep.equal({ count: 17, numbers: 3 });
    expect(await shape('kpt_shape:\n- 4\n- 2\n')).to.deep.equal({ count: 4, numbers: 2 });
    expect(await shape('')).to.equal(undefined);
    for (const wrong of ['17', '[17]', '[17, 4]', '[0, 3]', '[1.5, 2]', '[17, 3, 1]', 'many']) {
      const error = await rejection(shape(`kpt_shape: ${wrong}`));
      expect(error, wrong).to.include({ code: 'invalid-data', file: 'data.yaml:2' });
      expect(error.message).to.equal('kpt_shape is not a number of key points, and 2 or 3 for each');
    }
  });

  it('makes lines of labels boxes, not corners', async () => {
    const data = await openFiles(
      {
        'd/images/a.png': await plainPng('#f00', 100),
        'd/labels/a.txt': '0 0.5 0.5 0.2 0.4 0.45 0.35 0.55 0.65\n',
        'd/data.yaml': 'names: [person]\nkpt_shape: [2, 2]\n',
      },
      { task: 'detect' },
      { model: pictureModel(['N', 3, 100, 100]) },
    );
    expect(await boxesOf(data)).to.deep.equal({ 'images/a.png': ['0 40 30 60 70'] });
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
