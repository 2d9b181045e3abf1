/** W10, W16, W20 and W21 of test/cases.test.ts in other shapes: what counts samples, and models that are fed nothing. */
import { expect } from 'chai';
import { type Dims, Net } from '../fixtures/build.ts';
import { datasetOf } from '../src/inputs/dataset.ts';
import { Random } from '../src/inputs/random.ts';
import { check } from '../src/jobs/check.ts';
import { type SwapOptions, swap } from '../src/jobs/swap.ts';
import { DataType } from '../src/onnx/data-type.ts';
import { type Model, readModel, writeModel } from '../src/onnx/model.ts';
import type { Value } from '../src/runtime/session.ts';
import { inSession, runModel, valueNamed } from './support/session.ts';

function normals(dims: readonly number[], seed = 7): Value {
  const random = new Random(seed);
  const size = dims.reduce((product, dim) => product * dim, 1);
  return { type: DataType.FLOAT, dims, data: Float32Array.from({ length: size }, () => random.normal()) };
}

/** Bytes of a picture, channels last. */
function picture(height: number, width: number, seed: number): Value {
  const random = new Random(seed);
  const data = Uint8Array.from({ length: height * width * 3 }, () => random.integer(256));
  return { type: DataType.UINT8, dims: [height, width, 3], data };
}

const axes = (net: Net, values: readonly number[]) =>
  net.weight(`axes${net.nodes.length}`, [values.length], values, DataType.INT64);

/** x → whatever stands in front → Conv, BatchNormalization, Relu, mean of each channel. */
function classifier(dims: Dims, front: (net: Net, x: string) => string, type: DataType = DataType.FLOAT) {
  const net = new Net({ opset: 13, seed: 9 });
  const y = net.relu(net.bn(net.conv(front(net, net.input('x', dims, type)), 3, 16), 16));
  const logits = net.node('MatMul', [
    net.node('Flatten', [net.node('GlobalAveragePool', [y])]),
    net.weight('fc', [16, 5]),
  ]);
  return net.output(logits).model();
}

const scaled = (net: Net, x: string) =>
  net.node('Div', [net.node('Cast', [x], { to: DataType.FLOAT }), net.weight('k', [], [255])]);

describe('W10: nothing reaches a norm whose rank or groups differ', () => {
  const empty: Readonly<Record<string, readonly [Dims, number[]]>> = {
    'a sequence': [
      ['n', 8, 6],
      [0, 8, 6],
    ],
    'a map': [
      ['n', 8, 4, 4],
      [0, 8, 4, 4],
    ],
    'a volume': [
      ['n', 8, 2, 3, 4],
      [0, 8, 2, 3, 4],
    ],
    'a map of unknown height': [
      ['n', 8, 'h', 4],
      [0, 8, 5, 4],
    ],
  };
  for (const [what, [declared, dims]] of Object.entries(empty)) {
    for (const groups of [1, 4, 8]) {
      it(`passes an empty batch of ${what} in ${groups} groups, with what is chosen by itself`, async () => {
        for (const opset of [9, 13, 17, 18, 21]) {
          const net = new Net({ opset, seed: 3 });
          const model = net.output(net.relu(net.bn(net.input('x', declared), 8))).model();
          const output = model.proto.graph.output[0]?.name ?? '';
          const expected = valueNamed(await runModel(model, { x: normals(dims) }), output).dims;
          const { model: made, plan } = await swap(writeModel(model), { groups, verify: false });
          expect(plan.sites).to.have.lengthOf(1);
          const y = valueNamed(await runModel(readModel(made), { x: normals(dims) }), output);
          expect(y.dims, `opset ${opset}`).to.deep.equal(expected);
        }
      });
    }
  }
});

describe('W10: nothing reaches a norm whose rank is unknown', () => {
  const model = (opset: number, type = DataType.FLOAT) => {
    const net = new Net({ opset, seed: 3, type });
    return net.output(net.relu(net.bn(net.input('x', undefined), 8))).model();
  };
  const feeds = [
    [0, 8],
    [0, 8, 5],
    [0, 8, 4, 4],
    [0, 8, 2, 3, 4],
    [2, 8, 0],
    [2, 8, 5],
    [2, 8, 3, 4],
  ];
  const choices: readonly SwapOptions[] = [
    {},
    { groups: 1 },
    { groups: 8 },
    ...['layer', 'instance', 'frozen', 'weight', 'batch-renorm'].map((to) => ({ to })),
    ...['onnxruntime', 'onnxruntime-web', 'openvino', 'tract', 'ort-training'].map((reader) => ({
      for: reader,
      groups: 2,
    })),
  ];
  for (const opset of [8, 13, 17, 21]) {
    it(`passes whatever rank comes and however little, in every norm, at opset ${opset}`, async () => {
      const source = model(opset);
      const output = source.proto.graph.output[0]?.name ?? '';
      const wanted = await dimsOf(source, output, feeds);
      expect(wanted).to.deep.equal(feeds);
      for (const options of choices) {
        const done = await swap(writeModel(source), { ...options, verify: false }).catch(({ code }) => code);
        const reason = JSON.stringify(options);
        // Weight norm needs a layer in front; onnxruntime-training and onnxruntime-web do not read the last opsets.
        if (typeof done === 'string') expect(['nothing-to-swap', 'unsupported-model'], reason).to.include(done);
        // A batch norm over an empty batch has no mean, and instance norm of single numbers answers β.
        else expect(await dimsOf(readModel(done.model), output, wanted), reason).to.deep.equal(wanted);
      }
    });
  }

  it('is verified and checked, and damage is found', async () => {
    for (const form of ['reduce', 'instance', 'instance-conv']) {
      const bytes = writeModel(model(13));
      const { model: made, verification } = await swap(bytes, { form, groups: 2 });
      expect(verification?.passed, form).to.equal(true);
      const found = await check(made);
      expect(
        found.sites.map(({ norm }) => [norm.form, norm.groups]),
        form,
      ).to.deep.equal([[form, 2]]);
    }
  });

  it('is told of forms that fail on an empty batch, where one is named or a program reads no other', async () => {
    const notes = async (options: SwapOptions, opset = 13) => {
      const { plan } = await swap(writeModel(model(opset)), { ...options, groups: 2, verify: false });
      return plan.sites.flatMap((site) => site.notes).join();
    };
    expect(await notes({ for: 'tensorrt' })).to.include('ends the process of ONNX Runtime on a sequence without steps');
    expect(await notes({ form: 'instance' })).to.include('because the rank is unknown');
    expect(await notes({ form: 'native' }, 21)).to.include(
      'fails in ONNX Runtime on an empty batch; if one may come, use --form reduce',
    );
    const net = new Net({ opset: 13, seed: 3 });
    const open = net.output(net.relu(net.bn(net.input('x', ['n', 8, 4, 4]), 8))).model();
    const { plan } = await swap(writeModel(open), { for: 'tensorrt', groups: 2, verify: false });
    expect(plan.sites[0]?.notes).to.deep.equal([
      'form instance fails in ONNX Runtime on an empty batch; if one may come, leave --for out',
    ]);
  });
});

/** Dimensions of an output on zeros of each of the given dimensions. */
async function dimsOf(model: Model, output: string, feeds: readonly (readonly number[])[]) {
  return inSession(model, async (session) => {
    const found: (readonly number[])[] = [];
    for (const dims of feeds) found.push(valueNamed(await session.run({ x: normals(dims) }), output).dims);
    return found;
  });
}

describe('W16: a batch stored as 0', () => {
  it('is open at every rank, and calibrated on as many samples as are given', async () => {
    for (const rest of [[9], [6, 6], [3, 4, 4]]) {
      const net = new Net({ opset: 13, seed: 3 });
      const rank = rest.length + 2;
      const model = net.output(net.relu(net.bn(net.conv(net.input('x', [0, 3, ...rest]), 3, 8, { rank }), 8))).model();
      const { verification } = await swap(writeModel(model));
      expect([verification?.passed, verification?.inputDims.x]).to.deep.equal([true, [2, 3, ...rest]]);
      const { calibration } = await swap(writeModel(model), { calibrate: datasetOf({ x: normals([10, 3, ...rest]) }) });
      expect((calibration?.solvedOn.length ?? 0) + (calibration?.heldOut.length ?? 0)).to.equal(10);
    }
  });
});

describe('W21: what a sample is', () => {
  const bytesFirst = (net: Net, x: string) =>
    net.node('Unsqueeze', [net.node('Transpose', [scaled(net, x)], { perm: [2, 0, 1] }), axes(net, [0])]);

  it('is one picture of bytes at a time, of mixed sizes, whatever the axes are called', async () => {
    const model = classifier(['batchless_rows', 'p', 3], bytesFirst, DataType.UINT8);
    const all = [picture(20, 30, 1), picture(33, 21, 2), picture(20, 30, 3), picture(50, 18, 4), picture(24, 24, 5)];
    const data = {
      count: all.length,
      keyOf: (sample: number) => String(all[sample]?.dims),
      load: async (sample: number) => ({ x: all[sample] as Value }),
    };
    const { calibration, verification } = await swap(writeModel(model), { calibrate: data });
    expect([calibration?.solvedOn.length, calibration?.heldOut.length]).to.deep.equal([4, 1]);
    expect(verification?.inputDims.x).to.deep.equal(all[calibration?.heldOut[0] ?? -1]?.dims);
  });

  it('is an entry of a stack, channels first or last, and a row of a batch of bytes', async () => {
    const first = (net: Net, x: string) => net.node('Unsqueeze', [x, axes(net, [0])]);
    const stacked = datasetOf({ x: normals([6, 3, 12, 14]) });
    const planes = await swap(writeModel(classifier([3, 'h', 'w'], first)), { calibrate: stacked });
    expect([planes.calibration?.solvedOn.length, planes.calibration?.heldOut.length]).to.deep.equal([5, 1]);
    expect(planes.verification?.inputDims.x).to.deep.equal([3, 12, 14]);
    const last = (net: Net, x: string) => net.node('Transpose', [scaled(net, x)], { perm: [0, 3, 1, 2] });
    const bytes = Uint8Array.from({ length: 6 * 12 * 14 * 3 }, (_, i) => (i * 7919) % 256);
    const batch = datasetOf({ x: { type: DataType.UINT8, dims: [6, 12, 14, 3], data: bytes } });
    const rows = await swap(writeModel(classifier(['images', 'h', 'w', 3], last, DataType.UINT8)), {
      calibrate: batch,
    });
    expect([rows.calibration?.solvedOn.length, rows.calibration?.heldOut.length]).to.deep.equal([5, 1]);
    expect(rows.verification?.inputDims.x?.slice(1)).to.deep.equal([12, 14, 3]);
  });
});
