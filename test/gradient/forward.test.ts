import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { type FixedType, fixedOf, SIZES_ONLY, storedType } from '../../src/gradient/forward.ts';
import { gradientOf } from '../../src/gradient/index.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { create } from '../../src/onnx/schema.ts';
import { makeTensor } from '../../src/onnx/tensor.ts';
import { thrown } from '../support/errors.ts';

const { FLOAT, INT64, DOUBLE } = DataType;

describe('gradient/forward', () => {
  it('gives the type that is known of a value, a scalar’s too', () => {
    const types = new Map<string, FixedType>([
      ['x', { type: FLOAT, dims: [2, 0, 3] }],
      ['scalar', { type: INT64, dims: [] }],
    ]);
    expect(fixedOf(types, 'x')).to.equal(types.get('x'));
    expect(fixedOf(types, 'scalar')).to.deep.equal({ type: INT64, dims: [] });
  });

  it('faults itself, by name, for a value whose type nobody told', () => {
    const error = thrown(() => fixedOf(new Map(), 'layer "3"'));
    expect(error).to.include({ code: 'internal', message: 'the type of "layer \\"3\\"" is not known' });
  });

  it('reads the type of a stored tensor, its dimensions as numbers whatever the file’s decoder gave', () => {
    expect(storedType(makeTensor('w', DOUBLE, [2, 3], [1, 2, 3, 4, 5, 6]))).to.deep.equal({
      type: DOUBLE,
      dims: [2, 3],
    });
    expect(storedType(makeTensor('s', FLOAT, [], [1]))).to.deep.equal({ type: FLOAT, dims: [] });
    const wide = create('TensorProto', { name: 'big', dataType: INT64, dims: [4n, 2 ** 32] });
    expect(storedType(wide)).to.deep.equal({ type: INT64, dims: [4, 2 ** 32] });
    // A tensor without a type is damaged: 0 is the format's own word for that.
    expect(storedType(create('TensorProto', { name: 'none', dims: [1] })).type).to.equal(0);
  });

  for (const opType of ['Shape', 'Size']) {
    it(`counts ${opType} of what is trained as the same in every run`, async () => {
      expect(SIZES_ONLY.has(opType)).to.equal(true);
      const net = new Net({ opset: 18 });
      const hidden = net.node('MatMul', [net.input('x', [2, 3]), net.weight('w', [3, 4])]);
      const size = net.node('Cast', [net.node(opType, [hidden])], { to: FLOAT });
      const count = net.node('ReduceMax', [size], { keepdims: 0 });
      const { model, notes } = await gradientOf(net.output(net.node('Div', [hidden, count]), [2, 4]).model());
      // The number itself stands there, and no note that a gradient ended.
      expect(model.proto.graph.node.map((it) => it.opType)).not.to.include.members([opType]);
      expect(model.proto.graph.node.map((it) => it.opType)).not.to.include.members(['ReduceMax']);
      expect(notes).to.deep.equal([]);
    });
  }

  it('counts no operator that reads numbers among those', () => {
    for (const opType of ['Gather', 'NonZero', 'Identity', 'ConstantOfShape'])
      expect(SIZES_ONLY.has(opType)).to.equal(false);
  });
});
