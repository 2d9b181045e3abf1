/** A fixture, swapped and verified, with damage done to what was written where a test wants it. */
import type { Fixture } from '../../fixtures/index.ts';
import { filesOf } from '../../fixtures/make.ts';
import { type Model, readModel, writeModel } from '../../src/onnx/model.ts';
import type { PlanOptions } from '../../src/plan/choices.ts';
import type { RewrittenSite } from '../../src/rewrite/index.ts';
import type { Materialize } from '../../src/runtime/materialize.ts';
import { type Check, type Verification, type VerifyOptions, verify } from '../../src/verify/index.ts';
import { Scratch } from './scratch.ts';
import { type Swapped, searchOf, swapSearch } from './swapped.ts';

export type Options = PlanOptions & Partial<VerifyOptions>;

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
  options: Partial<VerifyOptions> = {},
  damage: Damage = (it) => it,
): Promise<Verification> {
  const files = filesOf(fixture);
  const source = files.get(`${fixture.name}.onnx`) as Uint8Array;
  const written = writeModel(damage(readModel(writeModel(model), model.external), sites));
  const given = {
    sites,
    source: { model: readModel(source, model.external), file: source },
    written: { model: readModel(written, model.external), file: written },
    ...(fixture.inputs === undefined ? {} : { inputs: fixture.inputs() }),
  };
  if (files.size === 1) return verify({ ...given, ...options });
  const scratch = new Scratch();
  try {
    scratch.fixture(fixture.name);
    return await verify({
      ...given,
      source: { ...given.source, file: scratch.path(`${fixture.name}.onnx`) },
      written: { ...given.written, file: scratch.write('written.onnx', written) },
      materialize: besides(scratch),
      ...options,
    });
  } finally {
    scratch.remove();
  }
}

/** Materialises models beside the files of their data. */
function besides(scratch: Scratch): Materialize {
  let count = 0;
  return async (model) => ({
    model: scratch.write(`extra-${++count}.onnx`, writeModel(model)),
    dispose: async () => {},
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
