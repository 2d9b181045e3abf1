import { expect } from 'chai';
import { FIXTURES, type Fixture } from '../../fixtures/index.ts';
import { FORMS } from '../../src/forms/index.ts';
import { withOutputs } from '../../src/graph/extract.ts';
import { NORMS } from '../../src/norms/index.ts';
import { readModel, writeModel } from '../../src/onnx/model.ts';
import type { NodeProto } from '../../src/onnx/schema.ts';
import { type Scratch, useScratch } from '../support/scratch.ts';
import { type Swapped, searchOf, swapSearch } from '../support/swapped.ts';

/** The nodes that ONNX Runtime runs, by name, if what reaches the sites and what leaves them is fetched; undefined where it refuses. */
async function nodesRun(
  { model, sites }: Swapped,
  graphOptimizationLevel: 'disabled' | 'all',
  scratch: Scratch,
): Promise<ReadonlyMap<string, NodeProto> | undefined> {
  const { InferenceSession } = await import('onnxruntime-node');
  const ends = sites.flatMap(({ plan: { site } }) => (site.path === '' ? [site.input, site.output] : []));
  const bytes = writeModel(withOutputs(model, ends));
  const options = {
    graphOptimizationLevel,
    optimizedModelFilePath: scratch.path('run.onnx'),
    logSeverityLevel: 4,
  } as const;
  try {
    await (await InferenceSession.create(bytes, options)).release();
  } catch {
    return undefined;
  }
  const { graph } = readModel(scratch.read('run.onnx')).proto;
  return new Map(graph.node.map((node) => [node.name, node]));
}

/** Operators that make values of sites in an optimised graph and do not in one that is not. */
async function otherMakers(swapped: Swapped, scratch: Scratch): Promise<string[]> {
  const plain = await nodesRun(swapped, 'disabled', scratch);
  const optimised = await nodesRun(swapped, 'all', scratch);
  if (plain === undefined || optimised === undefined) return [];
  const own = swapped.sites.filter(({ plan }) => plan.site.path === '').flatMap(({ nodes }) => nodes);
  const values = new Set(own.flatMap(({ output }) => output));
  return [...optimised.values()]
    .filter(({ output }) => output.some((name) => values.has(name)))
    .flatMap(({ name, opType }) => (plain.get(name)?.opType === opType ? [] : [opType]));
}

/** In every norm that has the form. */
async function otherMakersIn(fixture: Fixture, form: string, scratch: Scratch): Promise<string[]> {
  const search = await searchOf(fixture);
  const found: string[] = [];
  for (const { name: to } of NORMS.filter(({ forms }) => forms.includes(form))) {
    found.push(...(await otherMakers(swapSearch(search, { to, form }), scratch)));
  }
  return found;
}

describe('an optimised graph', () => {
  const scratch = useScratch();
  const fixtures = FIXTURES.filter(({ sites }) => sites > 0);
  for (const { name, takesIn, otherwise = false } of FORMS) {
    if (takesIn) continue;
    it(`computes ${name} by ${otherwise ? 'kernels for blocks of channels' : 'its own kernels'}`, async function () {
      this.timeout(120_000);
      const found = new Set<string>();
      for (const fixture of fixtures) {
        for (const opType of await otherMakersIn(fixture, name, scratch())) found.add(opType);
      }
      // Not every processor has those.
      expect([...found]).to.deep.equal(otherwise && found.size > 0 ? ['ReorderOutput'] : []);
    });
  }
});
