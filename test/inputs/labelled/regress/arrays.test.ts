import { expect } from 'chai';
import { Net } from '../../../../fixtures/build.ts';
import { writeNpz } from '../../../../src/inputs/write-npz.ts';
import { DataType } from '../../../../src/onnx/data-type.ts';
import type { Value } from '../../../../src/runtime/session.ts';
import { rejection } from '../../../support/errors.ts';
import { openFiles, targetsOf } from '../../../support/labelled.ts';

/** A model with outputs `age` [N, 1] and `pose` [N, 3]; of the second nothing is known if `isOpen`. */
function model(names: readonly string[] = ['age', 'pose'], isOpen = false) {
  const net = new Net();
  const x = net.input('x', ['N', 3, 2, 2]);
  if (names.includes('age')) net.output(net.node('Neg', [x], {}, { outputs: ['age'] }), ['N', 1]);
  if (names.includes('pose'))
    net.output(net.node('Abs', [x], {}, { outputs: ['pose'] }), isOpen ? undefined : ['N', 3]);
  return net.model();
}

const doubles = (dims: readonly number[], ...numbers: readonly number[]): Value => ({
  type: DataType.DOUBLE,
  dims,
  data: Float64Array.from(numbers),
});
const x = (count: number): Value => doubles([count, 3, 2, 2], ...Array.from({ length: 12 * count }, (_, at) => at / 8));

const open = (arrays: Readonly<Record<string, Value>>, of = model()) =>
  openFiles({ 'd/a b.npz': writeNpz(new Map(Object.entries(arrays))) }, { task: 'regress' }, { model: of });

async function given(arrays: Readonly<Record<string, Value>>, of = model()) {
  return Object.values(await targetsOf(await open(arrays, of))).map((it) =>
    it.kind === 'values'
      ? Object.fromEntries(
          Object.entries(it.values).map(([name, { dims, data }]) => [
            name,
            `${dims.join('x')}: ${[...(data as Float32Array)].join(' ')}`,
          ]),
        )
      : {},
  );
}

async function refusal(arrays: Readonly<Record<string, Value>>, of = model()): Promise<string> {
  const { file, node, message } = await rejection(open(arrays, of));
  return `${file}${node === undefined ? '' : ` ${node}`}: ${message}`;
}

describe('numbers in arrays', () => {
  it('are those of each output, one row for each sample, in the types of NumPy', async () => {
    const pose = { type: DataType.INT64, dims: [2, 3], data: BigInt64Array.of(1n, 2n, 3n, -4n, 5n, 6n) } as const;
    expect(await given({ x: x(2), 'target/age': doubles([2], 0.5, 7), 'target/pose': pose })).to.deep.equal([
      { age: '1x1: 0.5', pose: '1x3: 1 2 3' },
      { age: '1x1: 7', pose: '1x3: -4 5 6' },
    ]);
    expect(await given({ x: x(2), 'target/pose': pose })).to.deep.equal([
      { pose: '1x3: 1 2 3' },
      { pose: '1x3: -4 5 6' },
    ]);
    expect(await given({ x: x(1), target: doubles([1, 1], 3) }, model(['age']))).to.deep.equal([{ age: '1x1: 3' }]);
    expect(
      await given({ x: x(1), 'target/pose': doubles([1, 2, 2], 1, 2, 3, 4) }, model(['pose'], true)),
    ).to.deep.equal([{ pose: '1x4: 1 2 3 4' }]);
  });

  it('come with inputs in the type that the model takes: NumPy makes float64 of what is not told otherwise', async () => {
    const data = await open({ x: x(2), 'target/age': doubles([2], 0.5, 7) });
    const { inputs } = await data.load(1);
    expect(inputs.x?.type).to.equal(DataType.FLOAT);
    expect(Array.from((inputs.x as Value).data, Number)).to.deep.equal(
      Array.from({ length: 12 }, (_, at) => (12 + at) / 8),
    );
  });

  it('are refused where they are missing, too many, or no numbers of float32', async () => {
    expect(await refusal({ x: x(2), target: doubles([2], 1, 2) })).to.equal(
      'd/a b.npz: it has no array "target/age" or "target/pose"',
    );
    expect(await refusal({ x: x(2), 'target/pose': doubles([2], 1, 2) })).to.equal(
      'd/a b.npz target/pose: it has 1 number a sample, and output "pose" has 3',
    );
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, 1e39])
      expect(await refusal({ x: x(2), 'target/age': doubles([2], 1, bad) }), `${bad}`).to.equal(
        `d/a b.npz target/age, sample 1: ${bad} is not a number that can be learnt`,
      );
    expect(await refusal({ x: x(3), 'target/age': doubles([2], 1, 2) })).to.match(/target\/age/);
    expect(await refusal({ x: { ...x(0) }, 'target/age': doubles([0]) })).to.match(
      /its only file cannot be read; a b.npz: its arrays are empty$/,
    );
  });
});
