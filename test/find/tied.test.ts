import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { asTorchvision, frozenNet } from '../../fixtures/frozen.ts';
import { fixtureNamed } from '../../fixtures/index.ts';
import { findSites } from '../../src/find/index.ts';
import { tiesOf } from '../../src/find/tied.ts';
import { datasetOf } from '../../src/inputs/dataset.ts';
import { check } from '../../src/jobs/check.ts';
import { type SwapOptions, swap } from '../../src/jobs/swap.ts';
import { readModel, writeModel } from '../../src/onnx/model.ts';
import { valuesOf } from '../../src/onnx/tensor.ts';

const C = 32;

/** A head of Conv, norm and Relu that three levels of a pyramid share, as FCOS and RetinaNet have. */
function pyramid(norm: (net: Net, x: string) => string): Net {
  const net = new Net();
  const weight = net.weight('head.weight', [C, C, 1, 1]);
  let level = net.conv(net.input('x', ['n', 3, 16, 16]), 3, C);
  for (const name of ['p3', 'p4', 'p5']) {
    const y = net.relu(norm(net, net.node('Conv', [level, weight])));
    net.node(
      'Conv',
      [y, net.initializers.some((it) => it.name === 'cls') ? 'cls' : net.weight('cls', [2, C, 1, 1])],
      {},
      { outputs: [name] },
    );
    net.output(name, ['n', 2, undefined, undefined]);
    level = net.node('MaxPool', [level], { kernel_shape: [2, 2], strides: [2, 2] });
  }
  return net;
}

function sharedNorm(net: Net, x: string): string {
  const of = (name: string, from: number, to: number) =>
    net.initializers.some((it) => it.name === name) ? name : net.weight(name, [C], net.numbers(C, from, to));
  const [scale, bias] = [of('g', 0.5, 1.5), of('b', -0.5, 0.5)];
  return net.bn(x, C, { scale, bias, mean: of('m', -0.3, 0.3), variance: of('v', 0.2, 1.5) });
}

async function affineOf(net: Net, options: SwapOptions) {
  const source = writeModel(net.model());
  const { model, plan } = await swap(source, options);
  const tensors = readModel(model).proto.graph.initializer;
  const ones = tensors.filter(({ dims }) => dims.map(Number).join() === `${C},1,1`);
  return { source, model, plan, names: ones.map(({ name }) => name), tensors: ones };
}

function samples(net: Net) {
  const data = Float32Array.from(net.numbers(12 * 768, -1, 1));
  return datasetOf({ x: { type: 1, dims: [12, 3, 16, 16], data } });
}

describe('find/tied', () => {
  it('ties norms over the same four tensors, and no others', () => {
    const tied = (name: string) => findSites(fixtureNamed(name).build()).sites.map((site) => site.tied !== undefined);
    expect(tied('shared-everything')).to.deep.equal([true, true]);
    expect(tied('shared-gamma-beta')).to.deep.equal([false, false]);
    expect(tied('opset-13')).to.deep.equal([false]);
    expect(tied('frozen-shared')).to.deep.equal([true, true]);
    expect(findSites(frozenNet(asTorchvision, asTorchvision, ['one', 'two']).model()).sites[0]?.tied).to.equal(
      undefined,
    );
  });

  it('leaves norms of other graphs, with another ε, or of another pattern alone', () => {
    // Branches of an If that read the parameters of the graph around them.
    expect(findSites(fixtureNamed('if-captured').build()).sites.every(({ tied }) => tied === undefined)).to.equal(true);
    let count = 0;
    const sites = findSites(
      pyramid((net, x) => {
        const y = sharedNorm(net, x);
        const node = net.nodes.at(-1);
        if (count++ === 1 && node !== undefined) {
          net.nodes.pop();
          return net.node('BatchNormalization', node.input, { epsilon: { float: 0.5 } });
        }
        return y;
      }).model(),
    ).sites;
    expect(sites.map(({ tied }) => tied !== undefined)).to.deep.equal([true, false, true]);
  });

  it('a swap writes one γ and one β for all levels, under their own names', async () => {
    const { names, plan, source, model } = await affineOf(pyramid(sharedNorm), {});
    expect(names).to.deep.equal(['g', 'b']);
    expect(plan.sites.length).to.equal(3);
    expect(tiesOf(plan.sites).map((members) => members.length)).to.deep.equal([3]);
    expect(plan.sites[0]?.notes).to.include('γ and β are shared by 3 sites, as in the source');
    const report = await check(model, { against: source });
    expect(report.passed, report.checks.find(({ status }) => status === 'failed')?.detail).to.equal(true);
  });

  it('with data they are solved from all levels together, in one number of groups', async () => {
    const net = pyramid(sharedNorm);
    const { names, plan } = await affineOf(net, { calibrate: samples(net) });
    expect(names).to.deep.equal(['g', 'b']);
    expect(new Set(plan.sites.map(({ groups }) => groups)).size).to.equal(1);
    expect(new Set(plan.sites.map(({ init }) => init))).to.deep.equal(new Set(['calibrate']));
    // Each level alone would be solved to something else.
    const alone = await affineOf(
      pyramid((it, x) => it.bn(x, C)),
      { calibrate: samples(net) },
    );
    expect(alone.names.length).to.equal(6);
  });

  it('a level that is left out keeps the source’s numbers, the others stay together', async () => {
    const { tensors, plan } = await affineOf(pyramid(sharedNorm), { exclude: [/_1$/] });
    expect(plan.sites.length).to.equal(3);
    const name = plan.sites[1]?.site.name ?? '';
    const partly = await affineOf(pyramid(sharedNorm), { exclude: [new RegExp(`^${name}$`)] });
    expect(partly.plan.sites.length).to.equal(2);
    // γ keeps its name at the node that stays, so the two others share one of another name.
    expect(partly.names).to.deep.equal(['g/group', 'b/group']);
    const [whole] = tensors;
    expect(whole && [...valuesOf(whole)]).to.deep.equal(partly.tensors[0] && [...valuesOf(partly.tensors[0])]);
  });

  it('a Conv over several levels that is named is solved as one folded norm', async () => {
    const net = pyramid((it, x) => {
      const conv = it.nodes.pop();
      if (conv === undefined) throw new RangeError('no Conv');
      const bias = it.initializers.some((t) => t.name === 'head.bias') ? 'head.bias' : it.weight('head.bias', [C]);
      return it.node('Conv', [...conv.input, bias], {}, { name: `head_${it.nodes.length}`, outputs: [x] });
    });
    const options = { sites: 'folded', include: [/^head_/], calibrate: samples(net) } as const;
    const { names, plan } = await affineOf(net, options);
    expect(plan.sites.length).to.equal(3);
    expect(names.length).to.equal(2);
  });
});
