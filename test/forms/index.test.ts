import { expect } from 'chai';
import { FIXTURES, fixtureNamed } from '../../fixtures/index.ts';
import type { Site } from '../../src/find/types.ts';
import { FORMS, formNamed } from '../../src/forms/index.ts';
import { group } from '../../src/norms/group.ts';
import { withGraph } from '../../src/onnx/model.ts';
import type { NodeProto, TensorProto } from '../../src/onnx/schema.ts';
import { dimsOf, makeTensor, valuesOf } from '../../src/onnx/tensor.ts';
import type { Rewritten, RewrittenSite } from '../../src/rewrite/index.ts';
import type { Value } from '../../src/runtime/session.ts';
import { type Answer, answerOf } from '../support/form-tests.ts';
import { siteInputs } from '../support/site-model.ts';
import { type Swapped, searchOf, swapSearch } from '../support/swapped.ts';

describe('forms', () => {
  it('are found by their names, which are all different', () => {
    expect(new Set(FORMS.map(({ name }) => name)).size).to.equal(FORMS.length);
    for (const form of FORMS) expect(formNamed(form.name)).to.equal(form);
  });

  for (const fixture of FIXTURES) {
    if (fixture.sites === 0) continue;
    it(`agree with one another on ${fixture.name}`, async () => {
      const search = await searchOf(fixture);
      const inputs = await siteInputs(fixture, search);
      const answers = new Map<string, Answer[]>();
      for (const form of group.forms) {
        const swapped = swapSearch(search, { form });
        for (const it of swapped.sites) {
          const { site } = it.plan;
          const answer = await answerOf(swapped, it, inputs.get(site) as Value);
          answers.set(site.name, [...(answers.get(site.name) ?? []), answer]);
        }
      }
      expect(answers.size).to.equal(fixture.sites);
      for (const [site, [first, ...others]] of answers) {
        expect(others.length, `other forms of ${site}`).to.be.at.least(1);
        for (const other of others) {
          for (let i = 0; i < other.values.length; i++) {
            const difference = Math.abs((other.values[i] as number) - (first?.values[i] as number));
            // Each may be wrong by its own bound.
            const bound = (other.bounds[i] as number) + (first?.bounds[i] as number);
            if (!(difference <= bound)) expect.fail(`${site}: element ${i} differs by ${difference}, above ${bound}`);
          }
        }
      }
    });
  }

  describe('are caught by the bound where something is wrong with', () => {
    type Corruption = (it: RewrittenSite) => RewrittenSite;
    const plan =
      (change: Partial<RewrittenSite['plan']>): Corruption =>
      (it) => ({ ...it, plan: { ...it.plan, ...change } });
    const node =
      (opType: string, change: (node: NodeProto) => NodeProto): Corruption =>
      (it) => ({
        ...it,
        nodes: it.nodes.map((own) => (own.opType === opType ? change(own) : own)),
      });
    const withMaximum = node('ReduceMean', (own) =>
      own.name.endsWith('/VarianceMap') ? { ...own, opType: 'ReduceMax' } : own,
    );
    const cases: Readonly<Record<string, Corruption>> = {
      'the number of groups': plan({ groups: 4 }),
      ε: plan({ epsilon: 1.1e-5 }),
      'a mean': withMaximum,
      'the root': node('Sqrt', (own) => ({ ...own, opType: 'Identity' })),
    };
    const setUp = async () => {
      // Variances of the input are near ε, so that ε matters.
      const search = await searchOf(fixtureNamed('rank-4'));
      const swapped = swapSearch(search, { form: 'reduce', groups: 2 });
      const [it] = swapped.sites;
      const x = (await siteInputs(fixtureNamed('rank-4'), search)).get(search.sites[0] as Site) as Value;
      const small = { ...x, data: Float32Array.from(x.data as Float32Array, (value) => 0.01 * value) };
      return { swapped, it: it as RewrittenSite, x: small };
    };
    for (const [name, corrupt] of Object.entries(cases)) {
      it(name, async () => {
        const { swapped, it, x } = await setUp();
        expect((await answerOf(swapped, it, x)).worst).to.be.at.most(1);
        expect((await answerOf(swapped, corrupt(it), x)).worst).not.to.be.at.most(1);
      });
    }

    for (const role of ['scale', 'bias'] as const) {
      it(`one ${role}`, async () => {
        const { swapped, it, x } = await setUp();
        const [wrong, site] = withWrong(role, swapped, it);
        expect((await answerOf(wrong, site, x)).worst).not.to.be.at.most(1);
      });
    }
  });
});

/** The site reading another γ′ or β′ than the one that counts, wrong in one channel by a thousandth. */
function withWrong(role: 'scale' | 'bias', swapped: Swapped, it: RewrittenSite): [Rewritten, RewrittenSite] {
  const { graph } = swapped.model.proto;
  const right = graph.initializer.find(({ name }) => name === it[role]) as TensorProto;
  const values = valuesOf(right);
  values[3] = (values[3] as number) * 1.001;
  const wrong = makeTensor('wrong', it.plan.site.elementType, dimsOf(right), values);
  const nodes = it.nodes.map((node) => ({
    ...node,
    input: node.input.map((name) => (name === it[role] ? 'wrong' : name)),
  }));
  const model = withGraph(swapped.model, { ...graph, initializer: [...graph.initializer, wrong] });
  return [
    { ...swapped, model },
    { ...it, nodes },
  ];
}
