import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Ajv } from 'ajv';
import { expect } from 'chai';
import { RULES } from '../../../src/check/rules.ts';
import { renderSarif } from '../../../src/report/gate/sarif.ts';
import { VERSION } from '../../../src/version.ts';
import { GATES, HOSTILE, hostileGate } from '../../support/gates.ts';

const require = createRequire(import.meta.url);
const package_ = dirname(require.resolve('@microsoft/jest-sarif/package.json'));
const schema = JSON.parse(readFileSync(join(package_, 'lib/schemas/sarif-2.1.0-rtm.5.json'), 'utf8'));
// It is of draft 4, of which it uses nothing that later drafts changed but the name of its id.
const { $schema: _, id: __, ...draft } = schema;
const validate = new Ajv({ strict: false, allErrors: true, validateFormats: false, unicodeRegExp: false }).compile(
  draft,
);

function problemsOf(text: string): unknown[] {
  validate(JSON.parse(text));
  return validate.errors ?? [];
}

describe('renderSarif', () => {
  it('keeps to the schema, for no file and for files of every status', () => {
    for (const gates of [[], GATES, GATES.slice(0, 1)]) expect(problemsOf(renderSarif(gates))).to.deep.equal([]);
  });

  it('is told from what does not keep to it', () => {
    const text = renderSarif(GATES);
    expect(problemsOf(text.replace('"level": "error"', '"level": "grave"'))).not.to.be.empty;
    expect(problemsOf(text.replaceAll('"driver"', '"river"'))).not.to.be.empty;
  });

  it('has every rule, and a result for each finding', () => {
    const [run] = JSON.parse(renderSarif(GATES)).runs;
    expect(run.tool.driver).to.deep.include({ name: 'gn-swap', version: VERSION });
    expect(run.tool.driver.rules.map(({ id }: { id: string }) => id)).to.deep.equal(Object.keys(RULES));
    const told = run.results.map(
      (it: { ruleId: string; ruleIndex: number; level: string; message: { text: string } }) => {
        expect(run.tool.driver.rules[it.ruleIndex].id).to.equal(it.ruleId);
        return [it.ruleId, it.level, it.message.text];
      },
    );
    expect(told).to.deep.equal([
      ['no-record', 'note', 'it has none. Give the source.'],
      ['reference', 'error', 'b: too far. Restore the file.'],
      ['weight-not-finite', 'warning', 'w: it is infinite. Train again.'],
    ]);
    const [, bad] = run.results;
    expect(bad.locations[0]).to.deep.equal({
      physicalLocation: { artifactLocation: { uri: 'bad%20model.onnx' }, region: { startLine: 1 } },
      logicalLocations: [{ name: 'b', kind: 'element' }],
    });
  });

  it('says what could not be looked at, and that the run was none', () => {
    const [run] = JSON.parse(renderSarif(GATES)).runs;
    const [invocation] = run.invocations;
    expect(invocation.executionSuccessful).to.equal(false);
    expect(invocation.toolExecutionNotifications).to.have.lengthOf(1);
    expect(invocation.toolExecutionNotifications[0].message.text).to.equal('there is no such file. Give another');
    expect(invocation.toolExecutionNotifications[0].locations[0].physicalLocation.artifactLocation.uri).to.equal(
      'file:///tmp/gone.onnx',
    );
    expect(JSON.parse(renderSarif(GATES.slice(0, 2))).runs[0].invocations[0]).to.deep.equal({
      executionSuccessful: true,
    });
  });

  it('has neither placeholders, links nor control characters in messages, whatever names a model has', () => {
    const text = renderSarif(HOSTILE.map(hostileGate));
    expect(problemsOf(text)).to.deep.equal([]);
    for (const { message, locations } of JSON.parse(text).runs[0].results) {
      expect(message.text).not.to.match(/[\p{Cc}\p{Cf}\p{Cs}]/u);
      // Of braces only doubled ones, of ](…) only escaped ones.
      expect(message.text.replaceAll('{{', '').replaceAll('}}', '')).not.to.match(/[{}]/);
      expect(message.text.replaceAll('\\](', '')).not.to.contain('](');
      expect(() => new URL(locations[0].physicalLocation.artifactLocation.uri, 'file:///')).not.to.throw();
    }
  });
});
