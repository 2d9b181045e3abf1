/** What every pattern promises to the search, on all committed models. */
import { expect } from 'chai';
import { FIXTURES } from '../../fixtures/index.ts';
import { findSites, PATTERNS } from '../../src/find/index.ts';
import { SITE_KINDS, type SiteKind } from '../../src/find/kinds.ts';
import type { Refusal, Site } from '../../src/find/types.ts';
import { scopesOf } from '../../src/graph/scope.ts';
import { makeNode } from '../../src/onnx/attributes.ts';

const MODELS = FIXTURES.map((fixture) => ({ name: fixture.name, model: fixture.build() }));
const NODES = MODELS.flatMap(({ model }) => scopesOf(model).flatMap(({ graph }) => graph.node));

const found = new Map<
  SiteKind,
  readonly { readonly name: string; readonly sites: readonly Site[]; readonly refusals: readonly Refusal[] }[]
>();
const searched = (kind: SiteKind) => {
  const known = found.get(kind) ?? MODELS.map(({ name, model }) => ({ name, ...findSites(model, undefined, kind) }));
  found.set(kind, known);
  return known;
};

describe('find/pattern', () => {
  it('a node is matched by one pattern at most, so that their order decides nothing', () => {
    expect(NODES.length).to.be.greaterThan(200);
    for (const node of NODES) {
      const matching = PATTERNS.filter((pattern) => pattern.matches(node)).map(({ name }) => name);
      expect(matching.length, `${node.opType} is ${matching.join(' and ')}`).to.be.at.most(1);
    }
  });

  it('every pattern matches something, and no operator of another domain', () => {
    for (const pattern of PATTERNS) {
      const matched = NODES.filter((node) => pattern.matches(node));
      expect(matched.length, pattern.name).to.be.greaterThan(0);
      for (const node of matched)
        expect(pattern.matches({ ...node, domain: 'com.example' }), `${pattern.name}: ${node.opType}`).to.equal(false);
    }
  });

  it('a node without inputs and outputs is asked about without a fault', () => {
    for (const pattern of PATTERNS)
      for (const { opType } of NODES) expect(pattern.matches(makeNode(opType, [], [], ''))).to.be.a('boolean');
  });

  it('a site says which pattern found it, and that pattern is one of the kind that was asked for', () => {
    for (const kind of SITE_KINDS) {
      const sites = searched(kind).flatMap((it) => it.sites);
      expect(sites.length, kind).to.be.greaterThan(0);
      for (const { name, pattern } of sites) {
        const finder = PATTERNS.find((it) => it.name === pattern);
        if (kind !== 'all') expect(finder?.kind, name).to.include(kind);
        expect(finder, `${name}: ${pattern}`).not.to.equal(undefined);
      }
    }
  });

  it('one search for all kinds finds what the searches for each kind find', () => {
    const each = searched('batchnorm').map(({ sites }, index) => {
      const folded = searched('folded')[index];
      return new Set([...sites, ...(folded?.sites ?? [])].map(({ output }) => output));
    });
    for (const [index, { name, sites }] of searched('all').entries()) {
      expect(new Set(sites.map(({ output }) => output)), name).to.deep.equal(each[index]);
    }
  });

  it('a node that is no site has a reason in words and a remedy', () => {
    const refusals = SITE_KINDS.flatMap((kind) => searched(kind)).flatMap((it) => it.refusals);
    expect(refusals.length).to.be.greaterThan(20);
    for (const { name, code, reason, remedy } of refusals) {
      expect(code, name).to.match(/^[a-z]+(-[a-z]+)*$/);
      expect(reason, name).to.match(/\w \w/);
      expect(remedy, name).to.match(/^[A-Z].* /);
    }
  });
});
