import { expect } from 'chai';
import { GnSwapError } from '../../../../src/errors.ts';
import { readCoco } from '../../../../src/inputs/labelled/detect/coco-json.ts';

const read = (content: unknown) => readCoco(new TextEncoder().encode(JSON.stringify(content)), 'd/a.json');

const WHOLE = {
  images: [{ id: 7, file_name: 'a.png', width: 40, height: 0 }],
  categories: [
    { id: 5, name: 'dog' },
    { id: 2, name: 'cat' },
  ],
  annotations: [
    { image_id: 7, category_id: 5, bbox: [1, 2, 3, 4] },
    { image_id: 7, category_id: 2, bbox: [0, 0, 9, 9], iscrowd: 1 },
  ],
};

function refusal(content: unknown): GnSwapError {
  try {
    read(content);
  } catch (error) {
    if (error instanceof GnSwapError) return error;
    throw error;
  }
  throw new Error('it was read');
}

describe('inputs/labelled/detect/coco-json', () => {
  it('reads pictures, categories in the order of their ids, and boxes without crowds', () => {
    const { images, categories, boxes, leftOut } = read(WHOLE);
    // A size that is not positive is as good as none.
    expect(images).to.deep.equal([{ place: 'd/a.json: images[0]', name: 'a.png', width: 40, height: undefined }]);
    expect(categories).to.deep.equal(['cat', 'dog']);
    expect(boxes).to.have.length(1);
    expect(boxes[0]).to.include({ place: 'd/a.json: annotations[0]', image: images[0], category: 'dog' });
    // Nothing is judged in them.
    const box = { left: 0, top: 0, right: 9, bottom: 9 };
    expect(leftOut).to.deep.equal([
      { place: 'd/a.json: crowd 0', image: images[0], category: 'cat', box, isCrowd: true },
    ]);
  });

  it('skips a crowd that can’t be placed', () => {
    for (const wrong of [{ bbox: [0, 0, 0, 9] }, { bbox: undefined }, { image_id: 8 }, { category_id: 9 }]) {
      const crowd = { ...WHOLE.annotations[1], ...wrong };
      const { boxes, leftOut } = read({ ...WHOLE, annotations: [WHOLE.annotations[0], crowd] });
      expect([boxes.length, leftOut.length]).to.deep.equal([1, 0]);
    }
  });

  it('leaves out boxes that are 0 wide or high, also around polygons, and tells which; negative ones are refused', () => {
    const own = { image_id: 7, category_id: 5 };
    const line = { ...own, segmentation: [[1, 2, 4, 2, 3, 2]] };
    const annotations = [{ ...own, bbox: [1, 2, 3, 0] }, WHOLE.annotations[0], { ...own, bbox: [1, 2, 0, 3] }, line];
    const { boxes, flat } = read({ ...WHOLE, annotations });
    expect(boxes.map(({ place }) => place)).to.deep.equal(['d/a.json: annotations[1]']);
    expect(flat).to.deep.equal([0, 2, 3]);
    expect(read(WHOLE).flat).to.deep.equal([]);
    const error = refusal({ ...WHOLE, annotations: [{ ...own, bbox: [1, 2, 3, -1] }] });
    expect(error.message).to.equal('its box has no area: it is 3 wide and -1 high');
  });

  it('takes the box around polygons where there is no other', () => {
    const [own] = read(WHOLE).boxes;
    const annotations = [
      {
        image_id: 7,
        category_id: 5,
        segmentation: [
          [1, 2, 4, 2, 4, 6],
          [2, 3, 2, 4, 3, 4],
        ],
      },
    ];
    expect(read({ ...WHOLE, annotations }).boxes[0]?.box).to.deep.equal(own?.box);
  });

  const wrong: readonly [title: string, content: unknown, file: string, problem: string][] = [
    [
      'a list in place of an object',
      [WHOLE],
      'd/a.json',
      'it is not an object with images, annotations and categories',
    ],
    ['a file without annotations', { ...WHOLE, annotations: undefined }, 'd/a.json', 'it has no list annotations'],
    ['pictures that are no objects', { ...WHOLE, images: ['a.png'] }, 'd/a.json', 'it has no list images'],
    [
      'a picture without a name',
      { ...WHOLE, images: [{ id: 7 }] },
      'd/a.json: images[0]',
      'the picture has no file_name',
    ],
    [
      'a category without a name',
      { ...WHOLE, categories: [WHOLE.categories[0], { id: 2, name: '' }] },
      'd/a.json: categories[1]',
      'the category has no name',
    ],
  ];
  for (const [title, content, file, problem] of wrong) {
    it(`refuses ${title}, and says where`, () => {
      const error = refusal(content);
      expect([error.code, error.file]).to.deep.equal(['invalid-data', file]);
      expect(error.message).to.include(problem);
      expect(error.remedy).to.be.a('string');
    });
  }

  it('names the line that is not JSON', () => {
    expect(() => readCoco(new TextEncoder().encode('{\n"images": [}\n'), 'd/a.json')).to.throw(
      GnSwapError,
      'it is not JSON',
    );
  });
});
