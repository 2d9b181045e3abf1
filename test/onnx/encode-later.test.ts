import { expect } from 'chai';
import { makeNode } from '../../src/onnx/attributes.ts';
import { MemorySource, Slice } from '../../src/onnx/bytes.ts';
import { decode } from '../../src/onnx/decode.ts';
import { encode, toBytes } from '../../src/onnx/encode.ts';
import { type ListField, laterPart, lengthLater } from '../../src/onnx/encode-later.ts';
import { fieldsOf } from '../../src/onnx/encode-small.ts';
import { gap, NodePattern, NodeRun, withNodeList } from '../../src/onnx/node-run.ts';
import { create, type GraphProto, type NodeProto } from '../../src/onnx/schema.ts';
import { makeTensor } from '../../src/onnx/tensor.ts';

const NODE = fieldsOf('GraphProto').find(({ name }) => name === 'node') as ListField;
const TENSOR = fieldsOf('GraphProto').find(({ name }) => name === 'initializer') as ListField;
/** More than are encoded at once. */
const MANY = 5000;

const graphOf = (fields: Partial<GraphProto>) => create('GraphProto', { name: 'g', ...fields });
/** Short lists, which are encoded at once, and together are the same. */
const atOnce = (node: readonly NodeProto[]) => {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < node.length; at += 1000) {
    pieces.push(toBytes(encode('GraphProto', create('GraphProto', { node: node.slice(at, at + 1000) }))));
  }
  return Buffer.concat(pieces);
};

describe('onnx/encode-later', () => {
  const pattern = new NodePattern([makeNode('Relu', [gap(0)], [`${gap(0)}/y`], `${gap(0)}/層`)]);
  const runs = Array.from({ length: MANY }, (_, index) => new NodeRun(pattern, [`value${index}`]));
  const nodes = Array.from({ length: MANY }, (_, index) =>
    makeNode('Abs', [`é${index}`], [`y${index}`], '', { axis: index }),
  );

  it('writes a long list as short ones are written, runs of nodes and nodes, and keeps none of its bytes', () => {
    const list = nodes.flatMap((node, index) => [node, runs[index] as NodeRun]);
    const { parts, length } = encode('GraphProto', withNodeList(create('GraphProto', {}), list));
    const expected = atOnce(list.flatMap((it) => (it instanceof NodeRun ? it.nodes : [it])));
    expect(length).to.equal(expected.length);
    expect(Buffer.compare(toBytes({ parts, length }), expected)).to.equal(0);
    expect(parts.every((part) => part instanceof Slice && part.source.lends === true)).to.equal(true);
    expect(parts.length).to.be.above(5);
  });

  it('encodes what stays in memory at once, and the bytes are the same', () => {
    const list = nodes.flatMap((node, index) => [node, runs[index] as NodeRun]);
    const graph = withNodeList(create('GraphProto', {}), list);
    const here = encode('GraphProto', graph, true);
    expect(Buffer.compare(toBytes(here), toBytes(encode('GraphProto', graph)))).to.equal(0);
    expect(here.parts.some((part) => part instanceof Slice)).to.equal(false);
  });

  it('reads the same part twice, and lends its bytes until the next one', () => {
    const part = laterPart(
      NODE,
      nodes.slice(0, 3),
      nodes.slice(0, 3).reduce((sum, it) => sum + lengthLater(NODE, it), 0),
    );
    const first = part.bytes();
    const copy = first.slice();
    expect(Buffer.compare(copy, atOnce(nodes.slice(0, 3)))).to.equal(0);
    expect(Buffer.compare(part.bytes(), copy)).to.equal(0);
    const other = laterPart(NODE, [nodes[9] as NodeProto], lengthLater(NODE, nodes[9] as NodeProto));
    other.bytes();
    expect(Buffer.compare(first, copy)).not.to.equal(0);
  });

  it('says so where another number of bytes was told', () => {
    expect(() => laterPart(NODE, nodes.slice(0, 2), 7).bytes()).to.throw(RangeError, 'where 7 were told');
    const right = laterPart(NODE, nodes.slice(0, 1), lengthLater(NODE, nodes[0] as NodeProto));
    expect(Buffer.compare(right.bytes(), atOnce(nodes.slice(0, 1)))).to.equal(0);
  });

  it('leaves large tensors as they are, in their place among small ones', () => {
    const large = Slice.of(new Uint8Array(5000).fill(7));
    const initializer = Array.from({ length: MANY }, (_, index) =>
      index % 1000 === 500
        ? create('TensorProto', { name: `t${index}`, dims: [5000], dataType: 2, rawData: large })
        : makeTensor(`t${index}`, 1, [1], [index]),
    );
    expect(lengthLater(TENSOR, initializer[500] as object)).to.equal(-1);
    const encoded = encode('GraphProto', graphOf({ initializer, docString: 'behind' }));
    expect(encoded.parts.filter((part) => part instanceof Slice && part.source === large.source)).to.have.length(5);
    const back = decode('GraphProto', new MemorySource(toBytes(encoded)));
    expect(back.initializer.map(({ name }) => name)).to.deep.equal(initializer.map(({ name }) => name));
    expect(back.initializer[1500]?.rawData?.bytes()).to.deep.equal(large.bytes());
    expect(back.docString).to.equal('behind');
  });

  it('copies what a file had between what is new', () => {
    const bytes = toBytes(encode('GraphProto', graphOf({ node: nodes })));
    const graph = decode('GraphProto', new MemorySource(bytes));
    const mixed = graph.node.map((node, index) => (index % 3 === 0 ? { ...node, opType: 'Neg' } : node));
    const written = encode('GraphProto', { ...graph, node: mixed });
    const expected = nodes.map((node, index) => (index % 3 === 0 ? { ...node, opType: 'Neg' } : node));
    expect(Buffer.compare(toBytes(written), toBytes(encode('GraphProto', graphOf({ node: expected }))))).to.equal(0);
    expect(lengthLater(NODE, graph.node[1] as object)).to.be.above(0);
  });
});
