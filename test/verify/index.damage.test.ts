/** Every verifier, seen to fail by name on a model that is damaged in one place. */
import { expect } from 'chai';
import { valueInfo } from '../../fixtures/build.ts';
import { fixtureNamed } from '../../fixtures/index.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import type { Model } from '../../src/onnx/model.ts';
import { makeTensor, valuesOf } from '../../src/onnx/tensor.ts';
import type { Check, Verification } from '../../src/verify/verification.ts';
import {
  changeInputs,
  changeNodes,
  changeOutputs,
  changeTensor,
  rewire,
  setAttribute,
  setValues,
} from '../support/damage.ts';
import { checkNamed, failedChecks, type Options, verifyFixture } from '../support/verified.ts';

interface Case {
  readonly what: string;
  readonly options?: Options;
  readonly fixture?: string;
  readonly damage: (model: Model) => Model;
  /** All checks that fail. */
  readonly fails: readonly Check['name'][];
  /** In the detail of the first of them. */
  readonly says?: RegExp;
}

const SITE = /^1 of 1 sites fail: "BatchNormalization_1" \(error /;
const OF_SITE = ['reference'] as const;
const instance = { form: 'instance' } as const;
const unequal = (values: Float64Array) => values.map((value, c) => (c === 5 ? value * 1.001 : value));

/** Exchanges the numbers of two tensors of one shape. */
function exchange(model: Model, a: string, b: string): Model {
  const values = (name: string) =>
    valuesOf(model.proto.graph.initializer.find((it) => it.name === name) ?? makeTensor('', DataType.FLOAT, [0], []));
  const [of_a, of_b] = [values(a), values(b)];
  return setValues(
    setValues(model, a, () => of_b),
    b,
    () => of_a,
  );
}

const CASES: readonly Case[] = [
  ...(['native', 'reduce', 'instance', 'instance-conv'] as const).flatMap((form): Case[] => {
    const at = { fixture: form === 'native' ? 'opset-21' : 'opset-17', options: { form }, fails: OF_SITE, says: SITE };
    return [
      {
        ...at,
        what: `${form}: γ′ of one channel is a thousandth off`,
        damage: (it) => setValues(it, 'bn1.weight', unequal),
      },
      {
        ...at,
        what: `${form}: β′ of one channel is a thousandth off`,
        damage: (it) => setValues(it, 'bn1.bias', unequal),
      },
      {
        ...at,
        what: `${form}: γ′ holds NaN`,
        damage: (it) => setValues(it, 'bn1.weight', (all) => all.map((value, c) => (c === 0 ? Number.NaN : value))),
        // What follows is NaN too, and so the model's outputs are.
        fails: ['runs', 'reference', 'independence'],
        says: /^output "Conv_3_out" holds NaN or infinity; in the source it does not$/,
      },
    ];
  }),
  {
    what: 'γ′ and β′ are exchanged',
    damage: (it) => exchange(it, 'bn1.weight', 'bn1.bias'),
    fails: OF_SITE,
    says: SITE,
  },
  {
    what: 'native: another number of groups',
    fixture: 'opset-21',
    damage: (it) => setAttribute(it, 'GroupNormalization', 'num_groups', 4),
    fails: OF_SITE,
    says: SITE,
  },
  {
    what: 'reduce: another number of groups',
    damage: (it) =>
      setValues(
        setValues(it, 'gn_swap/shape_0_2_16', () => [0, 4, 8]),
        'gn_swap/shape_1_1_16',
        () => [1, 1, 8],
      ),
    fails: OF_SITE,
    says: SITE,
  },
  {
    what: 'instance: another number of groups',
    options: instance,
    damage: (it) =>
      setValues(
        setValues(
          setValues(it, 'gn_swap/shape_0_2_-1', () => [0, 4, -1]),
          'gn_swap/ones_2',
          () => [1, 1, 1, 1],
          [4],
        ),
        'gn_swap/zeros_2',
        () => [0, 0, 0, 0],
        [4],
      ),
    fails: OF_SITE,
    says: SITE,
  },
  {
    what: 'native: ε of 1e-2',
    fixture: 'opset-21',
    damage: (it) => setAttribute(it, 'GroupNormalization', 'epsilon', { float: 1e-2 }),
    fails: OF_SITE,
    says: SITE,
  },
  {
    what: 'reduce: ε of 1e-2',
    damage: (it) => setValues(it, 'gn_swap/epsilon', () => [1e-2]),
    fails: OF_SITE,
    says: SITE,
  },
  {
    what: 'instance: ε of 1e-2',
    options: instance,
    damage: (it) => setAttribute(it, 'InstanceNormalization', 'epsilon', { float: 1e-2 }),
    fails: OF_SITE,
    says: SITE,
  },
  {
    what: 'a mean over another axis',
    options: { groups: 1 },
    damage: (it) => setAttribute(it, 'MeanMap', 'axes', [2]),
    fails: OF_SITE,
    says: SITE,
  },
  {
    what: 'a variance that leaves an axis out',
    options: { groups: 1 },
    damage: (it) => setAttribute(it, 'VarianceChannels', 'axes', [2]),
    fails: OF_SITE,
    says: SITE,
  },
  {
    what: 'statistics that mix the batch',
    options: { groups: 1 },
    damage: (it) => setAttribute(setAttribute(it, 'MeanMap', 'axes', [0, 2, 3]), 'VarianceMap', 'axes', [0, 2, 3]),
    fails: ['reference', 'independence'],
    says: SITE,
  },
  {
    what: 'a Reshape that restores another shape',
    options: instance,
    damage: (it) => setValues(it, 'gn_swap/shape_0_32_4_4', () => [0, 32, 2, 8]),
    fails: ['runs', 'reference', 'independence', 'forms'],
    says: /^output "Conv_3_out" was float32 \[2, 4, 4, 4\] and is float32 \[2, 4, 2, 8\]$/,
  },
  {
    what: 'a Reshape that fails in the run',
    fixture: 'rank-unknown-input',
    damage: (it) => setValues(it, 'gn_swap/shape_16', () => [15]),
    fails: ['runs'],
    says: /does not run the model/,
  },
  {
    what: 'a node that is left out',
    damage: (it) =>
      rewire(
        changeNodes(it, 'Sqrt', () => []),
        'Div',
        1,
        'BatchNormalization_1/group/AddEpsilon',
      ),
    fails: OF_SITE,
    says: SITE,
  },
  {
    what: 'a node that is missing',
    damage: (it) => changeNodes(it, 'Sqrt', () => []),
    fails: ['loads'],
    says: /does not load the model/,
  },
  {
    what: 'the norm reads another value than it should',
    fixture: 'bn-after-bn',
    damage: (it) => rewire(it, 'BatchNormalization_1/group/Sub', 0, 'x'),
    fails: ['reference', 'independence', 'forms'],
    says: /^1 of 2 sites fail: "BatchNormalization_1" \(ONNX Runtime does not load the model/,
  },
  {
    what: 'the norm’s output has another name',
    damage: (it) =>
      rewire(
        changeNodes(it, 'Add', (node) => ({ ...node, output: ['elsewhere'] })),
        'Relu_2',
        0,
        'elsewhere',
      ),
    fails: ['reference', 'independence', 'forms'],
    says: /^1 of 1 sites fail: "BatchNormalization_1" \(the file has no value "BatchNormalization_1_out"\)$/,
  },
  {
    what: 'the norm’s nodes have other names',
    damage: (it) => changeNodes(it, 'Add', (node) => ({ ...node, name: 'sum' })),
    fails: ['reference', 'independence', 'forms'],
    says: /^1 of 1 sites fail: "BatchNormalization_1" \(ONNX Runtime does not load the model/,
  },
  {
    what: 'an output is renamed',
    damage: (it) =>
      changeOutputs(
        changeNodes(it, 'Conv_3', (node) => ({ ...node, output: ['z'] })),
        (output) => ({ ...output, name: 'z' }),
      ),
    fails: ['interface', 'runs'],
    says: /^output 0 was "Conv_3_out" float32 \[2, 4, 4, 4\] and is "z" float32 \[2, 4, 4, 4\]$/,
  },
  {
    what: 'an output states another shape',
    damage: (it) => changeOutputs(it, ({ name }) => valueInfo(name, DataType.FLOAT, ['batch', 4, 4, 4])),
    fails: ['interface'],
    says: /is "Conv_3_out" float32 \[batch, 4, 4, 4\]$/,
  },
  {
    what: 'an output has another type',
    damage: (it) =>
      changeOutputs(
        setAttribute(
          changeNodes(it, 'Conv_3', (node) => [
            { ...node, output: ['wide'] },
            { ...node, opType: 'Cast', name: 'cast', input: ['wide'], output: node.output, attribute: [] },
          ]),
          'cast',
          'to',
          DataType.DOUBLE,
        ),
        ({ name }) => valueInfo(name, DataType.DOUBLE, [2, 4, 4, 4]),
      ),
    fails: ['interface', 'runs'],
    says: /^output 0 was "Conv_3_out" float32 \[2, 4, 4, 4\] and is "Conv_3_out" float64/,
  },
  {
    what: 'an input is renamed',
    damage: (it) =>
      rewire(
        changeInputs(it, (input) => ({ ...input, name: 'image' })),
        'Conv_0',
        0,
        'image',
      ),
    fails: ['interface', 'runs'],
    says: /^input 0 was "x" float32 \[2, 3, 4, 4\] and is "image"/,
  },
  {
    what: 'a weight elsewhere holds NaN',
    damage: (it) => setValues(it, 'W3', (all) => all.map(() => Number.NaN)),
    fails: ['runs'],
    says: /holds NaN or infinity; in the source it does not$/,
  },
  {
    what: 'γ′ of another type',
    damage: (it) =>
      changeTensor(it, 'bn1.weight', (tensor) =>
        makeTensor(tensor.name, DataType.DOUBLE, [32, 1, 1], valuesOf(tensor)),
      ),
    fails: ['loads'],
    says: /does not load the model/,
  },
  {
    what: 'β′ of another type in a model of 16 bits, which its float32 twin would hide',
    fixture: 'type-float16',
    damage: (it) =>
      changeTensor(it, 'bn1.bias', (tensor) => makeTensor(tensor.name, DataType.FLOAT, [32, 1, 1], valuesOf(tensor))),
    fails: ['loads'],
    says: /does not load the model/,
  },
  {
    what: 'γ′ in a model that is verified through its twin',
    fixture: 'type-bfloat16',
    damage: (it) => setValues(it, 'bn0.weight', (all) => all.map((value) => value * 1.1)),
    fails: OF_SITE,
    says: /"BatchNormalization_0"/,
  },
];

function expectFailures(verification: Verification, { fails, says }: Case): void {
  expect(failedChecks(verification), JSON.stringify(verification.checks)).to.deep.equal(fails);
  expect(verification.passed).to.equal(fails.length === 0);
  const [first] = fails;
  if (first !== undefined && says !== undefined) expect(checkNamed(verification, first)?.detail).to.match(says);
}

describe('verify, given a damaged model', () => {
  for (const it_ of CASES) {
    it(`fails ${it_.fails.join(', ')}: ${it_.what}`, async () => {
      // Several groups, so that there is something to damage.
      const options = { groups: 'paper', ...it_.options } as const;
      const verification = await verifyFixture(fixtureNamed(it_.fixture ?? 'opset-17'), options, it_.damage);
      expectFailures(verification, it_);
    });
  }
});
