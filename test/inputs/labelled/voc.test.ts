import { expect } from 'chai';
import type { LabelledOptions } from '../../../src/inputs/labelled/options.ts';
import { rejection } from '../../support/errors.ts';
import { plainPng } from '../../support/files.ts';
import { boxesOf, type Files, openFiles, pictureModel } from '../../support/labelled.ts';

function open(files: Files, options: Partial<LabelledOptions> = {}) {
  return openFiles(files, { task: 'detect', ...options }, { path: 'd', model: pictureModel(['N', 3, 100, 100]) });
}

const object = (name: string, [xmin, ymin, xmax, ymax]: readonly (number | string)[], more = '') => `
  <object>
    <name>${name}</name>
    <pose>Unspecified</pose>
    <truncated>0</truncated>
    ${more}
    <bndbox>
      <xmin>${xmin}</xmin><ymin>${ymin}</ymin>
      <xmax>${xmax}</xmax><ymax>${ymax}</ymax>
    </bndbox>
  </object>`;
const annotation = (objects: string, { file = 'a.png', width = 200, height = 100 } = {}) => `<?xml version="1.0"?>
<annotation verified="yes">
  <folder>pictures</folder>
  <filename>${file}</filename>
  <size><width>${width}</width><height>${height}</height><depth>3</depth></size>${objects}
</annotation>
`;

const DOG = object('dog', [80, 30, 120, 70]);
// A part of an object has a name and a box of its own.
const CAT = object(
  'cat &amp; kitten',
  [190, -10, 210, 20],
  '<part><name>head</name><bndbox><xmin>1</xmin><ymin>2</ymin><xmax>3</xmax><ymax>4</ymax></bndbox></part>',
);

describe('Pascal VOC’s annotations', () => {
  let wide: Buffer;
  before(async () => {
    wide = await plainPng('#f00', 200, 100);
  });

  it('are those of pictures, not of masks of the same names', async () => {
    const b = annotation(DOG, { file: 'b.png' });
    for (const [images, masks, xmls] of [
      ['JPEGImages', 'SegmentationClass', 'Annotations'],
      ['images', 'annotations/trimaps', 'annotations/xmls'],
    ] as const) {
      const files = { [`d/${masks}/a.png`]: wide, [`d/${masks}/b.png`]: wide, [`d/${images}/a.png`]: wide };
      const data = await open({ ...files, [`d/${images}/b.png`]: wide, [`d/${xmls}/b.xml`]: b });
      expect(data.names).to.deep.equal([`${images}/b.png`]);
      expect(data.skipped).to.deep.equal([{ file: `${images}/a.png`, reason: 'it has no XML file' }]);
    }
  });

  it('have boxes in pixels, parts, difficult objects and pictures without any, wherever the files are', async () => {
    const hard = object('dog', [0, 0, 9, 9], '<difficult>1</difficult>');
    const a = annotation(DOG + CAT + hard);
    const b = annotation('', { file: 'b.png' });
    for (const files of [
      { 'd/a.png': wide, 'd/a.xml': a, 'd/b.png': wide, 'd/b.xml': b },
      { 'd/JPEGImages/a.png': wide, 'd/Annotations/a.xml': a, 'd/JPEGImages/b.png': wide, 'd/Annotations/b.xml': b },
      { 'd/images/a.png': wide, 'd/annotations/a.xml': a, 'd/images/b.png': wide, 'd/annotations/b.xml': b },
      { 'd/train/a.png': wide, 'd/train/a.xml': a, 'd/train/b.png': wide, 'd/train/b.xml': b, 'd/valid/c.png': wide },
      // By the name that the file gives.
      { 'd/p/a.png': wide, 'd/x/1.xml': a, 'd/p/b.png': wide, 'd/x/2.xml': b },
    ] as Files[]) {
      const data = await open(files);
      expect(data.classes).to.deep.equal(['cat & kitten', 'dog']);
      expect(data.skipped).to.deep.equal([]);
      const found = Object.entries(await boxesOf(data)).map(([name, boxes]) => [name.replace(/^.*\//, ''), boxes]);
      expect(Object.fromEntries(found), Object.keys(files).join()).to.deep.equal({
        'a.png': ['1 40 30 60 70', '0 95 0 100 20'],
        'b.png': [],
      });
    }
  });

  it('are read beside the text files of an export: lists of names and of pictures', async () => {
    for (const files of [
      {
        'd/JPEGImages/a.png': wide,
        'd/Annotations/a.xml': annotation(DOG),
        'd/labelmap.txt': '# label:color_rgb:parts:actions\ndog:1,2,3::\n',
        'd/ImageSets/Main/default.txt': 'a\n',
      },
      { 'd/a.png': wide, 'd/a.xml': annotation(DOG), 'd/predefined_classes.txt': 'cat\n' },
    ] as Files[]) {
      const data = await open(files, { heldOut: true });
      expect(Object.values(await boxesOf(data))).to.deep.equal([['0 40 30 60 70']]);
      expect(data.skipped).to.deep.equal([]);
    }
  });

  it('leave out pictures without an XML file, and XML files without their picture', async () => {
    const data = await open({
      'd/a.png': wide,
      'd/a.xml': annotation(DOG),
      'd/b.png': wide,
      'd/c.xml': annotation(DOG, { file: 'c.png' }),
    });
    expect(data.names).to.deep.equal(['a.png']);
    expect(data.skipped.map(({ file, reason }) => `${file}: ${reason}`)).to.deep.equal([
      'c.xml: its picture is not there',
      'b.png: it has no XML file',
    ]);
  });

  it('may not know the size of the picture', async () => {
    const data = await open({ 'd/a.png': wide, 'd/a.xml': annotation(DOG, { width: 0, height: 0 }) });
    expect(await boxesOf(data)).to.deep.equal({ 'a.png': ['0 40 30 60 70'] });
  });

  for (const [what, xml, says] of [
    [
      'text that is not XML',
      '<annotation>\n<object>\n</annotation>',
      /^d\/a\.xml:3: it is not XML: Unexpected close tag/,
    ],
    [
      'the XML of CVAT',
      '<annotations><image/></annotations>',
      /^d\/a\.xml: it is the XML of CVAT\. Export the annotations as COCO/,
    ],
    ['other XML', '<svg/>', /^d\/a\.xml: it begins with <svg>, and Pascal VOC with <annotation>/],
    ['an object without a name', annotation(object('', [1, 2, 3, 4])), /^d\/a\.xml:6: the object has no name/],
    [
      'an edge that is no number',
      annotation(object('cat', [1, 'left', 3, 4])),
      /^d\/a\.xml:6: its ymin is not a number: "left"/,
    ],
    ['an edge that is missing', annotation(object('cat', [1, 2, 3, ''])), /^d\/a\.xml:6: the object has no ymax/],
    [
      'a box without an area',
      annotation(object('cat', [5, 2, 5, 4])),
      /^d\/a\.xml:6: its box has no area: x from 5 to 5, y from 2 to 4/,
    ],
    [
      'a box beside its picture',
      annotation(object('cat', [201, 2, 230, 4])),
      /^d\/a\.xml:6: the box lies outside its picture, which is 200×100/,
    ],
    [
      'a picture of another size',
      annotation(DOG, { width: 640, height: 480 }),
      /^d\/a\.xml: it says that a\.png is 640×480, and it is 200×100/,
    ],
    ['no boxes', annotation(''), /^d: it has 1 picture with an XML file, and no boxes/],
  ] as const) {
    it(`refuse ${what}, by file and line`, async () => {
      const error = await rejection(open({ 'd/a.png': wide, 'd/a.xml': xml }));
      expect(error.code).to.equal('invalid-data');
      expect(error.describe()).to.match(says);
    });
  }
});
