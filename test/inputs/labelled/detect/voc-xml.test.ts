import { expect } from 'chai';
import { readVoc } from '../../../../src/inputs/labelled/detect/voc-xml.ts';
import { rejection } from '../../../support/errors.ts';

const object = (name: string, more = '') =>
  `<object><name>${name}</name>${more}<bndbox><xmin>1.5</xmin><ymin>2</ymin><xmax>30</xmax><ymax>40</ymax></bndbox></object>`;
const file = (inside: string, head = '<?xml version="1.0"?>') =>
  `${head}\n<annotation>\n<filename>a.jpg</filename>\n<size><width>50</width><height>60</height></size>\n${inside}\n</annotation>\n`;
const read = (text: string | Uint8Array) => readVoc(typeof text === 'string' ? Buffer.from(text) : text, 'a.xml');

describe('an XML file of Pascal VOC', () => {
  it('has a picture with its size, and boxes with their lines', async () => {
    const { image, boxes } = await read(file(`${object('cat')}\n${object('dog')}`));
    expect(image).to.deep.equal({ place: 'a.xml', name: 'a.jpg', width: 50, height: 60 });
    const box = { left: 1.5, top: 2, right: 30, bottom: 40 };
    expect(boxes).to.deep.equal([
      { place: 'a.xml:5', image, category: 'cat', box },
      { place: 'a.xml:6', image, category: 'dog', box },
    ]);
  });

  it('is read in the encoding that it has', async () => {
    const names = async (bytes: Uint8Array) => (await read(bytes)).boxes.map(({ category }) => category);
    const latin = file(object('Fußgänger'), '<?xml version="1.0" encoding="ISO-8859-1"?>');
    expect(await names(Buffer.from(latin, 'latin1'))).to.deep.equal(['Fußgänger']);
    const wide = Buffer.from(
      `\uFEFF${file(object('Fußgänger'), '<?xml version="1.0" encoding="utf-16"?>')}`,
      'utf16le',
    );
    expect(await names(wide)).to.deep.equal(['Fußgänger']);
    expect(await names(Buffer.from(wide).swap16())).to.deep.equal(['Fußgänger']);
    expect(await names(Buffer.from(file(object('Fußgänger')), 'latin1')), 'undeclared').to.deep.equal(['Fußgänger']);
  });

  it('may have names in CDATA and entities, comments, and no sizes', async () => {
    const { boxes } = await read(file(object('<![CDATA[R&D <x>]]>') + object(' a &lt;b&gt;<!-- c --> ')));
    expect(boxes.map(({ category }) => category)).to.deep.equal(['R&D <x>', 'a <b>']);
    const { image } = await read('<annotation><size><width>0</width><height></height></size></annotation>');
    expect(image).to.deep.equal({ place: 'a.xml', name: '', width: undefined, height: undefined });
  });

  it('keeps the box of an object apart from those of its parts, and leaves difficult ones out', async () => {
    const part =
      '<part><name>head</name><bndbox><xmin>7</xmin><ymin>7</ymin><xmax>8</xmax><ymax>8</ymax></bndbox></part>';
    const hard = '<difficult>1</difficult>';
    const flat = object('flat', hard).replace('30', '1');
    const { boxes, leftOut } = await read(file(object('cat', part) + object('far', hard) + flat));
    expect(boxes.map(({ category, box }) => [category, box.right])).to.deep.equal([['cat', 30]]);
    expect(leftOut.map(({ category, box, isCrowd }) => [category, box.right, isCrowd])).to.deep.equal([
      ['far', 30, false],
    ]);
  });

  it('is refused by what is wrong, and where', async () => {
    for (const [text, place, message] of [
      [file('<object>'), 'a.xml:6', /^it is not XML: Unexpected close tag/],
      [file(object('')), 'a.xml:5', /^the object has no name$/],
      [file('\n<object><name>a</name><polygon/></object>'), 'a.xml:6', /^the object has no xmin$/],
      [file(object('a').replace('30', 'wide')), 'a.xml:5', /^its xmax is not a number: "wide"$/],
      [file(object('a').replace('30', '1')), 'a.xml:5', /^its box has no area: x from 1.5 to 1, y from 2 to 40$/],
      ['<annotations></annotations>', 'a.xml', /^it is the XML of CVAT$/],
      ['<html></html>', 'a.xml', /^it begins with <html>, and Pascal VOC with <annotation>$/],
    ] as const) {
      const error = await rejection(read(text));
      expect(error, text).to.include({ code: 'invalid-data', file: place });
      expect(error.message, text).to.match(message);
    }
  });
});
