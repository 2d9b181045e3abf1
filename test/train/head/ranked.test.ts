/** Detectors without NonMaxSuppression: rows are chosen for all of their classes, laid side by side, and ranked once more. */
import { expect } from 'chai';
import { type AttributeValue, makeNode } from '../../../src/onnx/attributes.ts';
import type { NodeProto } from '../../../src/onnx/schema.ts';
import type { Place } from '../../../src/train/head/place.ts';
import { chosenRows, ranked, tested } from '../../../src/train/head/ranked.ts';
import type { Known } from '../../../src/train/head/rule.ts';

const ROWS = 5;
const CLASSES = 4;
const MORE = 3;
/** [1, rows, classes]. */
const PLACE: Place = { axis: 2, size: CLASSES, block: CLASSES, at: 0, count: CLASSES };
/** The same laid side by side, [1, rows · classes]. */
const FLAT: Place = { axis: 1, size: ROWS * CLASSES, block: CLASSES, at: 0, count: CLASSES };

function knownOf(
  dims: Readonly<Record<string, readonly number[]>>,
  ints: Readonly<Record<string, readonly number[]>>,
  nodes: readonly NodeProto[],
): Known {
  return {
    dimsOf: (value) => dims[value],
    intsOf: (value) => ints[value],
    isStored: (value) => value in ints,
    makerOf: (value) => nodes.find(({ output }) => output.includes(value)),
    readersOf: (value) => nodes.filter(({ input }) => input.includes(value)),
  };
}

/** GatherElements of the best rows by indices that `maker` repeats for each class. */
function chosen(maker: 'Tile' | 'Expand' | 'Mul', { axis = 1, stored = true, inner = 1 } = {}) {
  const repeat = makeNode(maker, ['row', 'times'], ['rows'], 'repeat');
  const gather = makeNode('GatherElements', ['x', 'rows'], ['y'], 'gather', { axis });
  const dims = { x: [1, ROWS, CLASSES], row: [1, 2, inner], rows: [1, 2, CLASSES] };
  const known = knownOf(dims, stored ? { times: [1, 1, CLASSES] } : {}, [repeat, gather]);
  const passed = chosenRows(gather, new Map([['x', PLACE]]), MORE, known);
  return {
    places: [...passed.places],
    rewrites: passed.rewrites.map(({ node, input, values, was }) => [node.name, input, values, was]),
    blocked: passed.blocked,
  };
}

/** TopK of the flat scores, and what its positions are divided by. */
function best(
  attributes: Readonly<Record<string, AttributeValue>>,
  place: Place,
  by: Readonly<Record<string, readonly number[]>>,
) {
  const topK = makeNode('TopK', ['x', 'k'], ['values', 'positions'], 'best', attributes);
  const nodes = [
    topK,
    makeNode('Unsqueeze', ['positions', 'axes'], ['positions_1'], 'laid out'),
    makeNode('Div', ['positions_1', 'count'], ['row'], 'row'),
    makeNode('Mod', ['positions', 'classes'], ['class'], 'class'),
    makeNode('Add', ['positions', 'one'], ['next'], 'next'),
  ];
  const passed = ranked(topK, new Map([['x', place]]), MORE, knownOf({ x: [1, place.size] }, by, nodes));
  return {
    places: [...passed.places],
    rewrites: passed.rewrites.map(({ node, values }) => [node.name, values] as const).sort(),
    blocked: passed.blocked,
  };
}

describe('train/head/ranked: rows that are chosen', () => {
  it('are repeated once for each class, also for those that are new', () => {
    for (const maker of ['Tile', 'Expand'] as const) {
      expect(chosen(maker)).to.deep.equal({
        places: [['y', PLACE]],
        rewrites: [['repeat', 1, [1, 1, CLASSES + MORE], [1, 1, CLASSES]]],
        blocked: undefined,
      });
    }
  });

  it('are told by the sizes of one run if the repeats are put together in it', () => {
    expect(chosen('Expand', { stored: false }).rewrites).to.deep.equal([
      ['repeat', 1, [1, 2, CLASSES + MORE], [1, 2, CLASSES]],
    ]);
  });

  it('can’t be followed if single classes are chosen, or the indices are not repeated', () => {
    expect(chosen('Tile', { axis: 2 }).blocked).to.equal('it chooses classes by computed numbers');
    expect(chosen('Mul').blocked).to.equal('its indices are not repeated for each class');
    expect(chosen('Tile', { inner: CLASSES }).blocked).to.equal('its indices are not repeated for each class');
  });
});

describe('train/head/ranked: the best of an axis', () => {
  const divisors = { count: [CLASSES], classes: [CLASSES], one: [1] };

  it('ends classes that it ranks among themselves, and passes them along another axis', () => {
    const whole: Place = { axis: 1, size: CLASSES, block: CLASSES, at: 0, count: CLASSES };
    expect(best({ axis: -1 }, whole, divisors)).to.deep.equal({ places: [], rewrites: [], blocked: undefined });
    expect(best({ axis: 0 }, whole, divisors).places).to.deep.equal([
      ['values', whole],
      ['positions', whole],
    ]);
  });

  it('stands for a row and a class, so that both are divided by the new number, through changes of layout', () => {
    const found = best({}, FLAT, divisors);
    expect(found).to.deep.equal({
      places: [],
      rewrites: [
        ['class', [CLASSES + MORE]],
        ['row', [CLASSES + MORE]],
      ],
      blocked: undefined,
    });
    // Each position of the new list is decoded to the row and class that it was made of.
    const [first] = found.rewrites;
    const count = first?.[1][0] ?? 0;
    for (const [row, label] of [
      [0, 0],
      [3, 6],
      [4, 1],
    ] as const) {
      const position = row * (CLASSES + MORE) + label;
      expect([Math.floor(position / count), position % count]).to.deep.equal([row, label]);
    }
  });

  it('can’t be followed if it is not divided by the number of classes, or there are other numbers between', () => {
    const blocked = 'a position in it stands for a row and a class, and is not divided by their number';
    expect(best({}, FLAT, { ...divisors, count: [CLASSES + 1] }).blocked).to.equal(blocked);
    expect(best({}, FLAT, { ...divisors, classes: [CLASSES, 2] }).blocked).to.equal(blocked);
    expect(best({}, { ...FLAT, at: 1, count: CLASSES - 1 }, divisors).blocked).to.equal(blocked);
  });
});

/** Scores that pass a threshold, by GatherND, and what the positions of NonZero are divided by. */
function passing(place: Place, by: Readonly<Record<string, readonly number[]>>, test = 'NonZero') {
  const gather = makeNode('GatherND', ['x', 'where_1'], ['y'], 'gather');
  const nodes = [
    makeNode(test, ['passed'], ['where'], 'find'),
    makeNode('Transpose', ['where'], ['where_1'], 'laid out'),
    gather,
    makeNode('NonZero', ['passed'], ['again'], 'find again'),
    makeNode('Squeeze', ['again', 'axes'], ['positions'], 'one axis'),
    makeNode('TopK', ['y', 'k'], ['best', 'which'], 'best'),
    makeNode('Gather', ['positions', 'which'], ['chosen'], 'chosen'),
    makeNode('Div', ['chosen', 'count'], ['row'], 'row'),
    makeNode('Mod', ['chosen', 'classes'], ['class'], 'class'),
    // The number of classes is no position.
    makeNode('Div', ['other', 'chosen'], ['share'], 'share'),
  ];
  const passed = tested(gather, new Map([['x', place]]), MORE, knownOf({ x: [place.size] }, by, nodes));
  return {
    places: [...passed.places],
    rewrites: passed.rewrites.map(({ node, values }) => [node.name, values] as const).sort(),
    blocked: passed.blocked,
  };
}

describe('train/head/ranked: scores that pass a threshold', () => {
  const flat: Place = { ...FLAT, axis: 0 };
  const divisors = { count: [CLASSES], classes: [CLASSES] };

  it('have positions that are divided by the new number, also behind a ranking', () => {
    expect(passing(flat, divisors)).to.deep.equal({
      places: [],
      rewrites: [
        ['class', [CLASSES + MORE]],
        ['row', [CLASSES + MORE]],
      ],
      blocked: undefined,
    });
  });

  it('can’t be followed if nothing divides them, or something else chooses', () => {
    expect(passing(flat, { count: [CLASSES] }).blocked).to.match(/is not divided by their number$/);
    expect(passing(flat, divisors, 'Identity').blocked).to.equal('it chooses classes by computed numbers');
    const whole: Place = { axis: 0, size: CLASSES, block: CLASSES, at: 0, count: CLASSES };
    expect(passing(whole, divisors).blocked).to.equal('it chooses classes by computed numbers');
  });
});
