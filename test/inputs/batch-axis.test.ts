import { expect } from 'chai';
import { type Dims, Net } from '../../fixtures/build.ts';
import { batchOf } from '../../src/inputs/batch.ts';
import { batchAxisOf, withBatchAxis } from '../../src/inputs/batch-axis.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import type { Model } from '../../src/onnx/model.ts';

const axisOf = (model: Model) => {
  const [input] = model.proto.graph.input;
  return input && batchAxisOf(model, input);
};

/** x of those dimensions → whatever stands in front → Conv over 3 channels. */
function model(dims: Dims, front: (net: Net, x: string) => string = (_, x) => x, rank = 4): Model {
  const net = new Net({ opset: 13 });
  const y = net.conv(front(net, net.input('x', dims)), 3, 8, { rank });
  return net.output(net.bn(y, 8)).model();
}

const ints = (net: Net, name: string, values: readonly number[]) =>
  net.weight(name, [values.length], values, DataType.INT64);
const unsqueezed = (net: Net, x: string) => net.node('Unsqueeze', [x, ints(net, `a${net.nodes.length}`, [0])]);

describe('batchAxisOf', () => {
  it('is the axis that the first layer has its batch on', () => {
    expect(axisOf(model(['a', 3, 'b', 'c']))).to.equal('batch');
    expect(axisOf(model([undefined, 3, 224, 224]))).to.equal('batch');
    const last = (net: Net, x: string) => net.node('Transpose', [x], { perm: [0, 3, 1, 2] });
    expect(axisOf(model(['a', 'b', 'c', 3], last))).to.equal('batch');
  });

  it('is none if the model puts the batch there itself', () => {
    expect(axisOf(model([3, 'h', 'w'], unsqueezed))).to.equal('none');
    // A picture as it is decoded: bytes, channels last.
    const preprocessed = (net: Net, x: string) => {
      const scaled = net.node('Div', [net.node('Cast', [x], { to: DataType.FLOAT }), net.weight('k', [], [255])]);
      return unsqueezed(net, net.node('Transpose', [scaled], { perm: [2, 0, 1] }));
    };
    expect(axisOf(model(['a', 'b', 3], preprocessed))).to.equal('none');
    const reshaped = (net: Net, x: string) => net.node('Reshape', [x, ints(net, 'shape', [1, 3, 32, 32])]);
    expect(axisOf(model([3, 32, 32], reshaped))).to.equal('none');
    expect(axisOf(model([3, 100], unsqueezed, 3)), 'a sound').to.equal('none');
  });

  it('is none for torchvision’s detectors, which resize a picture by itself and stack it', () => {
    const transform = (net: Net, x: string) => {
      const mean = net.weight('mean', [3, 1, 1]);
      const scales = net.weight('scales', [4], [1, 1, 2, 2]);
      const larger = net.node('Resize', [unsqueezed(net, net.node('Sub', [x, mean])), '', scales]);
      const alone = net.node('Squeeze', [larger, ints(net, 'first', [0])]);
      const padded = net.node('Pad', [alone, ints(net, 'pads', [0, 0, 0, 0, 1, 1])]);
      return net.node('Concat', [unsqueezed(net, padded)], { axis: 0 });
    };
    expect(axisOf(model([3, 'a', 'b'], transform))).to.equal('none');
  });

  it('is none where the model takes the first of a stack of its own, as torchvision’s exporter spells pictures[0]', () => {
    const first = (rank: 0 | 1) => (net: Net, x: string) => {
      const index = net.weight('index', rank === 0 ? [] : [1], [0], DataType.INT64);
      const alone = net.node('Gather', [unsqueezed(net, x), index], { axis: 0 });
      return rank === 0 ? unsqueezed(net, alone) : alone;
    };
    expect(axisOf(model([3, 'a', 'b'], first(0)))).to.equal('none');
    expect(axisOf(model([3, 320, 320], first(1)))).to.equal('none');
    // Of a batch that the caller gives, one sample is left: the axis still counts samples only if the layer reads it.
    const second = (net: Net, x: string) => {
      const one = net.weight('one', [], [1], DataType.INT64);
      return unsqueezed(net, net.node('Gather', [x, one], { axis: 0 }));
    };
    expect(axisOf(model(['a', 3, 'b', 'c'], second))).to.equal('none');
  });

  it('goes by the names of axes where no layer tells', () => {
    const pooled = (dims: Dims) => {
      const net = new Net();
      return net.output(net.node('ReduceMax', [net.input('x', dims)])).model();
    };
    expect(axisOf(pooled(['batch_size', 'time', 80]))).to.equal('batch');
    expect(axisOf(pooled(['height', 'width', 3]))).to.equal('none');
    expect(axisOf(pooled(['p', 'q', 80]))).to.equal('unclear');
    expect(axisOf(pooled(['p', 'q']))).to.equal('batch');
    expect(batchOf(pooled(['p', 'q', 80]))).to.deep.include({ unclear: 'x' });
  });

  it('is what the caller says, also where the graph says other', () => {
    const open = model(['p', 3, 'q', 'r']);
    expect(axisOf(withBatchAxis(open, 'none'))).to.equal('none');
    expect(batchOf(withBatchAxis(open, 'none'))).to.deep.equal({ inputs: new Set(), size: 1 });
    expect(axisOf(withBatchAxis(model([3, 'h', 'w'], unsqueezed), 'batch'))).to.equal('batch');
  });
});
