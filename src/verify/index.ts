/** Proves a rewritten file: that it loads, keeps its interface, computes its norms, and how far it is from its source. */
import { Proof } from './proof.ts';
import type { Opened } from './settings.ts';
import type { Verification, VerifyOptions } from './verification.ts';

/**
 * Runs the written model against its source and against the float64 reference of every norm in it.
 *
 * @throws GnSwapError `runtime-failed` where the *source* does not load, `invalid-data` where it runs on no input that is
 *   given or can be made, `runtime-missing` where there is no ONNX Runtime. What is wrong with the written model is no error
 *   but a failed check.
 */
export async function verify(options: VerifyOptions & Opened): Promise<Verification> {
  const proof = new Proof(options);
  const runs = await proof.load();
  if (runs !== undefined && (await proof.run(runs)) && (await proof.proveSites(runs))) {
    await proof.judgeDrift(runs);
    await proof.observe(runs);
  }
  return proof.result();
}
