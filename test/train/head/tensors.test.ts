import { expect } from 'chai';
import fc from 'fast-check';
import { Random } from '../../../src/inputs/random.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import { memoryHome } from '../../../src/onnx/model.ts';
import { makeTensor, valuesOf } from '../../../src/onnx/tensor.ts';
import { classValues, withColumns } from '../../../src/train/head/tensors.ts';

const EXTERNAL = memoryHome().open;

type Nested = number | readonly Nested[];

/** Nested lists, one for each axis. */
function nested(dims: readonly number[], values: readonly number[]): Nested {
  const [first, ...rest] = dims;
  if (first === undefined) return values[0] as number;
  const size = values.length / first;
  return Array.from({ length: first }, (_, at) => nested(rest, values.slice(at * size, (at + 1) * size)));
}

/** What stands along an axis, replaced by what a function makes of its list. */
function along(tensor: Nested, axis: number, change: (list: readonly Nested[]) => readonly Nested[]): Nested {
  const list = tensor as readonly Nested[];
  return axis === 0 ? change(list) : list.map((it) => along(it, axis - 1, change));
}

const flat = (tensor: Nested): number[] => (typeof tensor === 'number' ? [tensor] : tensor.flatMap(flat));
const filled = (like: Nested, value: number): Nested =>
  typeof like === 'number' ? value : like.map((it) => filled(it, value));

describe('train/head/tensors', () => {
  it('moves the columns of classes as nested lists do, block by block, along any axis', () => {
    const shapes = fc.record({
      front: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }),
      back: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }),
      blocks: fc.integer({ min: 1, max: 3 }),
      before: fc.integer({ min: 0, max: 2 }),
      count: fc.integer({ min: 1, max: 3 }),
      behind: fc.integer({ min: 0, max: 2 }),
      columns: fc.array(fc.option(fc.integer({ min: 0, max: 2 }), { nil: undefined }), { minLength: 1, maxLength: 4 }),
    });
    fc.assert(
      fc.property(shapes, ({ front, back, blocks, before, count, behind, columns: all }) => {
        const columns = all.map((it) => (it === undefined ? undefined : it % count));
        const block = before + count + behind;
        const dims = [...front, blocks * block, ...back];
        const axis = front.length;
        const values = Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, index) => index + 1);
        const place = { axis, size: blocks * block, block, at: before, count };
        const tensor = makeTensor('w', DataType.FLOAT, dims, values);
        const made = withColumns(tensor, place, columns, { kind: 'value', value: -7 }, EXTERNAL, 'new');
        const expected = along(nested(dims, values), axis, (list) =>
          Array.from({ length: blocks }, (_, b) => list.slice(b * block, (b + 1) * block)).flatMap((own) => [
            ...own.slice(0, before),
            ...columns.map((it) => (it === undefined ? filled(own[0] as Nested, -7) : (own[before + it] as Nested))),
            ...own.slice(before + count),
          ]),
        );
        expect(Array.from(valuesOf(made, EXTERNAL))).to.deep.equal(flat(expected));
        const width = blocks * (before + columns.length + behind);
        expect(made.dims.map(Number)).to.deep.equal([...front, width, ...back]);
        expect(made.name).to.equal('new');
        if (front.length + back.length > 0) return;
        const own = classValues(tensor, place, EXTERNAL);
        const wanted = values.filter((_, index) => index % block >= before && index % block < before + count);
        expect(own).to.deep.equal(wanted);
      }),
      { seed: 4, numRuns: 300 },
    );
  });

  it('draws numbers of new classes alone, small ones, the same for the same seed, and keeps the type', () => {
    const place = { axis: 0, size: 2, block: 2, at: 0, count: 2 };
    const tensor = makeTensor('w', DataType.FLOAT16, [2, 400], new Float64Array(800).fill(0.5));
    const make = (seed: number) =>
      withColumns(tensor, place, [1, undefined], { kind: 'noise', random: new Random(seed) }, EXTERNAL);
    const values = Array.from(valuesOf(make(1), EXTERNAL));
    expect(make(1).dataType).to.equal(DataType.FLOAT16);
    expect(values.slice(0, 400).every((it) => it === 0.5)).to.equal(true);
    const noise = values.slice(400);
    const deviation = Math.sqrt(noise.reduce((sum, it) => sum + it * it, 0) / 400);
    // Four standard errors of a deviation of 0.01 over 400 numbers.
    expect(deviation).to.be.closeTo(0.01, (4 * 0.01) / Math.sqrt(800));
    expect(Array.from(valuesOf(make(1), EXTERNAL))).to.deep.equal(values);
    expect(Array.from(valuesOf(make(2), EXTERNAL))).to.not.deep.equal(values);
  });
});
