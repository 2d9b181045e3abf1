import { expect } from 'chai';
import type { Dataset } from '../../../src/inputs/dataset.ts';
import { inputsOf, keptAs, modelOf } from '../../../src/jobs/compare-finetune/make.ts';
import { ROWS, rowNamed } from '../../../src/jobs/compare-finetune/rows.ts';
import { type SwapOptions, swap } from '../../../src/jobs/swap.ts';
import { type Model, readModel, writeModel } from '../../../src/onnx/model.ts';
import { valuesOf } from '../../../src/onnx/tensor.ts';
import { rejection } from '../../support/errors.ts';
import { classifier, labelledPictures, line } from '../../support/training.ts';

const FILE = writeModel(classifier());
const DATA = labelledPictures(12, 5);
const inputs: Dataset = inputsOf(DATA, 64, 0);

/** The stored numbers of a model, by name, and its operators. */
function contents(model: Model) {
  const { initializer, node } = model.proto.graph;
  return {
    operators: node.map(({ opType }) => opType),
    numbers: initializer.map((it) => [it.name, ...valuesOf(it, model.home.open)]),
  };
}

/** What the same options give as a swap. */
async function swapped(options: SwapOptions): Promise<Model> {
  return readModel((await swap(FILE, { ...options, verify: false })).model);
}

describe('jobs/compare-finetune/make', () => {
  it('leaves the file as it is where a row trains it as it is', async () => {
    const model = readModel(FILE);
    for (const row of ROWS.filter((it) => it.swap === undefined))
      expect(await modelOf(row, model, {}, inputs), row.name).to.equal(model);
  });

  for (const row of ROWS.filter((it) => it.swap !== undefined)) {
    it(`${row.name}: is the model that the swap of its options writes`, async () => {
      const made = await modelOf(row, readModel(FILE), { seed: 3 }, inputs);
      const expected = await swapped({ ...row.swap, seed: 3, ...(row.takesInputs && { calibrate: inputs }) });
      expect(contents(made)).to.deep.equal(contents(expected));
      expect(contents(made)).to.not.deep.equal(contents(readModel(FILE)));
    });
  }

  it('gives --groups to group norm alone, and a row that names its groups keeps them', async () => {
    const operators = async (name: 'gn-statistics' | 'gn-8' | 'layer', groups: number | undefined) =>
      contents(await modelOf(rowNamed(name), readModel(FILE), { groups }, inputs)).numbers;
    expect(await operators('gn-statistics', 4)).to.not.deep.equal(await operators('gn-statistics', 1));
    expect(await operators('gn-8', 2)).to.deep.equal(await operators('gn-8', undefined));
    expect(await operators('layer', 2)).to.deep.equal(await operators('layer', undefined));
  });

  it('refuses a model that has nothing to swap', async () => {
    const error = await rejection(modelOf(rowNamed('gn-statistics'), readModel(writeModel(line())), {}, inputs));
    expect(error.code).to.equal('nothing-to-swap');
  });
});

describe('jobs/compare-finetune/make: what outputs are taken for', () => {
  it('is said of numbers alone, of the output that is trained', () => {
    expect(keptAs('regress', undefined)).to.deep.equal(['regress']);
    expect(keptAs('regress', 'pose')).to.deep.equal(['pose=regress']);
    for (const task of ['classify', 'segment', 'detect', 'own']) expect(keptAs(task, 'y')).to.equal(undefined);
  });
});

describe('jobs/compare-finetune/make: inputs of labelled samples', () => {
  it('are so many of them, each once, in their order, without labels; the same for the same seed', async () => {
    const places = async (most: number, seed: number) => {
      const { count, load } = inputsOf(DATA, most, seed);
      const all = await Promise.all(
        Array.from({ length: DATA.count }, async (_, at) => (await DATA.load(at)).inputs.x),
      );
      const own = await Promise.all(Array.from({ length: count }, async (_, at) => (await load(at)).x));
      return own.map((x) => all.findIndex((it) => String(it?.data) === String(x?.data)));
    };
    const five = await places(5, 1);
    expect(five).to.have.length(5);
    expect(five).to.deep.equal([...new Set(five)].sort((a, b) => a - b));
    expect(await places(5, 1)).to.deep.equal(five);
    expect(await places(5, 2)).to.not.deep.equal(five);
    expect(await places(99, 1)).to.deep.equal(Array.from({ length: 12 }, (_, at) => at));
    expect(Object.keys(await inputs.load(0))).to.deep.equal(['x']);
  });
});
