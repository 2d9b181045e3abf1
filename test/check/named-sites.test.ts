/** A file whose norms stand where the user asked for them, and no norm was: `--include` takes such places in. */
import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { datasetOf } from '../../src/inputs/dataset.ts';
import { Random } from '../../src/inputs/random.ts';
import { check } from '../../src/jobs/check.ts';
import { swap } from '../../src/jobs/swap.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { type Model, readModel, withGraph, writeModel } from '../../src/onnx/model.ts';
import { dimsOf, makeTensor, valuesOf } from '../../src/onnx/tensor.ts';

/** A Conv with a bias that feeds a MaxPool, and one without: nothing says that a norm was there. */
const source = (() => {
  const net = new Net({ seed: 4 });
  const biased = net.node(
    'Conv',
    [net.input('x', ['N', 3, 8, 8]), net.weight('w', [16, 3, 3, 3]), net.weight('b', [16])],
    {
      pads: [1, 1, 1, 1],
    },
    { name: 'stem' },
  );
  const pooled = net.node('MaxPool', [biased], { kernel_shape: [2, 2] });
  const bare = net.conv(pooled, 16, 16, { options: { name: 'bare' } });
  return writeModel(net.output(net.conv(net.relu(bare), 16, 4)).model());
})();

const calibrate = (() => {
  const random = new Random(2);
  const data = Float32Array.from({ length: 8 * 3 * 64 }, () => random.normal());
  return datasetOf({ x: { type: DataType.FLOAT, dims: [8, 3, 8, 8], data } });
})();

const changed = (model: Model, name: string) => {
  const { graph } = model.proto;
  const initializer = graph.initializer.map((it) =>
    it.name === name
      ? makeTensor(name, DataType.FLOAT, dimsOf(it), valuesOf(it, model.home.open).slice().reverse())
      : it,
  );
  return writeModel(withGraph(model, { ...graph, initializer }));
};

async function errorsOf(file: Uint8Array): Promise<string[]> {
  const { passed, checks } = await check(file, { against: source });
  const errors = checks.flatMap(({ findings }) => findings).filter(({ severity }) => severity === 'error');
  expect(passed).to.equal(errors.length === 0);
  return errors.map(({ rule, node }) => `${rule} ${node}`);
}

describe('check --against, of sites that --include took in', () => {
  let written: Uint8Array;
  before(async () => {
    const options = { sites: 'folded', include: [/^(stem|bare)$/], calibrate, verify: false } as const;
    const { model, plan } = await swap(source, options);
    expect(plan.sites.map(({ site }) => site.name)).to.deep.equal(['stem', 'bare']);
    written = model;
  });

  it('passes, with the record and without', async () => {
    expect(await errorsOf(written)).to.deep.equal([]);
    const model = readModel(written);
    expect(await errorsOf(writeModel(withGraph(model, model.proto.graph, { metadataProps: [] })))).to.deep.equal([]);
  });

  it('still finds what was damaged at such a Conv', async () => {
    expect(await errorsOf(changed(readModel(written), 'w'))).to.deep.equal(['channels-permuted w']);
  });
});
