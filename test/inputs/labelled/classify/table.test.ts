import { expect } from 'chai';
import type { LabelledOptions } from '../../../../src/inputs/labelled/options.ts';
import { rejection } from '../../../support/errors.ts';
import { plainPng } from '../../../support/files.ts';
import { type Files, openFiles, targetsOf } from '../../../support/labelled.ts';

const RED = await plainPng('#f00');
const BLUE = await plainPng('#00f');
const PICTURES: Files = { 'd/1.png': RED, 'd/2.png': BLUE, 'd/images/Ä 3.PNG': RED };

const open = (table: string | Uint8Array, options: Partial<LabelledOptions> = {}, more: Files = {}) =>
  openFiles({ ...PICTURES, 'd/labels.csv': table, ...more }, { task: 'classify', ...options });

async function labels(table: string | Uint8Array, options: Partial<LabelledOptions> = {}, more: Files = {}) {
  const data = await open(table, options, more);
  const targets = Object.entries(await targetsOf(data));
  return {
    classes: data.classes?.join(),
    ...Object.fromEntries(targets.map(([name, it]) => [name, it.kind === 'class' ? it.label : it.kind])),
  };
}

async function refusal(table: string, options: Partial<LabelledOptions> = {}, more: Files = {}): Promise<string> {
  const { file, message } = await rejection(open(table, options, more));
  return `${file?.replace(/^d\/(labels.csv)?:?/, '')}: ${message}`;
}

const utf16 = (text: string) => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]);

describe('classes of pictures in a table', () => {
  it('are the same however the table is written', async () => {
    const expected = { classes: 'cat,größe', '1.png': 0, '2.png': 1, 'images/Ä 3.PNG': 1 };
    for (const table of [
      'file,label\n1.png,cat\n2.png,größe\nÄ 3.PNG,größe\n',
      '\uFEFFfile,label\r\n1.png,cat\r\n2.png,größe\r\nÄ 3.PNG,größe\r\n\r\n',
      'file;label\n"1.png";"cat"\n2.png ; größe\n A\u0308 3.PNG;größe',
      'label\tfile\ncat\t.\\1.png\ngröße\t./2.png\ngröße\timages\\Ä 3.PNG\n',
      '1.png,cat\n2.png,größe\nÄ 3.PNG,größe\n',
      'id,Class_Name,split\n1,cat,a\n2,größe,b\nÄ 3,größe,a\n',
      utf16('file,label\r\n1.png,cat\r\n2.png,größe\r\nÄ 3.PNG,größe\r\n'),
    ])
      expect(await labels(table), `${table}`).to.deep.equal(expected);
  });

  it('are found where Kaggle puts them: ids without endings, pictures in train/ or a folder beside', async () => {
    const table = {
      'd/train.csv': 'id,label\n0001,cat\n0002,dog\n',
      'd/sample_submission.csv': 'id,label\n0003,cat\n',
    };
    for (const folder of ['train', 'train_images', 'data/jpeg']) {
      const pictures = { [`d/${folder}/0001.jpg`]: RED, [`d/${folder}/0002.jpg`]: BLUE };
      const files = { ...table, ...pictures, 'd/test/0003.jpg': RED };
      const data = await openFiles(files, { task: 'classify' });
      expect(data.names, folder).to.deep.equal([`${folder}/0001.jpg`, `${folder}/0002.jpg`]);
      expect(data.classes).to.deep.equal(['cat', 'dog']);
    }
  });

  it('are found beside the pictures of a lone train/, as Hugging Face has them', async () => {
    const pictures = { 'd/train/1.png': RED, 'd/train/2.png': BLUE };
    for (const table of [
      { 'd/train/metadata.csv': 'file_name,label\n1.png,cat\n2.png,dog\n' },
      { 'd/train/metadata.jsonl': '{"file_name": "1.png", "label": "cat"}\n{"file_name": "2.png", "label": "dog"}\n' },
    ]) {
      const data = await openFiles({ ...pictures, ...table, 'd/README.md': '' }, { task: 'classify' });
      expect([data.names, data.classes]).to.deep.equal([
        ['train/1.png', 'train/2.png'],
        ['cat', 'dog'],
      ]);
    }
  });

  it('may be a column of 0 and 1 each', async () => {
    const table = 'filename, wet , dry,odd\n1.png,1,0,0\n2.png, 0,1.0 ,0\nÄ 3.PNG,1,0,0\n';
    expect(await labels(table)).to.deep.equal({ classes: 'wet,dry,odd', '1.png': 0, '2.png': 1, 'images/Ä 3.PNG': 0 });
    const model = { modelClasses: ['odd', 'dry', 'wet'] };
    expect(await labels(table, model)).to.deep.include({ classes: 'odd,dry,wet', '1.png': 2, '2.png': 1 });
    expect(await labels(table, { classes: ['dry', 'wet'] })).to.deep.include({ classes: 'dry,wet', '1.png': 1 });
    expect(await refusal('file,a,b\n1.png,1,1\n2.png,0,1\n')).to.equal(
      '2: the picture has 2 classes (a, b), and a model of classes tells one',
    );
    expect(await refusal('file,a,b\n1.png,1,0\n2.png,0,0\n')).to.equal(
      '3: the picture has none of the classes, and a model of classes tells one',
    );
    expect((await rejection(open('file,a,b\n1.png,1,1\n2.png,0,1\n'))).next).to.deep.equal({
      set: { task: 'regress', loss: 'bce' },
    });
    for (const odd of [
      'file,a,b\n1.png,1,\n2.png,0,1\n',
      'file,a,b\n1.png,2,0\n2.png,0,1\n',
      'file,a,a\n1.png,1,0\n2.png,0,1\n',
    ])
      expect(await refusal(odd), odd).to.equal('1: it has 3 columns, and none is named label');
  });

  it('are refused if a picture has two; a row that comes twice is one class', async () => {
    expect(await refusal('file,label\n1.png,cat\n2.png,dog\n./1.png,dog\n')).to.equal(
      '4: 1.png is "dog" here, and "cat" in line 2',
    );
    expect(await labels('file,label\n1.png,cat\n2.png,dog\n1.png,cat\n')).to.include({ '1.png': 0, '2.png': 1 });
  });

  it('are not those of boxes', async () => {
    for (const header of [
      'filename,width,height,class,xmin,ymin,xmax,ymax',
      'ImageID,A,B,LabelName,XMin,XMax,YMin,YMax',
    ]) {
      const row = (file: string, name: string) => `${file},64,48,${name},1,1,20,20\n`;
      expect(await refusal(`${header}\n${row('1.png', 'cat')}${row('2.png', 'dog')}`)).to.match(
        /^1: it is a table of boxes: it has a column (xmin|XMin)$/,
      );
    }
    expect(await refusal('image_id,width,label,bbox\n1,64,a,"[1, 2, 3, 4]"\n')).to.match(
      /boxes: it has a column bbox$/,
    );
  });

  it('are refused where they are missing or name no class', async () => {
    expect(await refusal('file,label\n1.png,\n')).to.equal('2: the label is empty');
    expect(await refusal('file,label\n1.png,cat\n2.png,bird\n', { classes: ['cat', 'dog'] })).to.equal(
      '3: "bird" is not one of the classes (cat, dog)',
    );
    expect(await refusal('file,label\n1.png,123456789012\n2.png,0\n')).to.match(/more than 1000000$/);
    expect(await refusal('file,label\n1.png,1e3\n2.png,0\n')).to.equal('2: the class 1e3 is not a whole number from 0');
    expect(await refusal('file,label\n1.png,cat\n9.png,dog\n')).to.equal('3: the file "9.png" is not there');
  });
});
