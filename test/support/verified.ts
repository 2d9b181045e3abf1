/** A fixture, swapped and verified, with damage done to what was written where a test wants it. */
import type { Fixture } from '../../fixtures/index.ts';
import { filesOf } from '../../fixtures/make.ts';
import { type Home, type Model, memoryHome, readModel, writeModel } from '../../src/onnx/model.ts';
import type { PlanOptions } from '../../src/plan/choices.ts';
import type { RewrittenSite } from '../../src/rewrite/index.ts';
import { verify } from '../../src/verify/index.ts';
import type { Check, Verification, VerifyOptions } from '../../src/verify/verification.ts';
import { besideFiles } from './home.ts';
import { type Swapped, searchOf, swapSearch } from './swapped.ts';

export type Options = PlanOptions & Partial<VerifyOptions> & { readonly home?: Home };

/** Changes the model as it was written; the sites tell where the norms stand. */
export type Damage = (model: Model, sites: readonly RewrittenSite[]) => Model;

/** Swaps and verifies a fixture. */
export async function verifyFixture(fixture: Fixture, options: Options = {}, damage?: Damage): Promise<Verification> {
  return verifySwapped(fixture, swapSearch(await searchOf(fixture), options), options, damage);
}

/** {@link verifyFixture} for a swap that is at hand. */
export async function verifySwapped(
  fixture: Fixture,
  { model, sites }: Swapped,
  { home, ...options }: Options = {},
  damage: Damage = (it) => it,
): Promise<Verification> {
  const { [`${fixture.name}.onnx`]: source, ...data } = Object.fromEntries(filesOf(fixture));
  const files = new Map(Object.entries(data));
  const lives = home ?? (files.size === 0 ? memoryHome() : besideFiles(files));
  const written = writeModel(damage(readModel(writeModel(model), model.home), sites));
  return verify({
    sites,
    source: readModel(source as Uint8Array, lives),
    written: readModel(written, lives),
    inputs: fixture.inputs?.(),
    ...options,
  });
}

/** The check of that name. */
export function checkNamed({ checks }: Verification, name: Check['name']): Check | undefined {
  return checks.find((check) => check.name === name);
}

/** Names of the checks that failed. */
export function failedChecks({ checks }: Verification): string[] {
  return checks.filter(({ status }) => status === 'failed').map(({ name }) => name);
}
