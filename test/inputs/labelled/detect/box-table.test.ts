import { expect } from 'chai';
import type { LabelledOptions } from '../../../../src/inputs/labelled/options.ts';
import { rejection } from '../../../support/errors.ts';
import { plainPng } from '../../../support/files.ts';
import { boxesOf, type Files, openFiles, pictureModel, targetsOf } from '../../../support/labelled.ts';

const PICTURE = await plainPng('#f00', 100);
const PICTURES: Files = { 'd/images/a.png': PICTURE, 'd/images/b.png': PICTURE };
const model = pictureModel(['N', 3, 100, 100]);
const open = (table: string, options: Partial<LabelledOptions> = {}, files = PICTURES, path = 'd') =>
  openFiles({ ...files, 'd/train.csv': table }, { task: 'detect', ...options }, { model, path });

async function refusal(table: string, options: Partial<LabelledOptions> = {}): Promise<string> {
  const { file, message } = await rejection(open(table, options));
  return `${file?.replace('d/train.csv', '')}: ${message}`;
}

describe('boxes in a table', () => {
  it('are the same in every spelling', async () => {
    const expected = { 'images/a.png': ['0 10 20 30 60', '1 5 5 10 10'], 'images/b.png': ['1 0 0 100 50'] };
    for (const table of [
      // Roboflow's for TensorFlow.
      'filename,width,height,class,xmin,ymin,xmax,ymax\na.png,100,100,cat,10,20,30,60\na.png,100,100,dog,5,5,10,10\nb.png,100,100,dog,0,0,100,50\n',
      '\uFEFFImage ID;X_Min;Y_Min;X_Max;Y_Max;Label\r\na;10;20;30;60;cat\r\na;5;5;10;10;dog\r\nb;0;0;100;50;dog\r\n',
      'path,x1,y1,x2,y2,class_name\na.png,10.0,20.0,30.0,6e1,cat\n./a.png,5,5,10,10,dog\nimages\\b.png,0,0,100,50,dog\n',
      // Kaggle's.
      'image_id,width,height,bbox,label\na,100,100,"[10.0, 20.0, 20.0, 40.0]",cat\na,100,100,"[5,5,5,5]",dog\nb,100,100,(0 0 100 50),dog\n',
      'file,left,top,width,height,name\na.png,10,20,20,40,cat\na.png,5,5,5,5,dog\nb.png,0,0,100,50,dog\n',
      // OpenImages'.
      'ImageID,Source,LabelName,XMin,XMax,YMin,YMax\na,x,cat,0.1,0.3,0.2,0.6\na,x,dog,0.05,0.1,0.05,0.1\nb,x,dog,0,1,0,0.5\n',
    ]) {
      const data = await open(table);
      expect(await boxesOf(data), table).to.deep.equal(expected);
      expect(data.classes).to.deep.equal(['cat', 'dog']);
    }
  });

  it('may be of no class, of groups, or none', async () => {
    const table = 'image,xmin,ymin,xmax,ymax,IsGroupOf\na.png,10,20,30,60,0\na.png,40,40,90,90,1\nb.png,,,,,\n';
    const data = await open(table);
    expect(data.classes).to.deep.equal(['object']);
    expect(await boxesOf(data)).to.deep.equal({ 'images/a.png': ['0 10 20 30 60'], 'images/b.png': [] });
    const { 'images/a.png': a } = await targetsOf(data);
    expect(a?.kind === 'boxes' && a.leftOut?.map(({ left, isCrowd }) => [left, isCrowd])).to.deep.equal([[40, true]]);
  });

  it('leave out pictures that no row names, and say so', async () => {
    const data = await open('file,class,xmin,ymin,xmax,ymax\na.png,cat,1,1,9,9\n');
    expect(data.names).to.deep.equal(['images/a.png']);
    expect(data.skipped).to.deep.equal([{ file: 'images/b.png', reason: 'no row names it' }]);
  });

  it('are read if the table is given, and not if there are other labels and it is not', async () => {
    const files = { ...PICTURES, 'd/labels/a.txt': '0 0.5 0.5 0.2 0.2\n' };
    const table = 'file,class,xmin,ymin,xmax,ymax\na.png,cat,1,1,9,9\n';
    expect(await boxesOf(await open(table, {}, files))).to.deep.include({ 'images/a.png': ['0 40 40 60 60'] });
    expect(await boxesOf(await open(table, {}, files, 'd/train.csv'))).to.deep.equal({ 'images/a.png': ['0 1 1 9 9'] });
  });

  it('are refused by their line', async () => {
    const row = (text: string) => `file,class,xmin,ymin,xmax,ymax\na.png,cat,1,1,9,9\n${text}\n`;
    expect(await refusal(row('b.png,cat,1,1,,9'))).to.equal(':3: its box is not four numbers: 1, 1, , 9');
    expect(await refusal(row('b.png,cat,1,1,9,x'))).to.equal(':3: its box is not four numbers: 1, 1, 9, x');
    expect(await refusal(row('b.png,cat,9,1,1,9'))).to.equal(':3: its box has no area: x from 9 to 1, y from 1 to 9');
    expect(await refusal(row('b.png,cat,100,1,120,9'))).to.equal(
      ':3: the box lies outside its picture, which is 100×100',
    );
    expect(await refusal(row('b.png,,1,1,9,9'))).to.equal(':3: the label is empty');
    expect(await refusal(row('c.png,cat,1,1,9,9'))).to.equal(':3: the file "c.png" is not there');
    expect(await refusal('file,class,bbox\na.png,cat,"[1, 2, 3]"\n')).to.equal(
      ':2: its box is not four numbers: 1, 2, 3',
    );
    expect(await refusal('file,class,xmin,ymin\na.png,cat,1,2\n')).to.match(/^:1: it has no columns xmin, ymin, xmax/);
    expect(await refusal('file,label\na.png,cat\n')).to.match(/^:1: it has no columns xmin, ymin, xmax/);
    expect(await refusal('file,class,xmin,ymin,xmax,ymax\na.png,cat,,,,\n')).to.equal(': it has 1 row and no boxes');
    expect(await refusal('file,width,height,class,xmin,ymin,xmax,ymax\na.png,64,48,cat,1,1,9,9\n')).to.match(
      /says that images\/a.png is 64×48, and it is 100×100/,
    );
  });
});
