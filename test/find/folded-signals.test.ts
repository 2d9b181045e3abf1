import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { asTorchvision } from '../../fixtures/frozen.ts';
import { findSites, type Search } from '../../src/find/index.ts';

const C = 8;
const MAP = [1, C, 8, 8] as const;

/** Adds a Conv with a bias; `names` are those of its weight and bias. */
function conv(net: Net, x: string, name: string, names: readonly [string, string], bias?: readonly number[]): string {
  const parameters = [
    [names[0], [C, C, 1, 1], undefined],
    [names[1], [C], bias],
  ] as const;
  for (const [it, dims, values] of parameters) {
    if (!net.initializers.some((tensor) => tensor.name === it)) net.weight(it, dims, values);
  }
  return net.node('Conv', [x, ...names], {}, { name });
}

const own = (stem: string): [string, string] => [`${stem}.weight`, `${stem}.bias`];
const computed = (n: number): [string, string] => [`onnx::Conv_${n}`, `onnx::Conv_${n + 1}`];
const dynamo = (stem: string): [string, string] => [`${stem}.weight`, `${stem}.weight_bias`];

/** x → `body` → a Conv and an output, so that nothing in the body is a prediction head. */
function search(
  body: (net: Net, x: string) => string,
  kind: 'all' | 'folded' = 'folded',
  named: readonly RegExp[] = [],
): Search {
  const net = new Net();
  const y = body(net, net.input('x', MAP));
  return findSites(net.output(net.conv(y, C, 2), [1, 2, 8, 8]).model(), undefined, kind, named);
}

const namesOf = ({ sites }: Search) => sites.map(({ name }) => name);
const evidenceOf = ({ sites }: Search, name: string) => sites.find((it) => it.name === name)?.evidence;
const doubtOf = ({ refusals }: Search, name: string) =>
  refusals.find((it) => it.name === name && it.code === 'doubtful')?.reason;

describe('find/folded-signals', () => {
  it('(1) a weight and bias that TorchScript computed are a norm’s, also before no nonlinearity', () => {
    const found = search((net, x) => {
      const a = net.relu(conv(net, x, 'a', computed(1)));
      return conv(net, net.relu(conv(net, a, 'b', computed(3))), 'c', computed(5));
    });
    expect(namesOf(found)).to.deep.equal(['a', 'b', 'c']);
    expect(evidenceOf(found, 'c')).to.equal('has a bias, feeds no nonlinearity, its weight renamed by an exporter');
  });

  it('(1) so is a bias that dynamo named after its weight', () => {
    const found = search((net, x) => conv(net, net.relu(conv(net, x, 'a', dynamo('a'))), 'b', dynamo('b')));
    expect(namesOf(found)).to.deep.equal(['a', 'b']);
    expect(evidenceOf(found, 'b')).to.contain('its bias named after its weight by an exporter');
  });

  it('(1) a bare number says something only where others have names', () => {
    const numbered = (more: (net: Net, x: string) => string) =>
      search((net, x) => more(net, net.relu(conv(net, x, 'a', ['1', '2']))));
    expect(
      evidenceOf(
        numbered((_, x) => x),
        'a',
      ),
    ).to.equal('has a bias, feeds Relu');
    const beside = numbered((net, x) => net.relu(conv(net, x, 'b', own('head'))));
    expect(evidenceOf(beside, 'a')).to.equal('has a bias, feeds Relu, its weight renamed by an exporter');
  });

  it('(2) what kept its names while others were renamed never had a norm', () => {
    const found = search((net, x) => {
      const a = net.relu(conv(net, x, 'a', computed(1)));
      const b = net.relu(conv(net, a, 'b', computed(3)));
      return net.relu(conv(net, b, 'head', own('head')));
    });
    expect(namesOf(found)).to.deep.equal(['a', 'b']);
    expect(doubtOf(found, 'head')).to.equal(
      'it probably never had a norm: 2 other Conv were renamed when they absorbed a norm; this one was not',
    );
  });

  it('(3) a bias that is the same in every channel is nobody’s, unless all are so', () => {
    const zeros = new Array<number>(C).fill(0);
    const two = (first?: readonly number[]) =>
      search((net, x) => net.relu(conv(net, net.relu(conv(net, x, 'a', own('a'), first)), 'b', own('b'), zeros)));
    expect(namesOf(two())).to.deep.equal(['a']);
    expect(doubtOf(two(), 'b')).to.contain('its bias is the same in every channel');
    // An untrained network: its norms, too, leave nothing but zeros.
    expect(namesOf(two(zeros))).to.deep.equal(['a', 'b']);
  });

  it('(4) where norms stand, a Conv with the names of PyTorch had none', () => {
    for (const norm of [
      (net: Net, x: string) => net.bn(x, C),
      (net: Net, x: string) => asTorchvision(net, x, `bn${net.nodes.length}`, C),
    ]) {
      const found = search((net, x) => {
        const a = net.relu(norm(net, net.conv(x, C, C)));
        const b = net.relu(norm(net, net.conv(a, C, C)));
        return net.relu(conv(net, b, 'mask', own('mask')));
      }, 'all');
      expect(found.sites.length).to.equal(2);
      expect(doubtOf(found, 'mask')).to.contain('other Conv have their own norm');
    }
  });

  it('(5) a head that several levels share never had a norm, unless it was renamed', () => {
    const shared = (names: readonly [string, string]) =>
      search((net, x) => {
        const [p3, p4] = [x, net.node('MaxPool', [x], { kernel_shape: [1, 1] })];
        const [a, b] = [p3, p4].map((level, i) => net.relu(conv(net, level, `head${i}`, names)));
        return net.node('Concat', [a ?? '', b ?? ''], { axis: 2 });
      });
    expect(namesOf(shared(own('head')))).to.deep.equal([]);
    expect(doubtOf(shared(own('head')), 'head1')).to.contain('2 nodes share its weight');
    expect(namesOf(shared(computed(7)))).to.deep.equal(['head0', 'head1']);
  });

  it('(6) a lateral of a pyramid never had a norm, unless it was renamed', () => {
    const pyramid = (names: readonly [string, string]) =>
      search((net, x) => {
        const scales = net.weight('scales', [4], [1, 1, 1, 1]);
        const top = net.node('Resize', [net.relu(net.conv(x, C, C)), '', scales], { mode: 'nearest' });
        return net.node('Add', [conv(net, x, 'lateral', names), top]);
      });
    expect(namesOf(pyramid(own('l')))).to.deep.equal([]);
    expect(doubtOf(pyramid(own('l')), 'lateral')).to.contain('added to an upsampled map');
    expect(namesOf(pyramid(computed(9)))).to.deep.equal(['lateral']);
  });

  it('(7) what bears the names of a Keras layer never had a norm; what tf2onnx folded is called so', () => {
    const found = search((net, x) => {
      const a = net.relu(conv(net, x, 'a', ['conv2d/kernel:0', 'conv2d/bias:0']));
      const read = (layer: string, bias = layer): [string, string] => [
        `m/${layer}/Conv2D_1/ReadVariableOp:0`,
        `m/${bias}/BiasAdd/ReadVariableOp:0`,
      ];
      const b = net.relu(conv(net, a, 'b', read('block1')));
      const c = net.relu(conv(net, b, 'c', read('block2', 'block3')));
      return net.relu(conv(net, c, 'd', ['d/BiasAdd_weights_fused_bn', 'd/BiasAdd_bias_fused_bn']));
    });
    // The names of c are of two layers.
    expect(namesOf(found)).to.deep.equal(['c', 'd']);
    expect(doubtOf(found, 'a')).to.match(/^it probably never had a norm: .*the names of a Keras layer/);
    expect(doubtOf(found, 'b')).to.match(/the names of a Keras layer/);
  });

  it('(8) where Conv with a bias have norms of their own behind them, a bias tells nothing', () => {
    const blocks = (norm: (net: Net, x: string) => string) =>
      search((net, x) => {
        const a = norm(net, conv(net, x, 'dw1', own('dw1')));
        const b = norm(net, conv(net, net.relu(conv(net, a, 'pw1', own('pw1'))), 'dw2', own('dw2')));
        return net.relu(conv(net, b, 'pw2', own('pw2')));
      });
    const mean = (net: Net, x: string) => net.node('ReduceMean', [x], { axes: [-1] });
    const turned = (net: Net, x: string) => net.node('Transpose', [x], { perm: [0, 2, 3, 1] });
    const back = (net: Net, x: string) => net.node('Transpose', [x], { perm: [0, 3, 1, 2] });
    const none = blocks((_, x) => x);
    expect(namesOf(none)).to.deep.equal(['pw1', 'pw2']);
    const layer = (net: Net, x: string) =>
      back(net, net.node('LayerNormalization', [turned(net, x), net.weight(`γ${net.nodes.length}`, [C])]));
    const spelled = (net: Net, x: string) => {
      const v = turned(net, x);
      return back(net, net.node('Sub', [v, mean(net, v)]));
    };
    // A WaveNet's, behind its shortcut.
    const sum = (net: Net, x: string) => net.bn(net.node('Add', [x, 'x']), C);
    for (const norm of [layer, spelled, sum]) {
      const found = blocks(norm);
      expect(namesOf(found)).to.deep.equal([]);
      expect(doubtOf(found, 'pw1')).to.equal(
        'it probably never had a norm: 2 Conv of this file have a bias before a norm of their own, so a bias does not mean that one was folded',
      );
    }
    // One alone is no habit: a transformer begins with a Conv and a LayerNormalization.
    let count = 0;
    expect(namesOf(blocks((net, x) => (count++ === 0 ? layer(net, x) : x)))).to.deep.equal(['pw1', 'pw2']);
  });

  it('--include takes a doubtful one in, and the evidence says why it was doubted', () => {
    const zeros = new Array<number>(C).fill(0);
    const body = (net: Net, x: string) =>
      net.relu(conv(net, net.relu(conv(net, x, 'a', own('a'))), 'b', own('b'), zeros));
    const found = search(body, 'folded', [/^b$/]);
    expect(namesOf(found)).to.deep.equal(['a', 'b']);
    expect(evidenceOf(found, 'b')).to.equal(
      'named by --include, has a bias, feeds Relu, though its bias is the same in every channel',
    );
  });
});
