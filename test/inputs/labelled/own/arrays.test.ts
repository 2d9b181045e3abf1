import { expect } from 'chai';
import { type Dims, Net } from '../../../../fixtures/build.ts';
import { writeNpz } from '../../../../src/inputs/write-npz.ts';
import { DataType } from '../../../../src/onnx/data-type.ts';
import type { Value } from '../../../../src/runtime/session.ts';
import { rejection } from '../../../support/errors.ts';
import { openFiles, targetsOf } from '../../../support/labelled.ts';

function asks(inputs: Readonly<Record<string, readonly [Dims, DataType?]>>) {
  const net = new Net();
  for (const [name, [dims, type]] of Object.entries(inputs)) net.input(name, dims, type);
  return net.model();
}

const array = (dims: readonly number[], ...numbers: readonly number[]): Value => ({
  type: DataType.DOUBLE,
  dims,
  data: Float64Array.from(numbers),
});
const x = (count: number) => array([count, 3, 2, 2], ...Array.from({ length: 12 * count }, (_, at) => at));
type Arrays = Readonly<Record<string, Value>>;
const open = (arrays: Arrays, targets = asks({ wanted: [['N', 2]] })) =>
  openFiles({ 'd/a.npz': writeNpz(new Map(Object.entries(arrays))) }, { task: 'own', targets });

async function given(arrays: Arrays, targets = asks({ wanted: [['N', 2]] })) {
  return Object.values(await targetsOf(await open(arrays, targets))).map((it) =>
    it.kind === 'values'
      ? Object.fromEntries(
          Object.entries(it.values).map(([name, { dims, data }]) => [
            name,
            `${dims.join('x')}: ${Array.from(data, Number).join(' ')}`,
          ]),
        )
      : {},
  );
}

const refusal = async (arrays: Arrays, targets = asks({ wanted: [['N', 2]] })) => {
  const { file, node, message } = await rejection(open(arrays, targets));
  return `${file}${node === undefined ? '' : ` ${node}`}: ${message}`;
};

describe('arrays for a loss of one’s own', () => {
  it('are those of its inputs for each sample, by their names or behind target/', async () => {
    const wanted = array([2, 2], 1, 2, 3, 4);
    const expected = [{ wanted: '1x2: 1 2' }, { wanted: '1x2: 3 4' }];
    expect(await given({ x: x(2), wanted })).to.deep.equal(expected);
    expect(await given({ x: x(2), 'target/wanted': wanted })).to.deep.equal(expected);
    expect(
      await given({
        x: x(2),
        'target/wanted': wanted,
        wanted: array([2, 2], 9, 9, 9, 9),
        other: array([5], 1, 2, 3, 4, 5),
      }),
    ).to.deep.equal(expected);
  });

  it('may be one number for each sample, of whole numbers', async () => {
    const targets = asks({ label: [['N'], DataType.INT64] });
    const label: Value = { type: DataType.INT32, dims: [2], data: Int32Array.of(4, 7) };
    expect(await given({ x: x(2), label }, targets)).to.deep.equal([{ label: '1: 4' }, { label: '1: 7' }]);
    expect(await refusal({ x: x(2), label: array([2], 1, 2) }, targets)).to.match(
      /its type is float64; the model takes int64$/,
    );
  });

  it('come with inputs in the type of the model', async () => {
    const data = await open({ x: x(2), wanted: array([2, 2], 1, 2, 3, 4) });
    expect((await data.load(0)).inputs.x?.type).to.equal(DataType.FLOAT);
  });

  it('are refused by file where they are missing, of another count or shape', async () => {
    expect(await refusal({ x: x(2) })).to.match(/^d\/a\.npz: it has no array "target\/wanted"/);
    expect(await refusal({ x: x(2), wanted: array([3, 2], 1, 2, 3, 4, 5, 6) })).to.match(/^d\/a\.npz wanted: /);
    expect(await refusal({ x: x(2), wanted: array([2, 3], 1, 2, 3, 4, 5, 6) })).to.equal(
      'd/a.npz wanted: its shape is [1, 3]; the model takes [?, 2]',
    );
    const classes = await rejection(
      openFiles(
        {
          'd/a.npz': writeNpz(
            new Map([
              ['x', x(1)],
              ['wanted', array([1, 2], 1, 2)],
            ]),
          ),
        },
        { task: 'own', targets: asks({ wanted: [['N', 2]] }), classes: ['a'] },
      ),
    );
    expect(classes).to.include({ code: 'invalid-arguments', node: '--classes' });
  });
});
