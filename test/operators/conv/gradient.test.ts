import { expect } from 'chai';
import { Net } from '../../../fixtures/build.ts';
import { intsAttribute, makeAttributes } from '../../../src/onnx/attributes.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import type { NodeProto } from '../../../src/onnx/schema.ts';
import { convolution } from '../../../src/operators/conv/gradient.ts';
import { adjointCases, type Case } from '../support/cases.ts';
import { Written } from '../support/written.ts';

interface Layer {
  readonly title: string;
  readonly x: readonly number[];
  readonly w: readonly number[];
  readonly attributes?: Case['attributes'];
  readonly opset?: number;
  readonly bias?: boolean;
}

function layers(op: string, list: readonly Layer[]): Case[] {
  return list.map(({ title, x, w, attributes = {}, opset = 18, bias = true }) => {
    const outer = op === 'Conv' ? (w[0] as number) : (w[1] as number) * Number(attributes.group ?? 1);
    const inputs = [{ dims: x }, { dims: w }, ...(bias ? [{ dims: [outer] }] : [])];
    return { title, op, inputs, attributes, opset };
  });
}

describe('operators/conv: gradients', () => {
  adjointCases(
    layers('Conv', [
      { title: '3×3', x: [1, 3, 6, 7], w: [4, 3, 3, 3] },
      { title: '3×3, a batch', x: [2, 3, 6, 7], w: [4, 3, 3, 3] },
      { title: '3×3, a batch of small maps', x: [3, 16, 2, 2], w: [16, 16, 3, 3], attributes: { pads: [1, 1, 1, 1] } },
      { title: '3×3, pads', x: [1, 3, 6, 7], w: [4, 3, 3, 3], attributes: { pads: [1, 1, 1, 1] } },
      { title: '3×3, uneven pads', x: [2, 3, 6, 7], w: [4, 3, 3, 3], attributes: { pads: [0, 1, 2, 1] } },
      { title: '3×3, strides', x: [2, 3, 8, 9], w: [4, 3, 3, 3], attributes: { strides: [2, 2], pads: [1, 1, 1, 1] } },
      {
        title: 'strides that do not reach the end',
        x: [1, 3, 9, 10],
        w: [4, 3, 2, 3],
        attributes: { strides: [3, 2] },
      },
      { title: 'dilations', x: [1, 3, 9, 9], w: [4, 3, 3, 3], attributes: { dilations: [2, 3], pads: [2, 3, 2, 3] } },
      {
        title: 'dilations and strides',
        x: [2, 2, 9, 10],
        w: [3, 2, 3, 3],
        attributes: { dilations: [2, 2], strides: [2, 3] },
      },
      { title: '1×1', x: [1, 3, 5, 5], w: [4, 3, 1, 1] },
      { title: '1×1, a batch', x: [3, 3, 5, 5], w: [4, 3, 1, 1] },
      { title: '1×1, a map smaller than the weight', x: [1, 8, 2, 1], w: [9, 8, 1, 1] },
      { title: '1×1, a large map of three axes', x: [1, 3, 4, 3, 5], w: [4, 3, 1, 1, 1] },
      { title: '1×1, pads', x: [1, 3, 5, 5], w: [4, 3, 1, 1], attributes: { pads: [1, 0, 2, 1] } },
      { title: '1×1, strides', x: [2, 3, 5, 6], w: [4, 3, 1, 1], attributes: { strides: [2, 2] } },
      { title: 'groups', x: [1, 4, 6, 6], w: [6, 2, 3, 3], attributes: { group: 2, pads: [1, 1, 1, 1] } },
      { title: 'groups, a batch', x: [2, 4, 6, 6], w: [6, 2, 3, 3], attributes: { group: 2 } },
      { title: '1×1, groups', x: [2, 4, 6, 6], w: [6, 2, 1, 1], attributes: { group: 2 } },
      { title: 'depthwise', x: [1, 4, 6, 6], w: [4, 1, 3, 3], attributes: { group: 4, pads: [1, 1, 1, 1] } },
      {
        title: 'depthwise, a batch and strides',
        x: [2, 4, 7, 6],
        w: [4, 1, 3, 3],
        attributes: { group: 4, strides: [2, 1] },
      },
      { title: 'depthwise, wide', x: [1, 3, 2, 20], w: [3, 1, 3, 5], attributes: { group: 3, pads: [1, 2, 1, 2] } },
      {
        title: 'depthwise, wide, a batch, strides along the height and dilations',
        x: [2, 3, 5, 30],
        w: [3, 1, 3, 3],
        attributes: { group: 3, pads: [1, 2, 1, 2], strides: [2, 1], dilations: [1, 2] },
      },
      {
        title: 'depthwise, wide, a kernel taller than the map',
        x: [2, 3, 2, 20],
        w: [3, 1, 5, 5],
        attributes: { group: 3, pads: [2, 2, 2, 2] },
      },
      {
        title: 'depthwise, wide, one end of the kernel never on the map',
        x: [1, 3, 2, 20],
        w: [3, 1, 4, 3],
        attributes: { group: 3, pads: [3, 0, 1, 1] },
      },
      {
        title: 'depthwise, wide, dilations that step over the map',
        x: [1, 3, 2, 16],
        w: [3, 1, 3, 1],
        attributes: { group: 3, pads: [6, 0, 6, 0], dilations: [4, 1] },
      },
      { title: 'depthwise, wide, 1-D', x: [2, 3, 20], w: [3, 1, 5], attributes: { group: 3, pads: [4, 1] } },
      {
        title: 'few channels, a kernel taller than the map',
        x: [2, 8, 2, 6],
        w: [3, 8, 5, 3],
        attributes: { pads: [2, 1, 2, 1] },
      },
      {
        title: 'depthwise, many rows',
        x: [2, 3, 30, 5],
        w: [3, 1, 3, 3],
        attributes: { group: 3, pads: [1, 1, 1, 1] },
      },
      {
        title: 'depthwise, many rows and strides',
        x: [1, 3, 60, 8],
        w: [3, 1, 3, 3],
        attributes: { group: 3, pads: [1, 1, 1, 1], strides: [2, 2] },
      },
      { title: 'depthwise 1×1', x: [2, 4, 7, 6], w: [4, 1, 1, 1], attributes: { group: 4 } },
      { title: 'depthwise, two outputs a channel', x: [2, 4, 6, 6], w: [8, 1, 3, 3], attributes: { group: 4 } },
      { title: 'patches', x: [2, 3, 8, 12], w: [5, 3, 4, 4], attributes: { strides: [4, 4] } },
      { title: 'patches, groups', x: [1, 4, 8, 8], w: [6, 2, 2, 2], attributes: { strides: [2, 2], group: 2 } },
      { title: 'no bias', x: [1, 3, 6, 7], w: [4, 3, 3, 3], bias: false },
      {
        title: 'SAME_UPPER',
        x: [1, 3, 6, 7],
        w: [4, 3, 3, 2],
        attributes: { auto_pad: 'SAME_UPPER', strides: [2, 2] },
      },
      { title: 'SAME_LOWER', x: [1, 3, 6, 7], w: [4, 3, 2, 4], attributes: { auto_pad: 'SAME_LOWER' } },
      { title: 'VALID', x: [1, 3, 6, 7], w: [4, 3, 3, 3], attributes: { auto_pad: 'VALID' } },
      { title: '1-D', x: [2, 3, 11], w: [4, 3, 3], attributes: { pads: [2, 1], strides: [2] } },
      { title: '1-D, depthwise', x: [2, 3, 11], w: [3, 1, 5], attributes: { group: 3, pads: [2, 2] } },
      { title: '3-D', x: [1, 2, 5, 6, 5], w: [3, 2, 3, 2, 3], attributes: { pads: [1, 0, 1, 1, 1, 1] } },
      {
        title: '3-D, groups, a batch and strides',
        x: [2, 4, 5, 6, 5],
        w: [4, 2, 2, 3, 2],
        attributes: { group: 2, strides: [2, 1, 2] },
      },
      {
        title: 'a kernel that is taken whole',
        x: [2, 2, 14, 15],
        w: [3, 2, 12, 13],
        attributes: { pads: [3, 2, 1, 4] },
      },
      {
        title: 'a kernel that is taken whole, groups and strides',
        x: [2, 4, 16, 15],
        w: [6, 2, 12, 12],
        attributes: { group: 2, strides: [2, 3] },
      },
      { title: 'a large map', x: [1, 16, 18, 17], w: [4, 16, 3, 3], attributes: { pads: [1, 1, 1, 1] } },
      {
        title: 'a large map with strides',
        x: [1, 16, 37, 36],
        w: [5, 16, 3, 3],
        attributes: { pads: [1, 0, 1, 1], strides: [2, 2] },
      },
      {
        title: 'few channels out of many, uneven pads',
        x: [2, 8, 6, 7],
        w: [2, 8, 3, 2],
        attributes: { pads: [2, 0, 1, 1] },
      },
      {
        title: 'few channels out of many, dilations',
        x: [1, 8, 9, 9],
        w: [3, 8, 3, 3],
        attributes: { dilations: [2, 3], pads: [2, 3, 4, 1] },
      },
      {
        title: 'depthwise, dilations and strides',
        x: [2, 4, 11, 12],
        w: [4, 1, 3, 3],
        attributes: { group: 4, strides: [2, 3], dilations: [2, 1] },
      },
      {
        title: 'a kernel whose holes are all that lies on the map',
        x: [1, 8, 1],
        w: [3, 8, 2],
        attributes: { dilations: [3], pads: [1, 2] },
      },
      { title: 'opset 7', x: [1, 3, 6, 7], w: [4, 3, 3, 3], opset: 7 },
      { title: 'opset 11', x: [1, 3, 6, 7], w: [4, 3, 3, 3], opset: 11 },
      { title: 'opset 22', x: [1, 3, 6, 7], w: [4, 3, 3, 3], opset: 22 },
    ]),
  );
  adjointCases(
    layers('ConvTranspose', [
      { title: '3×3', x: [1, 3, 4, 5], w: [3, 4, 3, 3] },
      { title: '2×2, strides', x: [2, 3, 4, 5], w: [3, 4, 2, 2], attributes: { strides: [2, 2] } },
      {
        title: 'strides, pads and output_padding',
        x: [1, 3, 4, 5],
        w: [3, 4, 3, 3],
        attributes: { strides: [2, 2], pads: [1, 1, 1, 1], output_padding: [1, 1] },
      },
      { title: 'a kernel smaller than its strides', x: [1, 3, 4, 5], w: [3, 2, 2, 2], attributes: { strides: [3, 3] } },
      { title: 'dilations', x: [1, 3, 4, 5], w: [3, 4, 3, 3], attributes: { dilations: [2, 2], pads: [1, 0, 2, 1] } },
      { title: 'groups', x: [2, 4, 4, 5], w: [4, 3, 3, 3], attributes: { group: 2, strides: [2, 2] } },
      {
        title: 'depthwise',
        x: [1, 4, 4, 5],
        w: [4, 1, 3, 3],
        attributes: { group: 4, strides: [2, 2], pads: [1, 1, 1, 1] },
      },
      {
        title: 'output_shape',
        x: [1, 3, 4, 5],
        w: [3, 4, 3, 3],
        attributes: { strides: [2, 2], output_shape: [8, 10] },
      },
      {
        title: 'SAME_UPPER',
        x: [1, 3, 4, 5],
        w: [3, 4, 3, 3],
        attributes: { strides: [2, 2], auto_pad: 'SAME_UPPER' },
      },
      {
        title: 'SAME_LOWER',
        x: [1, 3, 4, 5],
        w: [3, 4, 3, 3],
        attributes: { strides: [2, 2], auto_pad: 'SAME_LOWER' },
      },
      { title: '1-D', x: [2, 3, 6], w: [3, 4, 4], attributes: { strides: [2], pads: [1, 1] } },
      { title: '3-D', x: [1, 2, 3, 4, 3], w: [2, 3, 2, 3, 2], attributes: { strides: [1, 2, 2] } },
      { title: '1×1', x: [2, 3, 4, 4], w: [3, 5, 1, 1] },
      { title: 'opset 7', x: [1, 3, 4, 5], w: [3, 4, 3, 3], opset: 7 },
    ]),
  );
});

describe('operators/conv: the gradient of Col2Im', () => {
  const ints = (values: readonly number[]) => ({ dims: [values.length], values, type: DataType.INT64, constant: true });
  const folds: readonly (readonly [
    string,
    readonly number[],
    readonly number[],
    readonly number[],
    Case['attributes']?,
  ])[] = [
    ['windows side by side', [1, 12, 6], [4, 6], [2, 2], { strides: [2, 2] }],
    ['windows that overlap, a batch', [2, 18, 12], [5, 6], [3, 3]],
    ['pads', [1, 18, 20], [4, 5], [3, 3], { pads: [1, 1, 1, 1] }],
    ['uneven pads and strides', [2, 18, 6], [4, 5], [3, 3], { pads: [0, 1, 2, 1], strides: [2, 2] }],
    ['dilations', [1, 8, 15], [5, 7], [2, 2], { dilations: [2, 2] }],
    ['strides that do not reach the end', [1, 8, 4], [5, 6], [2, 2], { strides: [3, 3] }],
    ['1-D', [2, 6, 5], [7], [3], { strides: [1] }],
    ['3-D', [1, 8, 8], [3, 3, 3], [2, 2, 2]],
  ];
  adjointCases(
    folds.map(([title, dims, image, block, attributes = {}]) => ({
      title,
      op: 'Col2Im',
      inputs: [{ dims }, ints(image), ints(block)],
      attributes,
    })),
  );
});

describe('operators/conv: how the gradient of the input is spelled', () => {
  const spelled = (x: readonly number[], w: readonly number[], group: number, pad: number) => {
    const attributes = { group, pads: [pad, pad, pad, pad] };
    const net = new Net();
    const y = x.map((dim, axis) => (axis < 2 ? dim : dim + 2 * pad - (w[axis] as number) + 1));
    net.node('Conv', ['x', 'w'], attributes, { outputs: ['y'] });
    const g = new Written(net.model().proto.graph.node[0], ['dy']);
    g.state('x', x);
    g.state('w', w);
    g.state('y', [x[0] as number, w[0] as number, ...y.slice(2)]);
    g.wants = (index) => index === 0;
    if (convolution.Conv !== undefined && 'rule' in convolution.Conv) convolution.Conv.rule(g);
    return g.net.model().proto.graph.node;
  };
  const operators = (...args: Parameters<typeof spelled>) => spelled(...args).map(({ opType }) => opType);

  it('turns the kernel of each channel around on wide rows, where ConvTranspose takes twice as long', () => {
    expect(operators([1, 8, 4, 14], [8, 1, 3, 3], 8, 1)).to.deep.equal(['Slice', 'Conv']);
    expect(operators([1, 8, 14, 13], [8, 1, 3, 3], 8, 1)).to.deep.equal(['ConvTranspose']);
    expect(operators([1, 8, 4, 14], [8, 4, 3, 3], 2, 1)).to.deep.equal(['ConvTranspose']);
    expect(operators([1, 8, 4, 14], [16, 1, 3, 3], 8, 1)).to.deep.equal(['ConvTranspose']);
  });

  it('leaves the rows of a kernel out that never lie on the map', () => {
    const conv = spelled([1, 8, 2, 20], [8, 1, 5, 5], 8, 2).at(-1);
    expect(intsAttribute(conv as NodeProto, 'kernel_shape')).to.deep.equal([3, 5]);
    expect(intsAttribute(conv as NodeProto, 'pads')).to.deep.equal([1, 2, 1, 2]);
  });

  it('gives the input of a ConvTranspose nothing of positions behind all windows, which older runtimes take', async () => {
    const node = { opType: 'ConvTranspose', input: ['x', 'w'], output: ['y'] };
    const g = new Written({ ...node, attribute: makeAttributes({ output_padding: [1] }) }, ['dy']);
    g.state('x', [1, 1, 3]);
    g.value('w', [1, 1, 2], [2, -3]);
    g.state('y', [1, 1, 5]);
    g.value('dy', [1, 1, 5], [1, 2, 3, 4, 50]);
    g.wants = (index) => index === 0;
    const rule = convolution.ConvTranspose;
    const [dx] = rule !== undefined && 'rule' in rule ? rule.rule(g) : [];
    const found = await g.run(dx as string);
    expect(found).to.deep.equal({ dims: [1, 1, 3], values: [2 * 1 - 3 * 2, 2 * 2 - 3 * 3, 2 * 3 - 3 * 4] });
  });
});
