import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { swap } from '../../src/jobs/swap.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { type Model, readModel, writeModel } from '../../src/onnx/model.ts';
import { trainsInOnnx2torch, unreadByOnnx2torch } from '../../src/plan/onnx2torch.ts';
import { trainsNote } from '../../src/report/wording.ts';
import { rejection } from '../support/errors.ts';

const NONE: ReadonlySet<never> = new Set<never>();

/** Conv → BatchNormalization → what is given. */
function modelOf(opset: number, after: (net: Net, x: string) => string, opsetOfBn = opset): Model {
  const net = new Net({ opset: opsetOfBn });
  const x = net.bn(net.conv(net.input('x', ['N', 3, 8, 8]), 3, 8, { options: { name: 'conv' } }), 8);
  return net.output(after(net, x)).model();
}

const slice = (net: Net, x: string) => net.node('Slice', [x], { axes: [2], starts: [0], ends: [4] }, { name: 'crop' });
const sliceByInputs = (net: Net, x: string) => {
  const of = (name: string, value: number) => net.weight(name, [1], [value], DataType.INT64);
  return net.node('Slice', [x, of('starts', 0), of('ends', 4), of('axes', 2)], {}, { name: 'crop' });
};

const refusal = async (model: Model) => {
  const error = await rejection(swap(writeModel(model), { for: 'pytorch', verify: false }));
  return { code: error.code, node: error.node, message: error.message, remedy: error.remedy ?? '' };
};

describe('--for pytorch', () => {
  it('refuses a Slice before opset 10, with a command that converts it, and reads it from then on', async () => {
    const { code, node, message, remedy } = await refusal(modelOf(9, slice));
    expect([code, node]).to.deep.equal(['unsupported-model', 'crop']);
    expect(message).to.include('Slice is read from opset 10 on, and the model is of opset 9');
    expect(remedy).to.match(/^Convert the model first: python -c .*convert_version\(.*, 13\)/);
    for (const opset of [10, 13, 17])
      expect(unreadByOnnx2torch(modelOf(opset, sliceByInputs), NONE)).to.equal(undefined);
  });

  it('refuses operators that it reads at no opset, of other domains, and only up to one', async () => {
    const of = async (opset: number, op: string, domain = '') =>
      (await refusal(modelOf(opset, (net, x) => net.node(op, [x], {}, { name: 'odd', domain })))).message;
    expect(await of(13, 'SpaceToDepth')).to.match(/SpaceToDepth is not read at any opset$/);
    expect(await of(13, 'Thing', 'com.example')).to.match(/an operator of the domain com.example$/);
    const split = modelOf(18, (net, x) => net.node('ReduceMax', [x], {}, { name: 'm' }));
    expect((await refusal(split)).message).to.match(
      /ReduceMax is read from opset 1 to 17, and the model is of opset 18$/,
    );
    expect((await refusal(split)).remedy).to.include(', 17)');
  });

  it('does not mind the BatchNormalization that goes, at an opset where it is not read', async () => {
    const { plan } = await swap(writeModel(modelOf(7, (net, x) => net.relu(x))), { for: 'pytorch', verify: false });
    expect(plan.sites).to.have.lengthOf(1);
  });

  it('refuses a Conv whose weight a node computes', async () => {
    const computed = modelOf(13, (net, x) => {
      const weight = net.node('Relu', [net.weight('raw', [4, 8, 1, 1])]);
      return net.node('Conv', [x, weight], {}, { name: 'made' });
    });
    expect((await refusal(computed)).message).to.include('its weight is computed by a node');
  });

  it('refuses norms whose γ and β it would keep as they are, unless they are multiplied into a weight', async () => {
    const bytes = writeModel(modelOf(13, (net, x) => net.relu(x)));
    for (const to of ['frozen', 'weight', 'batch-renorm']) {
      const error = await rejection(swap(bytes, { for: 'pytorch', to, verify: false }));
      expect(error.code, to).to.equal('invalid-arguments');
      expect(error.message, to).to.match(/^--to .* would not train in onnx2torch 1\.5\.15: /);
    }
    const folded = await swap(bytes, { for: 'pytorch', to: 'frozen', fold: true, verify: false });
    expect(folded.plan.sites.map(({ form }) => form)).to.deep.equal(['fold']);
    for (const to of ['group', 'layer', 'instance']) {
      expect((await swap(bytes, { for: 'pytorch', to, verify: false })).plan.sites[0]?.form, to).to.equal(
        'instance-conv',
      );
    }
  });

  it('says what trains there, and what does not', async () => {
    const model = modelOf(13, (net, x) => {
      const scaled = net.node('Mul', [x, net.weight('layer_scale', [8, 1, 1])]);
      const flat = net.node('Flatten', [net.node('GlobalAveragePool', [scaled])]);
      const hidden = net.node('MatMul', [flat, net.weight('projection', [8, 6])]);
      return net.node('Gemm', [hidden, net.weight('head', [6, 2]), net.weight('head_bias', [2])]);
    });
    const { plan } = await swap(writeModel(model), { for: 'pytorch', verify: false });
    expect(plan.trains?.buffers).to.deep.equal(['layer_scale', 'projection']);
    expect(plan.trains?.parameters).to.include.members(['head', 'head_bias']).and.have.lengthOf(3);
    expect(trainsNote(plan)).to.equal(
      'in onnx2torch 1.5.15, γ and β of 1 norm, and 3 other tensors of Conv, Gemm and norms train; ' +
        'not 2 tensors of MatMul, Mul, Add and PRelu, which become buffers: layer_scale, projection',
    );
    expect((await swap(writeModel(model), { verify: false })).plan.trains).to.equal(undefined);
  });

  it('counts weights of Conv that Constant nodes hold, as they are lifted, but not those of Gemm', () => {
    const net = new Net({ opset: 13 });
    const constant = (name: string, dims: readonly number[]) => {
      const source = new Net({ opset: 13 });
      source.weight(name, dims);
      return net.node('Constant', [], { value: source.graph().initializer[0] as never }, { outputs: [name] });
    };
    const x = net.node('Conv', [net.input('x', ['N', 3, 1, 1]), constant('w', [8, 3, 1, 1])]);
    const y = net.node('Gemm', [net.node('Flatten', [x]), constant('v', [8, 2])]);
    const model = readModel(writeModel(net.output(y).model()));
    expect(trainsInOnnx2torch(model, NONE)).to.deep.equal({ parameters: ['w'], buffers: ['v'] });
  });
});
