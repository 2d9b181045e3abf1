import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import onnxProto from 'onnx-proto';
import { MODELS } from '../../bench/ocr/models.ts';
import { fixtureNamed } from '../../fixtures/index.ts';
import { censusOf } from '../../src/graph/census.ts';
import { type ByteSource, MemorySource } from '../../src/onnx/bytes.ts';
import { readModel } from '../../src/onnx/model.ts';
import { modelOf } from '../support/swapped.ts';

const { ModelProto, TensorProto } = onnxProto.onnx;

/** The same counts by another decoder, of a model without subgraphs and functions. */
function countedOtherwise(bytes: Uint8Array) {
  const { graph } = ModelProto.decode(bytes);
  const operators: Record<string, number> = {};
  const tensors = [...(graph?.initializer ?? [])];
  for (const { opType, attribute } of graph?.node ?? []) {
    operators[opType ?? ''] = (operators[opType ?? ''] ?? 0) + 1;
    for (const { t } of attribute ?? []) if (t) tensors.push(t);
  }
  const learned = tensors.filter(({ dataType }) => dataType === TensorProto.DataType.FLOAT);
  const parameters = learned.reduce(
    (sum, { dims }) => sum + (dims ?? []).reduce((all, dim) => all * Number(dim), 1),
    0,
  );
  return { operators, nodes: graph?.node?.length, parameters };
}

/** Whether a read lies in the payload of a tensor is not seen here; that many bytes are asked for at once is. */
class Watched implements ByteSource {
  readonly size: number;
  read: ByteSource['read'];
  bytes = 0;

  constructor(bytes: Uint8Array) {
    const memory = new MemorySource(bytes);
    this.size = memory.size;
    this.read = (start, end) => {
      this.bytes += end - start;
      return memory.read(start, end);
    };
  }
}

describe('censusOf', () => {
  for (const [name, file] of Object.entries(MODELS)) {
    it(`counts what another decoder counts in PaddleOCR's ${name}, and reads nothing for it`, () => {
      const bytes = readFileSync(file);
      const source = new Watched(bytes);
      const model = readModel(source);
      const before = source.bytes;
      const { operators, nodes, parameters } = censusOf(model);
      expect({ operators: Object.fromEntries(operators), nodes, parameters }).to.deep.equal(countedOtherwise(bytes));
      expect(source.bytes).to.equal(before);
    });
  }

  it('counts nodes of subgraphs and functions, names other domains, and leaves shapes out of the parameters', () => {
    const inBranch = censusOf(modelOf(fixtureNamed('if-own-parameters')));
    expect(inBranch.operators.get('BatchNormalization')).to.be.above(0);
    expect(inBranch.nodes).to.be.above(modelOf(fixtureNamed('if-own-parameters')).proto.graph.node.length);
    const model = modelOf(fixtureNamed('opset-17'));
    const [tensor] = model.proto.graph.initializer;
    if (tensor === undefined) throw new RangeError('the fixture has no initializer');
    const shape = { ...tensor, name: 'shape', dims: [1000n], dataType: 7 };
    const foreign = { ...model.proto.graph.node[0], opType: 'Gelu', domain: 'com.microsoft' };
    const graph = {
      ...model.proto.graph,
      initializer: [...model.proto.graph.initializer, shape],
      node: [...model.proto.graph.node, foreign] as typeof model.proto.graph.node,
    };
    const before = censusOf(model);
    const after = censusOf({ ...model, proto: { ...model.proto, graph } });
    expect(after.parameters).to.equal(before.parameters);
    expect(after.operators.get('com.microsoft.Gelu')).to.equal(1);
  });
});
