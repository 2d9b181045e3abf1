/** docs/report.schema.json, as a check. */
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'chai';

export const SCHEMA = JSON.parse(readFileSync(new URL('../../docs/report.schema.json', import.meta.url), 'utf8'));

// Strict: an unknown keyword, or one that can't apply, is a mistake in the schema.
const validate = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true }).compile(SCHEMA);

/** Fails where the document is not as the schema says. */
export function expectValidReport(document: unknown): void {
  validate(document);
  expect(validate.errors ?? []).to.deep.equal([]);
}

/** Whether the document is as the schema says. */
export function isValidReport(document: unknown): boolean {
  return validate(document);
}
