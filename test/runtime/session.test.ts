import { expect } from 'chai';
import { Net, valueInfo } from '../../fixtures/build.ts';
import { fixtureNamed } from '../../fixtures/index.ts';
import { GnSwapError } from '../../src/errors.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { type Model, memoryHome, writeModel } from '../../src/onnx/model.ts';
import { create } from '../../src/onnx/schema.ts';
import { DEVICES, type Device } from '../../src/runtime/device.ts';
import { encodeHalf } from '../../src/runtime/half.ts';
import {
  allFinite,
  lacksKernel,
  numbersIn,
  numbersOf,
  openSession,
  runtimeFailure,
  type Value,
  withSession,
} from '../../src/runtime/session.ts';
import { rejection, thrown } from '../support/errors.ts';
import { useScratch } from '../support/scratch.ts';
import { inSession, runModel, valueNamed } from '../support/session.ts';

const { FLOAT, DOUBLE, FLOAT16, BFLOAT16, INT8, UINT8, INT16, UINT16, INT32, UINT32, INT64, UINT64, BOOL, STRING } =
  DataType;

const VALUES: readonly Value[] = [
  { type: FLOAT, dims: [2], data: Float32Array.of(1.5, -2) },
  { type: DOUBLE, dims: [2], data: Float64Array.of(1.5, -2) },
  { type: FLOAT16, dims: [2], data: encodeHalf([1.5, -2]) },
  { type: INT8, dims: [2], data: Int8Array.of(1, -2) },
  { type: UINT8, dims: [2], data: Uint8Array.of(1, 200) },
  { type: INT16, dims: [2], data: Int16Array.of(1, -2) },
  { type: UINT16, dims: [2], data: Uint16Array.of(1, 60_000) },
  { type: INT32, dims: [2], data: Int32Array.of(1, -2) },
  { type: UINT32, dims: [2], data: Uint32Array.of(1, 4e9) },
  { type: INT64, dims: [2], data: BigInt64Array.of(1n, -2n) },
  { type: UINT64, dims: [2], data: BigUint64Array.of(1n, 2n ** 60n) },
  { type: BOOL, dims: [2], data: Uint8Array.of(1, 0) },
  { type: STRING, dims: [2], data: ['a', 'b'] },
];

function identity(type: DataType) {
  const net = new Net({ type });
  return net.output(net.node('Identity', [net.input('x', [2])]), [2]).model();
}

describe('openSession', () => {
  const scratch = useScratch();

  it('answers the same whether threads wait awake, for a moment, or asleep', async () => {
    const model = fixtureNamed('opset-17').build();
    const data = Float32Array.from({ length: 2 * 3 * 8 * 8 }, (_, index) => Math.sin(index));
    const dims = model.proto.graph.input[0]?.type?.tensorType?.shape?.dim.map(({ dimValue }) => Number(dimValue ?? 2));
    const x = {
      type: FLOAT,
      dims: dims ?? [],
      data: data.subarray(
        0,
        dims?.reduce((a, b) => a * b, 1),
      ),
    };
    const answers = await Promise.all(
      ([true, false, 'briefly'] as const).map((spin) =>
        withSession(model, (session) => session.run({ [session.inputs[0] ?? '']: x }), { spin }),
      ),
    );
    for (const it of answers) expect(it).to.deep.equal(answers[0]);
  });

  for (const value of VALUES) {
    it(`passes values of type ${value.type} in and out unchanged`, async () => {
      const out = await inSession(identity(value.type), (session) => session.run({ x: value }));
      const back = valueNamed(out, 'Identity_0_out');
      expect([back.type, back.dims]).to.deep.equal([value.type, [2]]);
      expect(numbersOf(back)).to.deep.equal(numbersOf(value));
      if (value.type === STRING) expect([...Object.values(back.data)]).to.deep.equal(['a', 'b']);
    });
  }

  it('loads a path as well as bytes, and knows the names of inputs and outputs', async () => {
    for (const model of [scratch().fixture('rank-4'), writeModel(fixtureNamed('rank-4').build())]) {
      const session = await openSession(model);
      expect([session.inputs, session.outputs]).to.deep.equal([['x'], ['Relu_2_out']]);
      await session.close();
    }
  });

  it('fetches only what is asked for', async () => {
    const net = new Net();
    const x = net.input('x', [1]);
    net.output(net.node('Neg', [x], {}, { outputs: ['a'] })).output(net.node('Abs', [x], {}, { outputs: ['b'] }));
    const feeds = { x: { type: FLOAT, dims: [1], data: Float32Array.of(2) } };
    const values = await inSession(net.model(), (session) => session.run(feeds, ['b']));
    expect(Object.keys(values)).to.deep.equal(['b']);
  });

  it('says in the runtime’s own words, in one line, why it does not load or run', async () => {
    const bytes = await rejection(openSession(new Uint8Array([1, 2, 3])));
    const missing = await rejection(openSession(scratch().path('missing.onnx')));
    const wrong = { x: { type: FLOAT, dims: [3], data: Float32Array.of(1, 2, 3) } };
    const run = await rejection(inSession(identity(FLOAT), (session) => session.run(wrong)));
    expect([bytes, missing, run].map(({ code }) => code)).to.deep.equal(Array(3).fill('runtime-failed'));
    expect(bytes.message).to.match(/^ONNX Runtime does not load the model: .+$/);
    expect(missing.message).to.match(/missing\.onnx/);
    expect(run.message).to.match(/^ONNX Runtime does not run the model: .*(dimensions|dims)/);
  });

  it('refuses inputs of types that the runtime’s interface has no name for', async () => {
    const x = { type: BFLOAT16, dims: [2], data: Uint16Array.of(1, 2) };
    const error = await rejection(inSession(identity(FLOAT), (session) => session.run({ x })));
    expect([error.code, error.message]).to.deep.equal([
      'runtime-failed',
      'ONNX Runtime for Node takes no inputs of type bfloat16',
    ]);
  });
});

describe('a model that answers with a list beside a tensor', () => {
  it('is run for its tensors', async () => {
    const net = new Net();
    const y = net.relu(net.input('x', [2]));
    const elemType = valueInfo('', DataType.FLOAT, [2]).type;
    const type = create('TypeProto', { sequenceType: create('SequenceType', { elemType }) });
    net.outputs.push(create('ValueInfoProto', { name: net.node('SequenceConstruct', [y, y]), type }));
    const x = { type: DataType.FLOAT, dims: [2], data: Float32Array.of(-1, 2) };
    const answers = await runModel(net.output(y, [2]).model(), { x });
    expect(Object.keys(answers)).to.deep.equal([y]);
    expect(Array.from(numbersOf(valueNamed(answers, y)) ?? [])).to.deep.equal([0, 2]);
  });
});

describe('withSession', () => {
  it('frees the session and the file, whatever happens', async () => {
    const freed: string[] = [];
    const bytes = writeModel(identity(FLOAT));
    const model = (file: Uint8Array, name: string): Model => {
      const load = async () => ({ file, release: async () => void freed.push(name) });
      return { ...identity(FLOAT), home: { ...memoryHome(), load } };
    };
    expect(await withSession(model(bytes, 'file'), async ({ inputs }) => inputs)).to.deep.equal(['x']);
    const failing = withSession(model(bytes, 'file'), () => Promise.reject(new GnSwapError('refused', 'no')));
    expect((await rejection(failing)).code).to.equal('refused');
    const broken = withSession(model(new Uint8Array(9), 'broken'), async () => 0);
    expect((await rejection(broken)).code).to.equal('runtime-failed');
    expect(freed).to.deep.equal(['file', 'file', 'broken']);
  });
});

describe('lacksKernel', () => {
  it('tells a missing kernel from a wrong model', async () => {
    const missing = await rejection(openSession(writeModel(fixtureNamed('type-mixed-wide').build())));
    expect(lacksKernel(missing), missing.message).to.equal(true);
    const wrong = await rejection(openSession(writeModel(fixtureNamed('domain-foreign').build())));
    expect(lacksKernel(wrong), wrong.message).to.equal(false);
    expect(lacksKernel(new Error(missing.message))).to.equal(false);
    expect(lacksKernel(undefined)).to.equal(false);
  });
});

describe('runtimeFailure', () => {
  it('is the runtime’s refusal as a value, and passes on everything else', () => {
    const refusal = new GnSwapError('runtime-failed', 'no');
    expect(runtimeFailure(refusal)).to.equal(refusal);
    const other = new GnSwapError('invalid-data', 'no');
    expect(thrown(() => runtimeFailure(other))).to.equal(other);
    expect(() => runtimeFailure(new TypeError('a bug'))).to.throw(TypeError, 'a bug');
  });
});

describe('numbersIn', () => {
  it('is empty for strings, and for a value that was not given', () => {
    expect(numbersIn({ type: DataType.STRING, dims: [1], data: ['a'] })).to.deep.equal([]);
    expect(numbersIn(undefined)).to.deep.equal([]);
    expect(Array.from(numbersIn({ type: FLOAT16, dims: [1], data: encodeHalf([1.5]) }))).to.deep.equal([1.5]);
  });
});

describe('numbersOf', () => {
  it('reads 16-bit floats from their bits, and integers of 64 bits rounded', () => {
    expect([...Array.from(numbersOf({ type: FLOAT16, dims: [2], data: encodeHalf([1.5, -2]) }) ?? [])]).to.deep.equal([
      1.5, -2,
    ]);
    const bfloat16 = numbersOf({ type: BFLOAT16, dims: [2], data: Uint16Array.of(0x3fc0, 0xc000) });
    expect([...Array.from(bfloat16 ?? [])]).to.deep.equal([1.5, -2]);
    const long = numbersOf({ type: INT64, dims: [1], data: BigInt64Array.of(2n ** 53n + 1n) });
    expect([...Array.from(long ?? [])]).to.deep.equal([2 ** 53]);
  });

  it('knows no numbers in text', () => {
    expect(numbersOf({ type: STRING, dims: [1], data: ['1'] })).to.equal(undefined);
  });
});

describe('allFinite', () => {
  it('finds NaN and infinity wherever they stand, in any float type', () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      expect(allFinite({ type: FLOAT, dims: [3], data: Float32Array.of(0, 1, bad) })).to.equal(false);
      expect(allFinite({ type: FLOAT16, dims: [2], data: encodeHalf([bad, 1]) })).to.equal(false);
    }
    expect(allFinite({ type: FLOAT, dims: [2], data: Float32Array.of(0, 3e38) })).to.equal(true);
    expect(allFinite({ type: STRING, dims: [1], data: ['NaN'] })).to.equal(true);
  });
});

describe('a device', () => {
  it('is refused by name if ONNX Runtime lacks it, which would compute on the CPU without a word', async () => {
    const { listSupportedBackends } = await import('onnxruntime-node');
    const here = listSupportedBackends().map(({ name }) => name);
    const device = DEVICES.find((name) => !here.includes(name)) as Device;
    const error = await rejection(openSession(writeModel(fixtureNamed('rank-4').build()), { device }));
    expect(error.code).to.equal('runtime-missing');
    expect(error.message).to.include(`ONNX Runtime has no ${device} here; it has ${here.join(', ')}`);
  });
});
