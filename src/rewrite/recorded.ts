/** Plan + model → the model as it is delivered: with its record, and as its consumer wants it. */
import type { Search } from '../find/index.ts';
import { liftConstants } from '../graph/lift.ts';
import { forgetView } from '../graph/view.ts';
import type { ByteSource } from '../onnx/bytes.ts';
import { digestOf } from '../onnx/digest.ts';
import { opsetOf } from '../onnx/model.ts';
import { consumerFor } from '../plan/consumers.ts';
import type { Plan } from '../plan/index.ts';
import { VERSION } from '../version.ts';
import { type Rewritten, rewrite } from './index.ts';
import { provenanceOf, sealed, withProvenance } from './record.ts';

/**
 * {@link rewrite} with provenance (the fingerprint of the source and the version of this package), and with the constants
 * lifted that a consumer wants as initializers.
 *
 * @param consumer name of one; none where absent
 */
export function rewriteAll(search: Search, planned: Plan, source: ByteSource, consumer?: string): Rewritten {
  const rewritten = rewrite(search.model, planned);
  // The record takes room, and what comes after it asks little about the source.
  forgetView(search.model);
  const lift = consumer === undefined ? 'none' : consumerFor(consumer, opsetOf(search.model)).lift;
  const lifted = { ...rewritten, model: liftConstants(rewritten.model, lift) };
  // Last, as the record says what was written.
  const provenance = sealed(lifted, provenanceOf(planned, digestOf(source), VERSION));
  return { ...lifted, model: withProvenance(lifted.model, provenance) };
}
