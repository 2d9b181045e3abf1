import { expect } from 'chai';
import { rejection } from '../../../support/errors.ts';
import { plainPng } from '../../../support/files.ts';
import { boxesOf, type Files, openFiles, pictureModel } from '../../../support/labelled.ts';

const PICTURE = await plainPng('#f00', 100);

const open = (content: unknown, files: Files, name = 'annotations.json') =>
  openFiles(
    { ...files, [`d/${name}`]: typeof content === 'string' ? content : JSON.stringify(content) },
    { task: 'detect' },
    { model: pictureModel(['N', 3, 100, 100]) },
  );

const image = (id: unknown, file_name: string) => ({ id, file_name, width: 100, height: 100 });
const drawn = (image_id: unknown, left: number, category_id: unknown = 1) => ({
  image_id,
  category_id,
  bbox: [left, 45, 10, 10],
});
const categories = [{ id: 1, name: 'cat' }];

describe('annotations of COCO', () => {
  it('refuse pictures or categories of one id: files that were put together number them alike', async () => {
    const files = { 'd/a.jpg': PICTURE, 'd/b.jpg': PICTURE };
    const images = [image(1, 'a.jpg'), image(1, 'b.jpg')];
    const error = await rejection(open({ images, categories, annotations: [drawn(1, 10)] }, files));
    expect(error).to.include({ code: 'invalid-data', file: 'd/annotations.json: images[1]' });
    expect(error.message).to.equal('its id, 1, is that of images[0], too');
    const twice = {
      images: [image(1, 'a.jpg')],
      categories: [...categories, { id: 2, name: 'dog' }, { id: 1, name: 'bird' }],
      annotations: [drawn(1, 10)],
    };
    const other = await rejection(open(twice, files));
    expect(other).to.include({ code: 'invalid-data', file: 'd/annotations.json: categories[2]' });
    expect(other.message).to.equal('its id, 1, is that of categories[0], too');
  });

  it('make one sample of a picture that is listed twice, with the boxes of both', async () => {
    const files = { 'd/a.jpg': PICTURE, 'd/b.jpg': PICTURE };
    const same = { images: [image(1, 'a.jpg'), image(1, 'a.jpg')], categories, annotations: [drawn(1, 10)] };
    expect(await boxesOf(await open(same, files)), 'of one id').to.deep.equal({ 'a.jpg': ['0 10 45 20 55'] });
    const apart = {
      images: [image(1, 'a.jpg'), image(2, 'a.jpg'), image(3, 'b.jpg')],
      categories,
      annotations: [drawn(2, 30), drawn(1, 10)],
    };
    const data = await open(apart, files);
    expect(data.names).to.deep.equal(['a.jpg', 'b.jpg']);
    expect(await boxesOf(data), 'of two').to.deep.equal({ 'a.jpg': ['0 30 45 40 55', '0 10 45 20 55'], 'b.jpg': [] });
  });

  it('refuse pictures of two folders that only one file can be', async () => {
    const images = [image(1, 'x/a.jpg'), image(2, 'y/a.jpg')];
    const content = { images, categories, annotations: [drawn(1, 10), drawn(2, 30)] };
    const error = await rejection(open(content, { 'd/images/a.jpg': PICTURE }));
    expect(error).to.include({ code: 'invalid-data', file: 'd/annotations.json: images[1]' });
    expect(error.message).to.equal('"x/a.jpg" and "y/a.jpg" both would be images/a.jpg');
    const data = await open(content, { 'd/x/a.jpg': PICTURE, 'd/y/a.jpg': PICTURE });
    expect(await boxesOf(data)).to.deep.equal({ 'x/a.jpg': ['0 10 45 20 55'], 'y/a.jpg': ['0 30 45 40 55'] });
  });

  it('find pictures by paths of Windows, from ./, with accents of macOS, in images/, or by their last name', async () => {
    const images = [
      image(1, 'sub\\a 1.jpg'),
      image(2, './b.jpg'),
      image(3, 'u\u0308.jpg'),
      image(4, '/home/me/set/c.JPG'),
    ];
    const content = { images, categories, annotations: [1, 2, 3, 4].map((id) => drawn(id, 10 * id)) };
    const data = await open(`\uFEFF${JSON.stringify(content, undefined, 2).replaceAll('\n', '\r\n')}`, {
      'd/images/sub/a 1.jpg': PICTURE,
      'd/b.jpg': PICTURE,
      'd/\u00FC.jpg': PICTURE,
      'd/deep/er/c.JPG': PICTURE,
    });
    expect(await boxesOf(data)).to.deep.equal({
      'images/sub/a 1.jpg': ['0 10 45 20 55'],
      'b.jpg': ['0 20 45 30 55'],
      '\u00FC.jpg': ['0 30 45 40 55'],
      'deep/er/c.JPG': ['0 40 45 50 55'],
    });
  });

  it('cut a box at the edges of its picture, and refuse one that is beside it', async () => {
    const files = { 'd/a.jpg': PICTURE };
    const content = (bbox: readonly number[]) => ({
      images: [image(1, 'a.jpg')],
      categories,
      annotations: [{ image_id: 1, category_id: 1, bbox }],
    });
    expect(await boxesOf(await open(content([-2, 95, 12, 10]), files))).to.deep.equal({ 'a.jpg': ['0 0 95 10 100'] });
    for (const bbox of [
      [-12, 10, 12, 10],
      [100, 10, 12, 10],
      [10, -10, 10, 10],
      [10, 100, 10, 10],
    ]) {
      const error = await rejection(open(content(bbox), files));
      expect(error.file, bbox.join()).to.equal('d/annotations.json: annotations[0]');
      expect(error.message).to.equal('the box lies outside its picture, which is 100×100');
    }
  });
});
