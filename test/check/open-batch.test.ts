import { expect } from 'chai';
import { makeAttribute } from '../../src/onnx/attributes.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { type Model, withGraph } from '../../src/onnx/model.ts';
import type { NodeProto } from '../../src/onnx/schema.ts';
import { checked, errorsOf, findingsOf } from '../support/checked.ts';
import { torchGroupNorm } from '../support/foreign.ts';

/** A change of every node of a model. */
function mapped(model: Model, change: (node: NodeProto) => NodeProto): Model {
  const { graph } = model.proto;
  return withGraph(model, { ...graph, node: graph.node.map(change) });
}

/** A GroupNorm of another tool, for a batch of two, with Reshapes of it and of the batch itself around it. */
function foreign(options: { readonly opset?: number } = {}): Model {
  const net = torchGroupNorm({ batch: 2, ...options });
  const [y] = net.outputs;
  const ints = (name: string, values: number[]) => net.weight(name, [values.length], values, DataType.INT64);
  // Both samples side by side: not a shape that the norm needs.
  const flat = net.node('Reshape', [y?.name ?? '', ints('flat', [1, 256])]);
  const pairs = net.node('Reshape', [flat, ints('pairs', [32, 8])]);
  return net.output(net.node('Identity', [pairs], {}, { outputs: ['pairs/out'] }), [32, 8]).model();
}

describe('openBatch', () => {
  it('leaves Reshapes alone that are of no norm, where nodes have no names too', async () => {
    for (const named of [true, false]) {
      const model = mapped(foreign(), (it) => (named ? it : { ...it, name: '' }));
      const report = await checked(model, { run: true });
      expect(report.sites, String(named)).to.have.length(1);
      expect(errorsOf(report), `named: ${named}`).to.deep.equal([]);
      for (const { name, skipped } of report.checks.filter((it) =>
        ['runs', 'sites-proved', 'independence'].includes(it.name),
      ))
        expect(skipped, `${name}, named: ${named}`).to.not.equal(true);
    }
  });

  it('opens Reshapes for which a 0 is no size to copy, as newer exporters write them', async () => {
    const model = mapped(foreign(), (it) =>
      it.opType === 'Reshape' && it.output[0] !== 'Reshape_1_out'
        ? { ...it, attribute: [...it.attribute, makeAttribute('allowzero', 1)] }
        : it,
    );
    const report = await checked(model, { run: true });
    expect(report.sites).to.have.length(1);
    expect(findingsOf(report).filter(({ severity }) => severity !== 'note')).to.deep.equal([]);
  });
});
