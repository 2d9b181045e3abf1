import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { fixtureNamed } from '../../fixtures/index.ts';
import { findSites } from '../../src/find/index.ts';
import { datasetOf } from '../../src/index.ts';
import { type SwapOptions, swap } from '../../src/jobs/swap.ts';
import type { Model } from '../../src/onnx/model.ts';
import { readModel, writeModel } from '../../src/onnx/model.ts';
import { absorbAffine } from '../../src/rewrite/absorb.ts';
import { numbersOf } from '../../src/runtime/session.ts';
import { madeInputs } from '../support/calibration.ts';
import { graphProblems } from '../support/check-graph.ts';
import { rejection } from '../support/errors.ts';
import { countNorms, leavesOf, nodesOf } from '../support/model-parts.ts';
import { runModel } from '../support/session.ts';

const AROUND = [
  ['mul-add-after', 2],
  ['mul-add-before', 2],
  ['affine-all-around', 4],
] as const;

const absorb = (model: Model) => {
  const search = findSites(model);
  return absorbAffine(search.model, search.sites);
};

/** The largest difference between two models' answers, over the largest answer. */
async function difference(one: Model, other: Model): Promise<number> {
  const inputs = madeInputs(one, 2);
  const [a, b] = await Promise.all([one, other].map(async (it) => Object.values(await runModel(it, inputs))));
  let [largest, apart] = [0, 0];
  for (const [index, value] of (a ?? []).entries()) {
    const others = b?.[index] && numbersOf(b[index]);
    for (const [at, number] of Array.from(numbersOf(value) ?? []).entries()) {
      largest = Math.max(largest, Math.abs(number));
      apart = Math.max(apart, Math.abs(number - (others?.[at] ?? Number.NaN)));
    }
  }
  return apart / largest;
}

describe('rewrite/absorbAffine', () => {
  for (const [name, count] of AROUND) {
    it(`merges all of ${name}, and the function stays`, async () => {
      const source = fixtureNamed(name).build();
      const { model, merged } = absorb(source);
      const written = readModel(writeModel(model));
      expect([...merged.values()].flat()).to.have.lengthOf(count);
      expect(nodesOf(written)).to.have.lengthOf(nodesOf(source).length - count);
      expect(countNorms(written)).to.equal(countNorms(source));
      expect(graphProblems(written)).to.deep.equal(graphProblems(source));
      expect(findSites(written).sites.every(({ neighbours }) => neighbours === undefined)).to.equal(true);
      // Float32 rounds each of some ten operations to 6e-8 of numbers that are a few times as large as the answers.
      expect(await difference(source, written)).to.be.lessThan(5e-6);
    });
  }

  it('leaves a model without such arithmetic, and sites that are not named, as they are', () => {
    for (const name of ['bn-on-input', 'affine-not-absorbable']) {
      const source = fixtureNamed(name).build();
      const { model, merged } = absorb(source);
      expect(merged.size).to.equal(0);
      expect(model.proto.graph).to.equal(findSites(source).model.proto.graph);
    }
    const search = findSites(fixtureNamed('affine-all-around').build());
    const { model } = absorbAffine(search.model, search.sites.slice(1));
    expect(leavesOf(model).filter(({ opType }) => opType === 'Div' || opType === 'Mul')).to.have.lengthOf(2);
  });

  it('keeps the names of γ and β where nothing else reads them', () => {
    const source = fixtureNamed('mul-add-after').build();
    const [before] = findSites(source).sites;
    const [after] = findSites(absorb(source).model).sites;
    expect(after?.node.input.slice(1)).to.deep.equal(before?.node.input.slice(1));
    expect(after?.name).to.equal(before?.name);
  });
});

const C = 32;

/** A layer, and arithmetic behind it. */
const LAYERS: Readonly<Record<string, (net: Net) => string>> = {
  'MatMul, Add': (net) => net.node('Add', [product(net), net.weight('b', [C])]),
  'MatMul, Mul, Add': (net) =>
    net.node('Add', [net.node('Mul', [product(net), net.weight('a', [C], spread(C))]), net.weight('b', [1, C])]),
  'Gemm, Sub': (net) => {
    const inputs = [net.input('x', ['batch', 12]), net.weight('W', [C, 12]), net.weight('c', [1, C])];
    const layer = net.node('Gemm', inputs, { alpha: { float: 0.5 }, beta: { float: 2 }, transB: 1 });
    return net.node('Sub', [layer, net.weight('b', [C])]);
  },
  'Conv, Div': (net) => net.node('Div', [net.conv(net.input('x', [2, 3, 4, 4]), 3, C), net.weight('four', [], [4])]),
};

function product(net: Net): string {
  return net.node('MatMul', [net.input('x', ['batch', 12]), net.weight('W', [12, C])]);
}

/** From a half to two, so that no merged weight is much larger than it was. */
function spread(count: number): number[] {
  return Array.from({ length: count }, (_, c) => 0.5 + (1.5 * c) / count);
}

describe('a layer that takes the norm in with the arithmetic between', () => {
  for (const [name, layer] of Object.entries(LAYERS)) {
    const net = new Net();
    const bytes = writeModel(net.output(net.bn(layer(net), C), undefined).model());
    const operators = async (options: SwapOptions) => {
      const { model, verification, plan } = await swap(bytes, options);
      expect(verification?.checks.filter(({ status }) => status === 'failed')).to.deep.equal([]);
      // Verification enforces it, too: rounding.
      expect(await difference(readModel(bytes), readModel(model))).to.be.lessThan(5e-6);
      return { nodes: nodesOf(readModel(model)).map(({ opType }) => opType), form: plan.sites[0]?.form };
    };
    const alone = name.startsWith('MatMul') ? ['MatMul', 'Add'] : [name.split(',')[0]];

    for (const options of [{ fold: true }, { form: 'fold' }]) {
      it(`${name}: --to frozen ${JSON.stringify(options)}`, async () => {
        const { nodes, form } = await operators({ to: 'frozen', absorbAffine: true, ...options });
        expect(form).to.equal('fold');
        expect(nodes).to.deep.equal(alone);
      });
    }

    it(`${name}: --to weight`, async () => {
      const { nodes } = await operators({ to: 'weight', absorbAffine: true });
      expect(nodes).to.include.members(alone).and.not.include.members(['Sub']);
    });

    it(`${name}: not without merging, with the reason`, async () => {
      const { nodes, form } = await operators({ to: 'frozen', fold: true });
      expect(form).to.equal('mul-add');
      expect(nodes).to.have.lengthOf(name.split(',').length + 2);
      const error = await rejection(swap(bytes, { to: 'weight' }));
      expect(error.message).to.match(/its input comes from (Add|Sub|Div), not from Conv/);
    });
  }
});

describe('swap with absorbAffine', () => {
  const options: SwapOptions = { groups: 4, absorbAffine: true };

  for (const [name, count] of AROUND) {
    it(`${name}: fewer nodes, and verified`, async () => {
      const bytes = writeModel(fixtureNamed(name).build());
      const [apart, merged] = [await swap(bytes, { groups: 4 }), await swap(bytes, options)];
      expect(merged.verification?.checks.filter(({ status }) => status === 'failed')).to.deep.equal([]);
      expect(nodesOf(readModel(apart.model)).length - nodesOf(readModel(merged.model)).length).to.equal(count);
      expect(countNorms(readModel(merged.model))).to.equal(0);
      expect(merged.plan.sites.flatMap(({ notes }) => notes).join()).to.match(/constant [^;]+ merged into γ and β/);
      expect(apart.plan.sites.flatMap(({ notes }) => notes).join()).to.match(
        /merged into γ and β with --absorb-affine/,
      );
    });
  }

  it('behind a norm; the outputs are those without merging', async () => {
    const bytes = writeModel(fixtureNamed('mul-add-after').build());
    const [apart, merged] = [await swap(bytes, { groups: 4 }), await swap(bytes, options)];
    // As above.
    expect(await difference(readModel(apart.model), readModel(merged.model))).to.be.lessThan(5e-6);
  });

  it('leaves arithmetic around sites that are left', async () => {
    const source = fixtureNamed('affine-all-around').build();
    const [first] = findSites(source).sites;
    const { model } = await swap(writeModel(source), { ...options, exclude: [new RegExp(`^${first?.name}$`)] });
    const read = new Set(leavesOf(readModel(model)).flatMap(({ input }) => input));
    // The Div and Mul around the first, but not the Add and Sub around the second.
    expect(countNorms(readModel(model))).to.equal(1);
    expect(['four', 'scale', 'shift', 'one'].filter((name) => read.has(name))).to.deep.equal(['four', 'scale']);
  });

  it('solves from data with the arithmetic merged', async () => {
    const source = fixtureNamed('mul-add-before').build();
    const calibrate = datasetOf(madeInputs(source, 6));
    const { plan, verification } = await swap(writeModel(source), { ...options, calibrate });
    expect(plan.sites.map(({ init }) => init)).to.deep.equal(['calibrate']);
    expect(verification?.passed).to.equal(true);
  });
});
