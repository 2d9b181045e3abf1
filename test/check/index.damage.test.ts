/** Every kind of damage to a rewritten file, on several models and in every form: found, and called by its name. */
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { MODELS } from '../../bench/ocr/models.ts';
import { opset, valueInfo } from '../../fixtures/build.ts';
import { fixtureNamed } from '../../fixtures/index.ts';
import { unreadable } from '../../src/check/index.ts';
import type { RuleId } from '../../src/check/rules.ts';
import { makeNode } from '../../src/onnx/attributes.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { type Model, opsetVersion, readModel, withGraph, writeModel } from '../../src/onnx/model.ts';
import type { GraphProto, NodeProto } from '../../src/onnx/schema.ts';
import { dimsOf, makeTensor, valuesOf } from '../../src/onnx/tensor.ts';
import type { RewrittenSite } from '../../src/rewrite/index.ts';
import { PROVENANCE_KEY } from '../../src/rewrite/record.ts';
import { checked, errorsOf, findingsOf, type Made, made, madeOf } from '../support/checked.ts';
import { changeOutputs, setValues } from '../support/damage.ts';
import { thrown } from '../support/errors.ts';

const FORMS = ['native', 'reduce', 'instance', 'instance-conv'] as const;
type FormName = (typeof FORMS)[number];

/** Where the damage is done. */
interface Place {
  readonly model: Model;
  readonly site: RewrittenSite;
  readonly form: FormName;
}

interface Damage {
  readonly what: string;
  /** Forms that it can be done to; all where absent. */
  readonly forms?: readonly FormName[];
  readonly damage: (place: Place) => Model;
  /** Rules that must be among the errors. */
  readonly found: readonly RuleId[];
  /** Rules that must be among them where there is a source, too. */
  readonly against?: readonly RuleId[];
}

function change(model: Model, edit: (graph: GraphProto) => Partial<GraphProto>): Model {
  return withGraph(model, { ...model.proto.graph, ...edit(model.proto.graph) });
}

/** The mean over the last axis, or over a small map at once. */
const SPATIAL_MEAN = /\/Mean(Axis3|Map)/;

function hasRole(name: string, role: string | RegExp): boolean {
  return typeof role === 'string' ? name.includes(`/${role}`) : role.test(name);
}

/** Changes the site's nodes of that role. */
function changeOwn({ model, site }: Place, role: string | RegExp, edit: (node: NodeProto) => NodeProto): Model {
  const names = site.nodes.map(({ name }) => name).filter((name) => hasRole(name, role));
  expect(names, String(role)).not.to.be.empty;
  return change(model, ({ node }) => ({ node: node.map((it) => (names.includes(it.name) ? edit(it) : it)) }));
}

/** Takes a node out, and gives what it read to those that read it. */
function drop(model: Model, pick: (node: NodeProto) => boolean): Model {
  const gone = model.proto.graph.node.find(pick);
  expect(gone, 'a node to drop').not.to.equal(undefined);
  const [from = '', to = ''] = [gone?.output[0], gone?.input[0]];
  return change(model, ({ node }) => ({
    node: node
      .filter((it) => it !== gone)
      .map((it) => ({ ...it, input: it.input.map((name) => (name === from ? to : name)) })),
  }));
}

const isOwn = ({ site }: Place, { name }: NodeProto) => site.nodes.some((it) => it.name === name);

/** The first node outside of all norms that reads floats of one kind, and can be left out. */
const isRelu = ({ opType }: NodeProto) => opType === 'Relu';

function withInts({ model, site }: Place, role: string | RegExp, values: readonly number[]): Model {
  const node = site.nodes.find(({ name }) => hasRole(name, role)) as NodeProto;
  const tensor = makeTensor('damaged', DataType.INT64, [values.length], values);
  const listed = Number(model.proto.irVersion) < 4;
  return change(
    changeOwn({ model, site, form: 'reduce' }, role, (it) =>
      it.name === node.name ? { ...it, input: [it.input[0] ?? '', 'damaged'] } : it,
    ),
    ({ initializer, input }) => ({
      initializer: [...initializer, tensor],
      input: listed ? [...input, valueInfo('damaged', DataType.INT64, [values.length])] : input,
    }),
  );
}

function setAttribute(
  node: NodeProto,
  name: string,
  edit: (it: NodeProto['attribute'][number]) => NodeProto['attribute'][number],
) {
  expect(node.attribute.map((it) => it.name)).to.include(name);
  return { ...node, attribute: node.attribute.map((it) => (it.name === name ? edit(it) : it)) };
}

const stored = (model: Model, name: string) => model.proto.graph.initializer.find((it) => it.name === name);
const numbersOf = (model: Model, name: string) =>
  valuesOf(stored(model, name) ?? makeTensor('', DataType.FLOAT, [0], []));
const otherGroups = ({ plan: { channels, groups } }: RewrittenSite) =>
  groups === 1 ? 2 : channels === groups ? 1 : groups / 2;

function exchange({ model, site }: Place): Model {
  const [scale, bias] = [numbersOf(model, site.scale), numbersOf(model, site.bias)];
  return setValues(
    setValues(model, site.scale, () => bias),
    site.bias,
    () => scale,
  );
}

function editRecord(model: Model, edit: (text: string) => string): Model {
  const metadataProps = model.proto.metadataProps.map((it) =>
    it.key === PROVENANCE_KEY ? { ...it, value: edit(it.value) } : it,
  );
  return withGraph(model, model.proto.graph, { metadataProps });
}

/** ε is an attribute, or a constant in one of two places. */
function withEpsilon(at: Place, value: number): Model {
  const { model, site, form } = at;
  if (form !== 'reduce') {
    const role = form === 'native' ? 'GroupNormalization' : 'InstanceNormalization';
    return changeOwn(at, role, (node) => setAttribute(node, 'epsilon', (it) => ({ ...it, f: value })));
  }
  const epsilon = site.nodes.find(({ name }) => name.includes('/AddEpsilon'))?.input[1] ?? '';
  if (stored(model, epsilon) !== undefined) return setValues(model, epsilon, () => [value]);
  const tensor = makeTensor(epsilon, DataType.FLOAT, [], [value]);
  return change(model, ({ node }) => ({
    node: node.map((it) =>
      it.output[0] === epsilon ? setAttribute(it, 'value', (attribute) => ({ ...attribute, t: tensor })) : it,
    ),
  }));
}

const DAMAGES: readonly Damage[] = [
  {
    what: 'another ε, as an attribute',
    forms: ['native', 'instance', 'instance-conv'],
    damage: (at) => withEpsilon(at, 1e-2),
    found: ['epsilon', 'node-changed'],
  },
  {
    what: 'another ε, as a constant',
    forms: ['reduce'],
    damage: (at) => withEpsilon(at, 1e-2),
    found: ['epsilon'],
  },
  {
    what: 'another G, as an attribute',
    forms: ['native'],
    damage: (at) =>
      changeOwn(at, 'GroupNormalization', (node) =>
        setAttribute(node, 'num_groups', (it) => ({ ...it, i: otherGroups(at.site) })),
      ),
    found: ['groups', 'node-changed'],
  },
  {
    what: 'another G, as the target of a Reshape',
    forms: ['instance', 'instance-conv'],
    damage: (at) => withInts(at, 'Groups', [0, otherGroups(at.site), -1]),
    found: ['groups', 'norm-constants', 'node-changed'],
  },
  {
    what: 'a mean over other axes',
    forms: ['reduce'],
    damage: (at) =>
      (opsetVersion(at.model.proto) ?? 0) < 18
        ? changeOwn(at, SPATIAL_MEAN, (node) => setAttribute(node, 'axes', (it) => ({ ...it, ints: [2] })))
        : withInts(at, SPATIAL_MEAN, [2]),
    found: ['axes', 'node-changed'],
  },
  {
    what: 'groups along another axis',
    forms: ['instance', 'instance-conv'],
    damage: (at) => withInts(at, 'Groups', [-1, at.site.plan.groups, 0]),
    found: ['group-shape', 'node-changed'],
  },
  { what: 'γ and β exchanged', damage: exchange, found: ['parameters-swapped'] },
  {
    what: 'β in the place of γ alone',
    damage: (at) => setValues(at.model, at.site.scale, () => numbersOf(at.model, at.site.bias)),
    found: ['parameters-swapped'],
  },
  {
    what: 'γ’s channels in another order',
    damage: ({ model, site }) => setValues(model, site.scale, (all) => all.toReversed()),
    found: ['channels-permuted'],
  },
  {
    what: 'γ’s and β’s channels in another order',
    damage: ({ model, site }) =>
      setValues(
        setValues(model, site.scale, (all) => all.toReversed()),
        site.bias,
        (all) => all.toReversed(),
      ),
    found: ['channels-permuted'],
  },
  {
    what: 'a node of a norm dropped',
    forms: ['reduce', 'instance'],
    damage: (at) => {
      const last = at.site.nodes.findLast(({ opType }) => opType === 'Mul') as NodeProto;
      return drop(at.model, (node) => node.name === last.name);
    },
    found: ['node-missing'],
  },
  { what: 'a node elsewhere dropped', damage: ({ model }) => drop(model, isRelu), found: ['node-missing'] },
  {
    what: 'a norm that normalises something else',
    damage: (at) => {
      const { input } = at.site.plan.site;
      const negative = makeNode('Neg', [input], ['negative'], 'Neg_new');
      const [first] = at.model.proto.graph.node.filter((it) => isOwn(at, it));
      return change(at.model, ({ node }) => ({
        node: node.flatMap((it) => {
          const own = { ...it, input: it.input.map((name) => (name === input ? 'negative' : name)) };
          return it === first ? [negative, own] : [isOwn(at, it) ? own : it];
        }),
      }));
    },
    found: ['site-input', 'node-changed', 'node-added'],
  },
  {
    what: 'a node elsewhere that reads something else',
    damage: ({ model, site }) =>
      change(model, ({ node }) => ({
        node: node.map((it) => (isRelu(it) ? { ...it, input: [site.plan.site.input] } : it)),
      })),
    found: ['node-changed'],
    against: ['node-changed'],
  },
  {
    what: 'NaN in a weight elsewhere',
    damage: ({ model, site }) => {
      const conv = model.proto.graph.node.find((it) => it.output[0] === site.plan.site.input);
      const name = conv?.input[1] ?? '';
      const spoil = (all: Float64Array) => all.map((value, index) => (index === 0 ? Number.NaN : value));
      if (stored(model, name) !== undefined) return setValues(model, name, spoil);
      return change(model, ({ node }) => ({
        node: node.map((it) =>
          it.output[0] === name
            ? setAttribute(it, 'value', (a) =>
                a.t === undefined
                  ? a
                  : { ...a, t: makeTensor(name, a.t.dataType ?? 0, dimsOf(a.t), spoil(valuesOf(a.t))) },
              )
            : it,
        ),
      }));
    },
    found: ['weight-not-finite'],
  },
  {
    what: 'NaN in γ',
    damage: ({ model, site }) =>
      setValues(model, site.scale, (all) => all.map((value, index) => (index === 1 ? Number.NaN : value))),
    found: ['parameter-not-finite'],
  },
  {
    what: 'infinity in β',
    damage: ({ model, site }) =>
      setValues(model, site.bias, (all) => all.map((value, index) => (index === 1 ? Number.POSITIVE_INFINITY : value))),
    found: ['parameter-not-finite'],
  },
  {
    what: 'an output of another shape',
    damage: ({ model }) => changeOutputs(model, ({ name }) => valueInfo(name, DataType.FLOAT, ['other', 7])),
    found: ['interface'],
    against: ['interface'],
  },
  {
    what: 'another opset',
    damage: ({ model }) => {
      const version = (opsetVersion(model.proto) ?? 0) - 1;
      return withGraph(model, model.proto.graph, { opsetImport: [opset('', version)] });
    },
    found: ['opset-changed'],
    against: ['opset-changed'],
  },
  {
    what: 'an edited record',
    damage: ({ model }) => editRecord(model, (text) => text.replace(/"groups":\d+/, '"groups":64')),
    found: ['record-edited', 'groups'],
  },
  {
    what: 'a record that is cut short',
    damage: ({ model }) => editRecord(model, (text) => text.slice(0, 100)),
    found: ['record-unreadable'],
  },
  {
    what: 'a weight of another shape',
    damage: ({ model, site }) => {
      const name = model.proto.graph.node.find((it) => it.output[0] === site.plan.site.input)?.input[1] ?? '';
      const flat = (it: GraphProto['initializer'][number]) => ({ ...it, dims: [...it.dims, 1] });
      return change(model, ({ initializer, node }) => ({
        initializer: initializer.map((it) => (it.name === name ? flat(it) : it)),
        node: node.map((it) =>
          it.output[0] === name && it.opType === 'Constant'
            ? setAttribute(it, 'value', (a) => (a.t === undefined ? a : { ...a, t: flat(a.t) }))
            : it,
        ),
      }));
    },
    found: ['tensor-changed'],
    against: ['tensor-changed'],
  },
];

interface Subject {
  readonly name: string;
  readonly forms: readonly FormName[];
  readonly make: (form: FormName) => Promise<Made>;
}

const of = (name: string, forms: readonly FormName[]): Subject => ({
  name,
  forms,
  make: (form) => madeOf(fixtureNamed(name), { form, groups: 4 }),
});
const DECOMPOSED = ['reduce', 'instance', 'instance-conv'] as const;

const SUBJECTS: readonly Subject[] = [
  of('opset-07', DECOMPOSED),
  of('opset-17', DECOMPOSED),
  of('opset-21', FORMS),
  of('dynamic-batch', DECOMPOSED),
  {
    name: 'PaddleOCR’s classifier',
    forms: DECOMPOSED,
    make: (form) => made(readFileSync(MODELS.classifier), { form, groups: 4 }),
  },
];

describe('check, given a damaged file', () => {
  for (const { name, forms, make } of SUBJECTS) {
    for (const form of forms) {
      describe(`${name}, ${form}`, () => {
        let it_: Made;
        before(async () => {
          it_ = await make(form);
        });

        it('finds nothing where nothing is wrong, with the source and without', async () => {
          expect(findingsOf(await checked(it_.model))).to.deep.equal([]);
          const report = await checked(it_.model, { source: it_.source });
          expect(findingsOf(report)).to.deep.equal([]);
          expect(report.sites.map(({ state }) => state)).to.deep.equal(it_.sites.map(() => 'unchanged'));
        });

        for (const { what, damage, found, against = [], ...rest } of DAMAGES) {
          if (rest.forms !== undefined && !rest.forms.includes(form)) continue;
          it(`${found.join(', ')}: ${what}`, async () => {
            const [site] = it_.sites as [RewrittenSite];
            const damaged = damage({ model: it_.model, site, form });
            const report = await checked(damaged);
            expect(errorsOf(report)).to.include.members([...found]);
            expect(report.passed).to.equal(false);
            for (const finding of findingsOf(report)) {
              expect(finding.message).to.match(/\S+ \S+.*[^.]$/);
              expect(finding.remedy).to.match(/^[A-Z].*[^.]$/);
            }
            const withSource = await checked(damaged, { source: it_.source });
            expect(errorsOf(withSource)).to.include.members([...found, ...against]);
            if (against.length === 0) return;
            // And with a source alone.
            const bare = withGraph(damaged, damaged.proto.graph, { metadataProps: [] });
            expect(errorsOf(await checked(bare, { source: it_.source }))).to.include.members([...against]);
          });
        }

        it('epsilon: nothing that a variance goes with, also where no record says what it was', async () => {
          const [site] = it_.sites as [RewrittenSite];
          for (const value of [Number.POSITIVE_INFINITY, Number.NaN, -1]) {
            const damaged = withEpsilon({ model: it_.model, site, form }, value);
            const bare = withGraph(damaged, damaged.proto.graph, { metadataProps: [] });
            const found = findingsOf(await checked(bare)).filter(({ rule }) => rule === 'epsilon');
            expect(found.map(({ message }) => message)).to.include(`its ε is ${value}; it must be a finite number ≥ 0`);
          }
        });

        it('unreadable: cut short anywhere', () => {
          const bytes = writeModel(it_.model);
          for (const share of [0, 0.1, 0.5, 0.9, 0.999]) {
            const error = thrown(() => readModel(bytes.subarray(0, Math.floor(bytes.length * share))));
            expect(errorsOf(unreadable(error))).to.deep.equal(['unreadable']);
          }
        });
      });
    }
  }
});
