import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { FIXTURES } from '../../fixtures/index.ts';
import { countFoldedConv, findSites } from '../../src/find/index.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { makeTensor } from '../../src/onnx/tensor.ts';

const C = 4;
const MAP = [1, C, 4, 4] as const;

interface Parts {
  readonly op?: string;
  readonly biased?: boolean;
  readonly type?: DataType;
  readonly dims?: readonly (number | string)[] | undefined;
  /** What stands between the Conv and the layer that follows. */
  readonly between?: (net: Net, x: string) => string;
  /** What stands between that layer, or the Conv itself, and the model's output. */
  readonly after?: (net: Net, x: string) => string;
}

const relu = (net: Net, x: string) => net.relu(x);
const layer = (net: Net, x: string) => net.conv(x, C, C);

/** x → Conv `c` → `between` → `after` → output; a Conv without a bias is the layer that follows by default. */
function look({ op = 'Conv', biased = true, type, dims = MAP, between = relu, after = layer }: Parts) {
  const net = new Net(type === undefined ? {} : { type });
  const inputs = [net.input('x', dims), net.weight('W', [C, C, 1, 1])];
  const x = net.node(op, biased ? [...inputs, net.weight('b', [C])] : inputs, {}, { name: 'c', outputs: ['v'] });
  return findSites(net.output(after(net, between(net, x)), undefined).model(), undefined, 'folded');
}

/** What a site shows for it. */
function evidence(parts: Parts): string | undefined {
  return look(parts).sites.find(({ input }) => ['v/raw', 'Add'].some((it) => input.startsWith(it)))?.evidence;
}

/** Why the Conv `c` is no site. */
function reason(parts: Parts): string | undefined {
  const refusal = look(parts).refusals.find(({ name }) => name === 'c');
  expect(refusal?.code ?? 'not-folded').to.equal('not-folded');
  return refusal?.reason;
}

const unary = (op: string) => (net: Net, x: string) => net.node(op, [x]);
const constant = (net: Net, value: number, dims: readonly number[] = []) =>
  net.weight(`k${net.initializers.length}`, dims, new Array<number>(dims.length === 0 ? 1 : C).fill(value));

describe('find/folded-conv', () => {
  describe('named by the user', () => {
    const named = (parts: Parts) => {
      const { model } = look(parts);
      return findSites(model, undefined, 'folded', [/^c$/]).sites.find(({ name }) => name === 'c');
    };

    it('is a site without a bias, without a nonlinearity, on a 1×1 map, as a head', () => {
      expect(named({})?.evidence).to.equal('named by --include, has a bias, feeds Relu');
      expect(named({ biased: false })?.evidence).to.equal('named by --include, has no bias, feeds Relu');
      expect(named({ between: (_, x) => x })?.evidence).to.match(/feeds no nonlinearity$/);
      expect(named({ dims: [1, C, 1, 1] })).not.to.equal(undefined);
      expect(named({ after: (_, x) => x })).not.to.equal(undefined);
    });

    it('is none where a norm stands, or what it is can’t be told', () => {
      const normed = (net: Net, x: string) => net.relu(net.bn(x, C));
      expect(named({ between: normed })).to.equal(undefined);
      expect(named({ type: DataType.INT32 })).to.equal(undefined);
    });

    it('leaves the other Conv to be judged as ever', () => {
      const { model, sites } = look({ after: (net, x) => layer(net, net.relu(net.conv(x, C, C))) });
      const others = (list: typeof sites) => list.filter(({ name }) => name !== 'c').map(({ name }) => name);
      expect(others(findSites(model, undefined, 'folded', [/^c$/]).sites)).to.deep.equal(others(sites));
    });
  });

  describe('(1) a bias', () => {
    it('is an input of a Conv or a ConvTranspose', () => {
      expect(evidence({})).to.equal('has a bias, feeds Relu');
      expect(evidence({ op: 'ConvTranspose' })).to.equal('has a bias, feeds Relu');
    });

    it('is added: an initializer, a Constant, or one that a Reshape turns', () => {
      const added = (bias: (net: Net) => string) =>
        evidence({ biased: false, between: (net, x) => net.relu(net.node('Add', [x, bias(net)])) });
      const expected = 'a bias is added, feeds Relu';
      const tensor = makeTensor('', DataType.FLOAT, [C, 1, 1], [1, 2, 3, 4]);
      expect(added((net) => net.weight('b', [C, 1, 1]))).to.equal(expected);
      expect(added((net) => net.node('Constant', [], { value: tensor }))).to.equal(expected);
      const turned = (net: Net) => [net.weight('b', [C]), net.weight('s', [4], [1, C, 1, 1], DataType.INT64)];
      expect(added((net) => net.node('Reshape', turned(net)))).to.equal(expected);
    });

    it('is told behind an Identity at every step, as PaddlePaddle’s newer exporter writes it', () => {
      const same = (net: Net, x: string) => net.node('Identity', [x]);
      const added = (net: Net, x: string) =>
        same(net, net.node('Add', [same(net, x), same(net, net.weight('b', [C, 1, 1]))]));
      const sum = (net: Net, x: string) => net.node('Add', [same(net, added(net, x)), net.conv(x, C, C)]);
      const gated = (net: Net, x: string) => {
        const y = added(net, x);
        return same(net, net.node('Mul', [y, same(net, net.node('Sigmoid', [same(net, y)]))]));
      };
      expect(evidence({ biased: false, between: (net, x) => net.relu(added(net, x)) })).to.equal(
        'a bias is added, feeds Relu',
      );
      expect(evidence({ biased: false, between: gated })).to.equal('a bias is added, feeds Sigmoid');
      // The Conv's own output has two readers, so its bias was never between a norm and them.
      expect(reason({ biased: false, between: sum })).to.equal('it has no bias, so it did not absorb a norm');
      const normed = (net: Net, x: string) => net.bn(net.relu(added(net, x)), C);
      expect(reason({ biased: false, between: normed })).to.match(/^its BatchNormalization follows/);
    });

    it('may be the first input of the Add', () => {
      const between = (net: Net, x: string) => net.relu(net.node('Add', [net.weight('b', [C, 1, 1]), x]));
      expect(evidence({ biased: false, between })).to.equal('a bias is added, feeds Relu');
    });

    it('is the same all over the map', () => {
      const added = (dims: readonly number[]) =>
        reason({ biased: false, between: (net, x) => net.relu(net.node('Add', [x, net.weight('b', dims)])) });
      expect(added([1, C, 4, 4])).to.equal('it has no bias, so it did not absorb a norm');
      expect(added([1, C, 1, 1])).to.equal(undefined);
      expect(added([])).to.equal(undefined);
    });

    it('is missing: nothing was folded in', () => {
      const none = 'it has no bias, so it did not absorb a norm';
      expect(reason({ biased: false })).to.equal(none);
      expect(
        reason({ biased: false, between: (net, x) => net.relu(net.node('Add', [x, net.node('Abs', [x])])) }),
      ).to.equal(none);
      // Where something else reads the Conv's own output, no norm was between them.
      const branch = (net: Net, x: string) => {
        const sum = net.relu(net.node('Add', [x, net.weight('b', [C, 1, 1])]));
        return net.node('Concat', [sum, net.node('Neg', [x])], { axis: 1 });
      };
      expect(reason({ biased: false, between: branch, after: (net, x) => net.conv(x, 2 * C, C) })).to.equal(none);
    });
  });

  describe('(2) a nonlinearity', () => {
    it('follows at once', () => {
      for (const op of ['Relu', 'LeakyRelu', 'Clip', 'HardSwish', 'Sigmoid', 'HardSigmoid', 'Mish', 'Elu', 'Tanh']) {
        expect(evidence({ between: unary(op) }), op).to.equal(`has a bias, feeds ${op}`);
      }
      const prelu = (net: Net, x: string) => net.node('PRelu', [x, constant(net, 0.1, [C, 1, 1])]);
      expect(evidence({ between: prelu })).to.equal('has a bias, feeds PRelu');
    });

    it('is spelled out', () => {
      const silu = (net: Net, x: string) => net.node('Mul', [x, net.node('Sigmoid', [x])]);
      const hardSwish = (net: Net, x: string) => {
        const shifted = net.node('Add', [x, constant(net, 3)]);
        const clipped = net.node('Clip', [shifted, constant(net, 0), constant(net, 6)]);
        return net.node('Div', [net.node('Mul', [x, clipped]), constant(net, 6)]);
      };
      const mish = (net: Net, x: string) => net.node('Mul', [x, net.node('Tanh', [net.node('Softplus', [x])])]);
      const gelu = (net: Net, x: string) => {
        const erf = net.node('Erf', [net.node('Div', [x, constant(net, Math.SQRT2)])]);
        return net.node('Mul', [net.node('Mul', [x, net.node('Add', [erf, constant(net, 1)])]), constant(net, 0.5)]);
      };
      const gate = (net: Net, x: string) => {
        const scaled = net.node('Add', [net.node('Mul', [x, constant(net, 0.2)]), constant(net, 0.5)]);
        return net.node('Min', [net.node('Max', [scaled, constant(net, 0)]), constant(net, 1)]);
      };
      expect(evidence({ between: silu })).to.equal('has a bias, feeds Sigmoid');
      expect(evidence({ between: hardSwish })).to.equal('has a bias, feeds Clip');
      expect(evidence({ between: mish })).to.equal('has a bias, feeds Softplus');
      expect(evidence({ between: gelu })).to.equal('has a bias, feeds Erf');
      expect(evidence({ between: gate })).to.equal('has a bias, feeds Max');
      const least = (net: Net, x: string) => net.node('Max', [constant(net, 0), x]);
      expect(evidence({ between: least })).to.equal('has a bias, feeds Max');
    });

    it('is a residual sum', () => {
      const between = (net: Net, x: string) => net.node('Add', [x, 'x']);
      expect(evidence({ between })).to.equal('has a bias, feeds a residual sum');
      expect(evidence({ between: (net, x) => net.node('Add', ['x', x]) })).to.equal('has a bias, feeds a residual sum');
      expect(evidence({ between: (net, x) => net.node('Sum', ['x', x, 'x']) })).to.equal(
        'has a bias, feeds a residual sum',
      );
    });

    it('is an affine layer of its own', () => {
      const affine = (net: Net, x: string) =>
        net.node('Add', [net.node('Mul', [x, constant(net, 2)]), constant(net, 1)]);
      expect(evidence({ between: affine })).to.equal('has a bias, feeds a learned affine');
      expect(reason({ between: (net, x) => net.node('Mul', [x, constant(net, 2)]) })).to.match(
        /^no activation or residual sum/,
      );
    });

    it('is missing', () => {
      const none = 'no activation or residual sum follows';
      expect(reason({ between: (_, x) => x })).to.equal(none);
      expect(reason({ between: unary('Neg') })).to.equal(none);
      // What the Conv is clipped by, or the slope of a PRelu, is no input of a nonlinearity.
      expect(reason({ between: (net) => net.node('PRelu', ['x', 'v']) })).to.equal(none);
    });
  });

  describe('(3) a map', () => {
    it('of one position has no norm', () => {
      const point = 'its map is 1×1, as in squeeze-and-excite';
      expect(reason({ dims: [1, C, 1, 1] })).to.equal(point);
      const net = new Net();
      const x = net.input('x', ['n', C, 'h', 'w']);
      const pooled = net.node('GlobalAveragePool', [x]);
      const squeezed = net.node('Conv', [pooled, net.weight('W', [C, C, 1, 1]), net.weight('b', [C])]);
      const gated = net.node('Mul', [x, net.node('Sigmoid', [net.conv(net.relu(squeezed), C, C)])]);
      const { refusals } = findSites(net.output(net.conv(gated, C, C)).model(), undefined, 'folded');
      expect(refusals[0]?.reason).to.equal(point);
    });

    it('of another size, or of one that is not known, may have one', () => {
      expect(evidence({ dims: [1, C, 1, 2] })).to.equal('has a bias, feeds Relu');
      expect(evidence({ dims: ['n', C, 'h', 'w'] })).to.equal('has a bias, feeds Relu');
      expect(evidence({ dims: undefined })).to.equal('has a bias, feeds Relu');
    });
  });

  describe('(4) a prediction head', () => {
    const head = 'it is a prediction head: no further layer follows';
    const nothing = (_: Net, x: string) => x;

    it('is left alone', () => {
      expect(reason({ after: nothing })).to.equal(head);
      expect(reason({ between: unary('Sigmoid'), after: unary('Identity') })).to.equal(head);
    });

    it('is also what a later layer reads, where the model returns it', () => {
      const returned = (net: Net, x: string) => {
        net.output(x, MAP);
        return net.conv(x, C, C);
      };
      expect(reason({ after: returned })).to.equal(head);
      expect(reason({ between: (net, x) => net.output(x, MAP).relu(x) })).to.equal(head);
    });

    it('is what a value that only goes round a layer makes', () => {
      const round = (net: Net, x: string) => net.node('Add', [x, net.conv(x, C, C)]);
      expect(reason({ after: round })).to.equal(head);
    });

    it('is not told by what only asks for a size', () => {
      const asked = (net: Net, x: string) => {
        net.output(net.node('Shape', [x]), [4], DataType.INT64);
        return net.conv(x, C, C);
      };
      expect(evidence({ after: asked })).to.equal('has a bias, feeds Relu');
    });

    it('has no Conv, ConvTranspose, Gemm or MatMul after it', () => {
      for (const op of ['Conv', 'ConvTranspose', 'MatMul']) {
        const after = (net: Net, x: string) =>
          net.node(op, [x, net.weight('W2', op === 'MatMul' ? [4, 4] : [C, C, 1, 1])]);
        expect(evidence({ after }), op).to.equal('has a bias, feeds Relu');
      }
      const gemm = (net: Net, x: string) => net.node('Gemm', [net.node('Flatten', [x]), net.weight('W2', [16 * C, 2])]);
      expect(evidence({ after: gemm })).to.equal('has a bias, feeds Relu');
    });
  });

  it('(5) is in the main graph', () => {
    const body = new Net({ prefix: 'b/' });
    const y = body.node('Conv', ['x', body.weight('W', [3, 3, 1, 1]), body.weight('b', [3])]);
    const graph = body.output(body.conv(body.relu(y), 3, 3), [1, 3, 4, 4]).graph();
    const net = new Net();
    net.input('x', [1, 3, 4, 4]);
    const choice = net.input('choice', [], DataType.BOOL);
    const model = net.output(net.node('If', [choice], { then_branch: { graph }, else_branch: { graph } })).model();
    const { sites, refusals } = findSites(model, undefined, 'folded');
    expect(sites).to.deep.equal([]);
    expect(
      refusals.filter(({ reason }) => reason === 'it is in a subgraph, where norms cannot be solved from data'),
    ).to.have.lengthOf(2);
  });

  describe('(6) a norm that stands', () => {
    const bn = (net: Net, x: string) => net.bn(x, C);
    const stands = 'its BatchNormalization follows, after the activation or the residual sum';

    it('is not put before another', () => {
      expect(reason({ between: bn })).to.equal('it feeds BatchNormalization');
      const instance = (net: Net, x: string) => {
        const rows = net.node('Reshape', [x, net.weight('s', [3], [0, 2, -1], DataType.INT64)]);
        return net.node('InstanceNormalization', [rows, constant(net, 1), constant(net, 0)]);
      };
      expect(reason({ between: instance })).to.equal('it feeds InstanceNormalization');
    });

    it('may stand after the nonlinearity or the sum', () => {
      expect(reason({ between: (net, x) => bn(net, net.relu(x)) })).to.equal(stands);
      expect(reason({ between: (net, x) => bn(net, net.node('Add', [x, 'x'])) })).to.equal(stands);
      expect(reason({ between: (net, x) => bn(net, net.node('Mul', [x, net.node('Sigmoid', [x])])) })).to.equal(stands);
    });

    it('of a later layer is none of its own', () => {
      expect(evidence({ between: (net, x) => bn(net, net.conv(net.relu(x), C, C)) })).to.equal(
        'has a bias, feeds Relu',
      );
      const pooled = (net: Net, x: string) => bn(net, net.node('MaxPool', [net.relu(x)], { kernel_shape: [1, 1] }));
      expect(evidence({ between: pooled })).to.equal('has a bias, feeds Relu');
    });

    it('may have a Conv for its affine layer', () => {
      const affine = (width: number, normed: boolean) => {
        const net = new Net();
        let x = net.input('x', MAP);
        if (normed) {
          x = net.node('InstanceNormalization', [x, net.weight('one', [C]), net.weight('zero', [C])]);
          x = net.node('Reshape', [x, net.weight('s', [4], [1, C, 4, 4], DataType.INT64)]);
        }
        const group = C / width;
        const inputs = [x, net.weight('W', [C, width, 1, 1]), net.weight('b', [C])];
        const y = net.node('Conv', inputs, { group }, { name: 'c' });
        const { sites, refusals } = findSites(net.output(net.conv(net.relu(y), C, C)).model(), undefined, 'folded');
        return refusals.find(({ name }) => name === 'c')?.reason ?? sites.length;
      };
      expect(affine(1, true)).to.equal('it is the affine layer of a norm');
      expect(affine(1, false)).to.equal(1);
      expect(affine(C, true)).to.equal(1);
    });
  });

  it('refuses what is no Conv over channels of floats', () => {
    expect(look({ op: 'MaxPool' }).sites).to.deep.equal([]);
    expect(look({ op: 'MaxPool' }).refusals.map(({ name }) => name)).not.to.include('c');
  });

  it('refuses a number of channels that no layer has, as a damaged file may claim', () => {
    const unknown = 'its number of channels is unknown';
    const claims = (channels: number) => {
      const net = new Net();
      const attributes = { group: channels };
      const inputs = [net.input('x', [1, C, 4, 4]), net.weight('W', [C, 1, 1, 1]), net.weight('b', [C])];
      const x = net.node('ConvTranspose', inputs, attributes, { name: 'c', outputs: ['v'] });
      const { refusals } = findSites(net.output(layer(net, relu(net, x))).model(), undefined, 'folded');
      return refusals.find(({ name }) => name === 'c')?.reason;
    };
    expect(claims(C)).to.equal(undefined);
    expect(claims(2 ** 36)).to.equal(unknown);
  });

  it('hints at names that exporters leave', () => {
    const named = (weight: string, bias = 'b') => {
      const net = new Net();
      const inputs = [net.input('x', MAP), net.weight(weight, [C, C, 1, 1]), net.weight(bias, [C])];
      const model = net.output(net.conv(net.relu(net.node('Conv', inputs)), C, C)).model();
      return findSites(model, undefined, 'folded').sites[0]?.evidence;
    };
    expect(named('conv1_bn/FusedBatchNormV3')).to.match(/, named after a norm$/);
    expect(named('block_BN_fused')).to.match(/, named after a norm$/);
    expect(named('onnx::Conv_123', 'onnx::Conv_124')).to.match(/, its weight renamed by an exporter$/);
    // With a bias of its own its weight was computed otherwise, as with weight norm.
    expect(named('onnx::Conv_123', 'conv.bias')).to.equal('has a bias, feeds Relu');
    expect(named('cabin.weight')).to.equal('has a bias, feeds Relu');
  });

  it('is a site after the Conv and its bias, which keeps the name of its output', () => {
    const [site] = look({}).sites;
    expect(site).to.deep.include({
      name: 'c',
      pattern: 'folded-conv',
      path: '',
      output: 'v',
      channels: C,
      training: false,
    });
    expect(site?.shape).to.deep.equal([1, C, 4, 4]);
    expect(site?.kept).to.deep.include({ opType: 'Conv', name: 'c', output: [site?.input] });
    expect(site?.node.output).to.deep.equal(['v']);
    expect(site?.input).not.to.equal('v');
  });

  it('tells the fixtures apart', () => {
    // Where the norm still stands, the Conv before it is not counted.
    const counted = FIXTURES.flatMap(({ name, build }) => {
      const count = countFoldedConv(build());
      return count > 0 ? [[name, count]] : [];
    });
    expect(counted).to.deep.equal([
      ['folded-conv', 1],
      ['folded-mobile', 3],
      ['folded-bias-added', 1],
      ['folded-transpose', 1],
      ['folded-two-readers', 2],
      ['folded-beside-bn', 1],
    ]);
  });
});
