import { expect } from 'chai';
import { GnSwapError } from '../../src/errors.ts';
import { FORMS } from '../../src/forms/index.ts';
import type { Outcome } from '../../src/jobs/outcome.ts';
import { INITS } from '../../src/norms/inits/index.ts';
import { REPORT_SCHEMA, renderJson } from '../../src/report/json.ts';
import { VERSION } from '../../src/version.ts';
import { inspectOutcome, swapOutcome } from '../support/outcomes.ts';
import { expectValidReport, isValidReport, SCHEMA } from '../support/report-schema.ts';
import { useScratch } from '../support/scratch.ts';

interface Described {
  readonly description?: string;
  readonly $ref?: string;
}

const report = (...outcomes: Outcome[]) => JSON.parse(renderJson(outcomes));

describe('renderJson', () => {
  const scratch = useScratch();

  it('says what it is', () => {
    const document = report();
    expect(document).to.deep.equal({ schema: REPORT_SCHEMA, tool: { name: 'gn-swap', version: VERSION }, results: [] });
    expectValidReport(document);
  });

  for (const [name, options] of [
    ['rank-4', {}],
    ['rank-4', { 'dry-run': true }],
    ['rank-4', { 'no-verify': true, groups: '7', init: 'copy' }],
    ['rank-4', { 'max-drift': 1e-9 }],
    ['two-bn-one-input', { exclude: ['_1$'] }],
    ['if-own-parameters', {}],
    ['training-unused-outputs', {}],
    ['type-bfloat16', {}],
    ['type-float16', {}],
    ['rank-unknown-input', { groups: '4' }],
    ['external-one-file', {}],
    ['parameters-computed', {}],
    ['no-bn', {}],
    ['variance-nan', {}],
    ['domain-foreign', {}],
    ['linear-read-twice', { to: 'frozen', fold: true }],
    ['linear-read-twice', { to: 'weight' }],
    ['linear-transpose', { to: 'weight' }],
  ] as const) {
    it(`keeps to the schema for ${name} with ${JSON.stringify(options)}`, async () => {
      expectValidReport(report(await swapOutcome(scratch(), name, options)));
    });
  }

  for (const name of ['rank-4', 'folded-conv', 'spatial-0', 'function-nested', 'shared-everything', 'names-odd']) {
    it(`keeps to the schema for a look at ${name}`, async () => {
      const document = report(await inspectOutcome(scratch(), name));
      expectValidReport(document);
      expect(document.results[0]).to.include({ command: 'inspect', output: null, verification: null, error: null });
    });
  }

  it('tells a job that was done, one whose check failed, and one that failed', async () => {
    const done = await swapOutcome(scratch(), 'rank-4');
    const failed = await swapOutcome(scratch(), 'opset-17', { 'max-drift': 1e-9 });
    const error = await swapOutcome(scratch(), 'no-bn');
    const { results } = report(done, failed, error);
    expect(results.map(({ status }: { status: string }) => status)).to.deep.equal(['ok', 'failed', 'error']);
    expect(results[0]).to.include({ output: done.output, outputBytes: done.outputBytes, norm: 'group' });
    expect(results[0].verification.passed).to.equal(true);
    expect(results[0].sites[0].verification.failed).to.deep.equal([]);
    expect(results[1].output).to.equal(null);
    expect(results[1].verification.passed).to.equal(false);
    expect(results[2].error).to.deep.equal({
      code: 'nothing-to-swap',
      message: '0 BatchNormalization nodes',
      node: null,
      remedy: 'Choose a model that contains BatchNormalization',
    });
    expect(results[2]).to.include({ norm: null, verification: null });
  });

  it('writes numbers that are not finite as null', async () => {
    const outcome = await swapOutcome(scratch(), 'rank-4');
    const { verification } = outcome;
    if (verification === undefined) throw new RangeError('not verified');
    const bad = { error: Number.NaN, bound: Number.POSITIVE_INFINITY };
    const sites = verification.sites.map((it) => ({ ...it, reference: bad, problem: 'why' }));
    const drift = verification.drift.map((it) => ({ ...it, max: Number.NaN, relative: Number.POSITIVE_INFINITY }));
    const document = report({ ...outcome, verification: { ...verification, sites, drift } });
    expectValidReport(document);
    const [result] = document.results;
    expect(result.sites[0].verification.reference).to.deep.equal({ error: null, bound: null });
    expect(result.sites[0].verification.problem).to.equal('why');
    expect(result.verification.drift[0]).to.include({ max: null, relative: null });
  });

  it('keeps to the schema for every error', () => {
    const codes: string[] = SCHEMA.$defs.error.properties.code.enum;
    for (const code of codes) {
      const error = new GnSwapError(code as GnSwapError['code'], 'no', { node: 'bn' });
      expectValidReport(report({ file: 'a.onnx', command: 'swap', timings: {}, error }));
    }
  });
});

describe('docs/report.schema.json', () => {
  const scratch = useScratch();

  it('is of the version that is written, and describes every property', () => {
    expect(SCHEMA.properties.schema.const).to.equal(REPORT_SCHEMA);
    for (const [name, type] of Object.entries<{ properties: Record<string, Described> }>(SCHEMA.$defs)) {
      for (const [property, of] of Object.entries(type.properties)) {
        expect(of.description ?? of.$ref, `${name}.${property}`).to.match(/^\S.*/);
      }
    }
  });

  it('lists the forms and inits there are', () => {
    const { form, init } = SCHEMA.$defs.site.properties;
    expect(form.enum).to.have.members(FORMS.map(({ name }) => name));
    expect(init.enum).to.have.members([...INITS.map(({ name }) => name), 'calibrate', 'source']);
  });

  it('refuses what is not in it, anywhere', async () => {
    const document = report(await swapOutcome(scratch(), 'two-bn-one-input', { exclude: ['_1$'] }));
    expect(isValidReport(document)).to.equal(true);
    const places = ['', 'results.0', 'results.0.sites.0', 'results.0.sites.0.verification', 'results.0.refusals.0'];
    for (const place of [...places, 'results.0.verification', 'results.0.verification.drift.0', 'results.0.model']) {
      const copy = structuredClone(document);
      const at = place.split('.').reduce((it, key) => (key === '' ? it : it[key]), copy);
      at.extra = 1;
      expect(isValidReport(copy), `an extra property in ${place}`).to.equal(false);
      delete at.extra;
      for (const key of Object.keys(at)) {
        const { [key]: value, ...rest } = at;
        delete at[key];
        expect(isValidReport(copy), `${place} without ${key}`).to.equal(false);
        Object.assign(at, { ...rest, [key]: value });
      }
    }
  });
});
