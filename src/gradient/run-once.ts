/** Runs a gradient model once, as it will be written: it must load, give finite numbers, and answer as the source does. */
import { GnSwapError } from '../errors.ts';
import { generateInputs } from '../inputs/generated.ts';
import type { Model } from '../onnx/model.ts';
import { relativeGap } from '../runtime/gap.ts';
import { allFinite, numbersIn, numbersOf, type Values, withSession } from '../runtime/session.ts';

/** Of the largest number: what another order of the same float32 operations may change, many times over. */
const LIMIT = 1e-3;

/**
 * @param feeds inputs of the source, and `answers` what it gave
 * @returns the largest difference between the outputs of both, relative to the largest number
 * @throws GnSwapError `verification-failed` naming the output
 */
export async function runOnce(
  gradient: Model,
  init: Model,
  feeds: Values,
  answers: Values,
  outputs: readonly string[],
): Promise<number> {
  const first = init.proto.graph.output.length === 0 ? {} : await withSession(init, (session) => session.run({}));
  const inputs = { ...generateInputs(gradient, 1, 1, 1), ...feeds, ...first };
  const known = new Set(gradient.proto.graph.input.map(({ name }) => name));
  const own = Object.fromEntries(Object.entries(inputs).filter(([name]) => known.has(name)));
  const results = await withSession(gradient, (session) => session.run(own));
  let most = 0;
  for (const name of outputs) {
    const [made, wanted] = [results[name], answers[name]];
    const b = wanted && numbersOf(wanted);
    if (b === undefined) continue;
    const relative = relativeGap(numbersIn(made), b);
    if (relative > LIMIT)
      throw failed(`output ${JSON.stringify(name)} differs from the source's by ${relative.toExponential(1)}`);
    most = Math.max(most, relative);
  }
  for (const [name, value] of Object.entries(results)) {
    const isDerived = !outputs.includes(name) && !name.startsWith('next/');
    if (isDerived && !allFinite(value)) throw failed(`${JSON.stringify(name)} is not finite on random input`);
  }
  return most;
}

function failed(message: string): GnSwapError {
  return new GnSwapError('verification-failed', `the gradient model was run once, and ${message}`, {
    remedy: 'Please report this, with the model if you can',
  });
}
