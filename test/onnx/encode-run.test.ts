import { expect } from 'chai';
import fc from 'fast-check';
import { makeNode } from '../../src/onnx/attributes.ts';
import { encode, toBytes } from '../../src/onnx/encode.ts';
import { gap, NodePattern, NodeRun, withNodeList } from '../../src/onnx/node-run.ts';
import { create, type NodeProto } from '../../src/onnx/schema.ts';

const bytesOf = (node: readonly NodeProto[]) =>
  toBytes(encode('GraphProto', create('GraphProto', { name: 'g', node })));

/** A name of a pattern: a gap, with something behind it or not, or a name as it stands. */
const patternName = fc.oneof(
  fc.tuple(fc.nat(2), fc.constantFrom('', '/Sub', '/é', `/${'long'.repeat(40)}`)).map(([at, rest]) => gap(at) + rest),
  fc.constantFrom('x', 'gn_swap/epsilon', '層', 'n'.repeat(130)),
);
const patternNode = fc
  .tuple(fc.array(patternName, { maxLength: 4 }), fc.array(patternName, { minLength: 1, maxLength: 2 }), patternName)
  .map(([input, output, name]) => makeNode('Mul', input, output, name, { axes: [2, 3], keepdims: 1 }));
const name = fc
  .oneof(fc.string({ minLength: 1, maxLength: 20 }), fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }))
  .filter(
    // No name of a run begins a gap, or is half of a pair.
    (it) => !it.includes('\0') && !/\p{Surrogate}/u.test(it),
  );

const backwards = (text: string) => [...text].reverse().join('');

describe('onnx/encode-run', () => {
  it('writes the bytes that its nodes are written as, whatever names they have', () => {
    fc.assert(
      fc.property(
        fc.array(patternNode, { minLength: 1, maxLength: 5 }),
        fc.array(fc.tuple(name, name, name), { minLength: 1, maxLength: 4 }),
        (nodes, runs) => {
          const pattern = new NodePattern(nodes);
          // Names as long as those before, and others.
          const all = runs.flatMap((names) => [names, names.map(backwards), names, names.map(backwards)]);
          const list = all.map((names) => new NodeRun(pattern, names));
          const sole = makeNode('Relu', ['x'], ['y'], 'sole');
          const graph = withNodeList(create('GraphProto', { name: 'g' }), [sole, ...list, sole]);
          const written = toBytes(encode('GraphProto', graph));
          expect(Buffer.compare(written, bytesOf([sole, ...list.flatMap((run) => run.nodes), sole]))).to.equal(0);
        },
      ),
    );
  });

  it('fills more than one block', () => {
    const pattern = new NodePattern([makeNode('Relu', [gap(0)], [`${gap(0)}/y`], `${gap(0)}/Relu`)]);
    const list = Array.from({ length: 40_000 }, (_, index) => new NodeRun(pattern, [`value${index}`]));
    const graph = withNodeList(create('GraphProto', { name: 'g' }), list);
    const encoded = encode('GraphProto', graph);
    expect([...encoded.parts].length).to.be.greaterThan(1);
    expect(Buffer.compare(toBytes(encoded), bytesOf(list.flatMap((run) => run.nodes)))).to.equal(0);
  });
});
