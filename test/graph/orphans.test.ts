import { expect } from 'chai';
import fc from 'fast-check';
import { orphansOf } from '../../src/graph/orphans.ts';
import { makeNode } from '../../src/onnx/attributes.ts';
import { create, type GraphProto, type NodeProto } from '../../src/onnx/schema.ts';
import { makeTensor } from '../../src/onnx/tensor.ts';

const info = (name: string) => create('ValueInfoProto', { name });

/** The nodes and initializers that the graph's outputs hang on, found from the outputs: the other way round. */
function reached(graph: GraphProto): Set<string> {
  const found = new Set<string>();
  const pending = graph.output.map(({ name }) => name);
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    for (const { input, output } of graph.node) if (output.includes(name)) pending.push(...input, ...output);
  }
  return found;
}

function orphaned(graph: GraphProto, replaced: NodeProto, by: readonly NodeProto[]) {
  const { names, nodes } = orphansOf(graph, {
    replace: new Map([[replaced, by]]),
    prepend: new Map(),
    addInitializers: new Map(),
    redefined: new Set(),
    listAsInput: () => false,
  });
  return { names: [...(names.get(graph) ?? [])].sort(), nodes: new Set(nodes) };
}

describe('graph/orphans', () => {
  it('in any graph without loose ends: exactly what the outputs hang on no more', () => {
    // Each node reads up to three earlier values; the last ones nobody reads are the outputs.
    const shape = fc.array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(shape, fc.nat(), fc.nat({ max: 1 }), (reads, which, keep) => {
        const initializer = [0, 1, 2].map((i) => makeTensor(`w${i}`, 1, [1], [0]));
        const values = initializer.map(({ name }) => name);
        const node = reads.map((places, index) => {
          const input = places.map((place) => values[place % values.length] as string);
          values.push(`v${index}`);
          return makeNode('Op', input, [`v${index}`], '');
        });
        const read = new Set(node.flatMap(({ input }) => input));
        const output = node.filter((it) => !read.has(it.output[0] ?? '')).map((it) => info(it.output[0] ?? ''));
        const graph = create('GraphProto', { initializer, node, output });
        const old = node[which % node.length] as NodeProto;
        // A replacement that reads none of what the node read, or its first input.
        const by = [{ ...old, input: old.input.slice(0, keep) }];
        const changed = { ...graph, node: node.map((it) => (it === old ? (by[0] as NodeProto) : it)) };
        const [before, after] = [reached(graph), reached(changed)];
        const expected = [...before].filter((name) => !after.has(name)).sort();
        const { names, nodes } = orphaned(graph, old, by);
        expect(names).to.deep.equal(expected);
        expect([...nodes].flatMap((it) => it.output).sort()).to.deep.equal(expected.filter((it) => it.startsWith('v')));
      }),
      { seed: 1, numRuns: 1000 },
    );
  });

  it('a node that is not in the graph leaves nothing behind', () => {
    const graph = create('GraphProto', { node: [makeNode('Relu', ['x'], ['y'], '')], output: [info('y')] });
    expect(orphaned(graph, makeNode('Norm', ['x'], ['y'], ''), [])).to.deep.equal({ names: [], nodes: new Set() });
  });
});
