import { expect } from 'chai';
import { rejection } from '../../../support/errors.ts';
import { plainPng } from '../../../support/files.ts';
import { boxesOf, type Files, openFiles, pictureModel } from '../../../support/labelled.ts';

const PICTURE = await plainPng('#f00', 100);
const open = (files: Files) => openFiles(files, { task: 'detect' }, { model: pictureModel(['N', 3, 100, 100]) });
const xml = ([left, top, right, bottom]: readonly number[], size = '', name = 'cat') =>
  `<annotation>${size}<object><name>${name}</name><bndbox><xmin>${left}</xmin><ymin>${top}</ymin><xmax>${right}</xmax><ymax>${bottom}</ymax></bndbox></object></annotation>`;
const sized = (width: number, height: number) => `<size><width>${width}</width><height>${height}</height></size>`;
const INSIDE = [10, 20, 30, 40];

describe('annotated pictures', () => {
  it('must have the size that their boxes were drawn on, as far as that is told', async () => {
    for (const size of ['', sized(100, 100), sized(0, 0), '<size><width>100</width></size>'])
      expect(await boxesOf(await open({ 'd/a.png': PICTURE, 'd/a.xml': xml(INSIDE, size) })), size).to.deep.equal({
        'a.png': ['0 10 20 30 40'],
      });
    const error = await rejection(open({ 'd/a.png': PICTURE, 'd/a.xml': xml(INSIDE, sized(200, 100)) }));
    expect(error.message).to.equal('it says that a.png is 200×100, and it is 100×100');
  });

  it('have no box that lies beside them; one that reaches in is clipped', async () => {
    for (const box of [
      [100, 0, 120, 50],
      [0, 100, 50, 120],
      [-9, 0, 0, 50],
      [0, -9, 50, 0],
    ]) {
      const error = await rejection(open({ 'd/a.png': PICTURE, 'd/a.xml': xml(box) }));
      expect(error.message, `${box}`).to.equal('the box lies outside its picture, which is 100×100');
    }
    const data = await open({ 'd/a.png': PICTURE, 'd/a.xml': xml([-10, 90, 20, 110]) });
    expect(await boxesOf(data)).to.deep.equal({ 'a.png': ['0 0 90 20 100'] });
  });

  it('that are damaged are left out by name, whatever is drawn on them', async () => {
    const files = {
      'd/a.png': PICTURE,
      'd/a.xml': xml(INSIDE),
      'd/b.png': PICTURE.subarray(0, 40),
      'd/b.xml': xml([-9, -9, 0, 0]),
    };
    const data = await open(files);
    expect(data.names).to.deep.equal(['a.png']);
    expect(data.skipped.map(({ file }) => file)).to.deep.equal(['b.png']);
  });
});
