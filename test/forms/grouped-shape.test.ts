import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { mayBeEmpty } from '../../src/forms/grouped-shape.ts';
import { check } from '../../src/jobs/check.ts';
import { type SwapOptions, swap } from '../../src/jobs/swap.ts';
import { readModel, writeModel } from '../../src/onnx/model.ts';
import { formSite } from '../support/form-site.ts';
import { inSession } from '../support/session.ts';

const C = 8;

/** x → BatchNormalization → Relu, so that nothing but the norm has a say in what shapes are possible. */
function source(dims: readonly (number | string)[], opset: number): Uint8Array {
  const net = new Net({ opset });
  return writeModel(net.output(net.relu(net.bn(net.input('x', dims), C)), dims).model());
}

async function outputDims(bytes: Uint8Array, dims: readonly number[]): Promise<readonly number[] | undefined> {
  const count = dims.reduce((product, dim) => product * dim, 1);
  const x = { type: 1, dims, data: new Float32Array(count) };
  return inSession(readModel(bytes), async (session) => Object.values(await session.run({ x }))[0]?.dims);
}

describe('forms/grouped-shape', () => {
  it('x may be empty where a dimension is open, unless a consumer wants the usual nodes', () => {
    expect(mayBeEmpty(formSite({ shape: [undefined, C, 4, 4] }))).to.equal(true);
    expect(mayBeEmpty(formSite({ shape: [2, C, undefined] }))).to.equal(true);
    expect(mayBeEmpty(formSite({ shape: [2, C, 4, 4] }))).to.equal(false);
    expect(mayBeEmpty(formSite({ shape: [undefined, C, 4, 4], plain: true }))).to.equal(false);
    expect(mayBeEmpty(formSite({ shape: undefined }))).to.equal(true);
    expect(mayBeEmpty(formSite({ shape: undefined, plain: true }))).to.equal(false);
  });

  const cases: readonly [dims: readonly (number | string)[], empty: readonly number[]][] = [
    [
      ['n', C],
      [0, C],
    ],
    [
      ['n', C, 't'],
      [0, C, 5],
    ],
    [
      ['n', C, 3, 3],
      [0, C, 3, 3],
    ],
    [
      ['n', C, 'h', 'w'],
      [0, C, 3, 4],
    ],
  ];
  const choices: readonly SwapOptions[] = [
    ...['auto', 'reduce', 'instance', 'instance-conv'].map((form) => ({ form, groups: 2 })),
    ...['layer', 'instance', 'frozen', 'batch-renorm'].map((to) => ({ to })),
  ];
  // At rank 2 an instance is a single number; InstanceNormalization of a sequence without steps ends the process of ONNX Runtime.
  const isRefused = ({ to, form }: SwapOptions, dims: readonly (number | string)[]) =>
    (to === 'instance' && dims.length === 2) || (form?.startsWith('instance') === true && dims.join() === `n,${C},t`);
  for (const [dims, empty] of cases) {
    for (const opset of [13, 21]) {
      it(`an empty batch passes wherever it passed before: [${dims}] at opset ${opset}`, async () => {
        const bytes = source(dims, opset);
        expect(await outputDims(bytes, empty)).to.deep.equal(empty);
        for (const options of choices) {
          const done = await swap(bytes, { ...options, verify: false }).catch(() => undefined);
          if (done === undefined) expect(isRefused(options, dims), JSON.stringify(options)).to.equal(true);
          else expect(await outputDims(done.model, empty), JSON.stringify(options)).to.deep.equal(empty);
        }
      });
    }
  }

  it('is verified and checked as any norm, with sizes that are not empty', async () => {
    for (const form of ['instance', 'instance-conv']) {
      const bytes = source(['n', C, 'h', 'w'], 13);
      const { model, verification } = await swap(bytes, { form, groups: 2 });
      expect(verification?.passed, form).to.equal(true);
      const report = await check(model, { against: bytes });
      expect(report.passed, report.checks.find(({ status }) => status === 'failed')?.detail).to.equal(true);
      expect(report.sites.map(({ norm }) => [norm.form, norm.groups])).to.deep.equal([[form, 2]]);
    }
  });

  it('consumers whose fusions look for it get Reshape [0, G, −1]', async () => {
    const bytes = source(['n', C, 'h', 'w'], 13);
    for (const name of ['tensorrt', 'openvino', 'ncnn', 'pytorch']) {
      const { model } = await swap(bytes, { for: name, verify: false });
      const ops = readModel(model).proto.graph.node.map(({ opType }) => opType);
      expect(ops, name).not.to.include('Div');
    }
  });
});
