import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { checkModel } from '../../src/check/index.ts';
import { swap } from '../../src/jobs/swap.ts';
import { type Model, readModel, withGraph, writeModel } from '../../src/onnx/model.ts';

type Make = (net: Net, x: string) => string;

function modelOf(make: Make): Model {
  const net = new Net({ opset: 21 });
  return net.output(make(net, net.input('x', ['N', 3, 8, 8]))).model();
}

const withBatchNorm: Make = (net, x) => net.bn(net.conv(x, 3, 16), 16);
const withGroupNorm: Make = (net, x) => {
  const parameters = [net.weight('gamma', [16]), net.weight('beta', [16])];
  return net.node('GroupNormalization', [net.conv(x, 3, 16), ...parameters], { num_groups: 4 });
};

/** Findings of a check that asks for a record: rule and message. */
async function errorsOf(model: Model, requireRecord = true): Promise<string[]> {
  const { passed, checks } = await checkModel({ written: readModel(writeModel(model)), requireRecord, run: false });
  const errors = checks.flatMap(({ findings }) => findings).filter(({ severity }) => severity === 'error');
  expect(passed).to.equal(errors.length === 0);
  return errors.map(({ rule, message }) => `${rule}: ${message}`);
}

describe('checkModel with requireRecord', () => {
  it('fails a file that was never swapped, which passes without it', async () => {
    const model = modelOf(withBatchNorm);
    expect(await errorsOf(model)).to.deep.equal([
      'no-record: it has 1 BatchNormalization node and no record of a rewrite',
    ]);
    expect(await errorsOf(model, false)).to.deep.equal([]);
  });

  it('says without it how many BatchNormalization were never swapped, and asks for no original', async () => {
    const noted = async (make: Make) => {
      const { checks } = await checkModel({ written: readModel(writeModel(modelOf(make))), run: false });
      return checks.flatMap(({ findings }) => findings).map(({ message, remedy }) => `${message}. ${remedy}`);
    };
    expect(await noted(withBatchNorm)).to.deep.equal([
      'it has 1 BatchNormalization node and no record of a rewrite. ' +
        'If gn-swap wrote the file, a later tool dropped its record; if not, swap it with gn-swap first',
    ]);
    expect(await noted(withGroupNorm)).to.deep.equal([
      'no gn-swap record; norms found by pattern, originals unknown. Use --against FILE with the original model to prove more',
    ]);
  });

  it('fails a file whose norms are of another tool, if BatchNormalization stands beside them', async () => {
    const both: Make = (net, x) => net.bn(withGroupNorm(net, x), 16);
    expect(await errorsOf(modelOf(both))).to.have.lengthOf(1);
  });

  it('fails a file without any norm: nothing in it could be proven', async () => {
    expect(await errorsOf(modelOf((net, x) => net.relu(net.conv(x, 3, 16))))).to.deep.equal([
      'no-record: it has neither a norm over groups nor a record of a rewrite',
    ]);
  });

  it('passes norms of another tool where no BatchNormalization is left', async () => {
    expect(await errorsOf(modelOf(withGroupNorm))).to.deep.equal([]);
  });

  it('passes what was swapped in part, and fails it without its record', async () => {
    const twice: Make = (net, x) => net.bn(net.conv(net.relu(withBatchNorm(net, x)), 16, 16), 16);
    const options = { include: [/_1$/], verify: false };
    const written = readModel((await swap(writeModel(modelOf(twice)), options)).model);
    expect(written.proto.graph.node.filter(({ opType }) => opType === 'BatchNormalization')).to.have.lengthOf(1);
    expect(await errorsOf(written)).to.deep.equal([]);
    const { proto } = written;
    expect(await errorsOf(withGraph(written, proto.graph, { metadataProps: [] }))).to.have.lengthOf(1);
  });
});
