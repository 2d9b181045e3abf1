import { expect } from 'chai';
import { maps } from '../../../../src/measure/boxes/roles/maps.ts';
import { contextOf, float, layouts } from '../../../support/roles.ts';

/** Scores and boxes at two sizes. */
const levels = (scores: number, boxes: number) =>
  [8, 4].flatMap((size) => [float(`score${size}`, 1, scores, size, size), float(`box${size}`, 1, boxes, size, size)]);
const made = (ending: string) => ({ score8: ending, score4: ending, box8: 'linear', box4: 'linear' });

describe('measure/boxes/roles/maps', () => {
  it('takes maps behind a Sigmoid for the classes of each anchor', () => {
    // Two anchors, three classes.
    const roles = maps(levels(6, 8), contextOf({ made: made('sigmoid') }), false);
    expect(roles?.scores).to.deep.equal(
      [8, 4].map((size) => ({ output: `score${size}`, layout: 'maps', from: 0, to: 3, each: 3 })),
    );
    expect(roles?.boxes.map(layouts)).to.deep.equal([
      ['box8', 'maps', 0, 4],
      ['box4', 'maps', 0, 4],
    ]);
    expect(roles).to.include({ why: 'maps of scores and of boxes at 2 sizes', format: 'anchors' });
  });

  it('takes a Softmax over two for is and is not, one for each anchor', () => {
    const context = contextOf({ made: made('softmax'), softmaxClasses: { score8: 2, score4: 2 } });
    const roles = maps([...levels(4, 8), float('landmark', 1, 20, 8, 8)], context, false);
    expect(roles?.scores.map(layouts)).to.deep.equal([
      ['score8', 'halves', 0, 1],
      ['score4', 'halves', 0, 1],
    ]);
    expect(roles?.beside).to.deep.equal(['landmark']);
  });

  it('takes none if one size lacks its boxes, or they are of another number of anchors', () => {
    const context = contextOf({ made: made('sigmoid') });
    expect(maps(levels(6, 8).slice(0, 3), context, false)).to.equal(undefined);
    expect(maps(levels(5, 8), context, false)).to.equal(undefined);
    const binary = contextOf({ made: made('softmax'), softmaxClasses: { score8: 2, score4: 2 } });
    expect(maps(levels(4, 12), binary, false)).to.equal(undefined);
    expect(maps(levels(6, 8).slice(0, 2), context, false), 'one size').to.equal(undefined);
  });
});
