import { expect } from 'chai';
import { rejection } from '../../../support/errors.ts';
import { plainPng } from '../../../support/files.ts';
import { boxesOf, type Files, openFiles, pictureModel } from '../../../support/labelled.ts';

const PICTURE = await plainPng('#f00', 100);
const open = (files: Files) => openFiles(files, { task: 'detect' }, { model: pictureModel(['N', 3, 100, 100]) });

const xml = (left: number, named: string) =>
  `<annotation><filename>${named}</filename><object><name>cat</name><bndbox><xmin>${left}</xmin><ymin>45</ymin>` +
  `<xmax>${left + 10}</xmax><ymax>55</ymax></bndbox></object></annotation>`;

describe('pictures of Pascal VOC', () => {
  it('are those that their files name, if two have the name of the file', async () => {
    for (const [named, expected] of [
      ['a.jpg', 'a.jpg'],
      ['C:\\set\\a.png', 'a.png'],
      ['', 'a.png'],
    ] as const) {
      const data = await open({ 'd/a.jpg': PICTURE, 'd/a.png': PICTURE, 'd/a.xml': xml(10, named) });
      expect(await boxesOf(data), named).to.deep.equal({ [expected]: ['0 10 45 20 55'] });
    }
  });

  it('are the ones of their own name before the one that is written: files are renamed, and what is in them is not', async () => {
    const data = await open({
      'd/JPEGImages/a.jpg': PICTURE,
      'd/JPEGImages/b.jpg': PICTURE,
      'd/Annotations/a.xml': xml(10, 'b.jpg'),
      'd/Annotations/b.XML': xml(20, 'b.jpg'),
    });
    expect(await boxesOf(data)).to.deep.equal({
      'JPEGImages/a.jpg': ['0 10 45 20 55'],
      'JPEGImages/b.jpg': ['0 20 45 30 55'],
    });
  });

  it('have one file each: a copy of it is refused', async () => {
    const error = await rejection(
      open({ 'd/a.jpg': PICTURE, 'd/a.xml': xml(10, 'a.jpg'), 'd/b.xml': xml(30, 'a.jpg') }),
    );
    expect(error).to.include({ code: 'invalid-data', file: 'd/b.xml' });
    expect(error.message).to.equal('its picture, a.jpg, is that of a.xml, too');
  });
});
