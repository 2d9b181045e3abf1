/** Plan + model → the model as it is delivered: with its record, and as its consumer wants it. */
import type { Search } from '../find/index.ts';
import { liftConstants } from '../graph/lift.ts';
import { structureRecordOf, structureTextsOf } from '../graph/structure-record.ts';
import { recordOfTexts, type StructureRecord, type StructureTexts } from '../graph/structure-texts.ts';
import { forgetView } from '../graph/view.ts';
import type { ByteSource } from '../onnx/bytes.ts';
import { digestOf } from '../onnx/digest.ts';
import { encodeAhead } from '../onnx/encode.ts';
import { opsetOf } from '../onnx/model.ts';
import { consumerFor } from '../plan/consumers.ts';
import type { Plan } from '../plan/index.ts';
import { VERSION } from '../version.ts';
import { type Rewritten, rewrite } from './index.ts';
import { type Provenance, provenanceOf, sealed, withParameters, withProvenance } from './record.ts';

/**
 * {@link rewrite} with provenance (the fingerprint of the source and the version of this package), and with the constants
 * lifted that a consumer wants as initializers.
 *
 * @param consumer name of one; none where absent
 */
export function rewriteAll(search: Search, planned: Plan, source: ByteSource, consumer?: string): Rewritten {
  const lifted = rewriteFor(search, planned, consumer);
  // First, while there is nothing else: its texts take most room.
  const structure = structureRecordOf(lifted.model);
  return withRecord(lifted, entryOf(lifted, planned, source), structure);
}

/** Makes the record of a model's texts somewhere else; they can't be used afterwards. */
export type Recorder = (texts: StructureTexts) => Promise<StructureRecord>;

/** Parts from which on it takes longer to order and hash their texts than to begin that somewhere else. */
const MANY = 200_000;

/**
 * {@link rewriteAll}, where the record of a large model is made somewhere else, while the graph is encoded here.
 *
 * @param recorder none where there is nowhere else
 * @param many parts of a model that is large
 */
export async function rewriteRecorded(
  search: Search,
  planned: Plan,
  source: ByteSource,
  consumer: string | undefined,
  recorder: Recorder | undefined,
  many = MANY,
): Promise<Rewritten> {
  const lifted = rewriteFor(search, planned, consumer);
  const texts = structureTextsOf(lifted.model);
  const isApart = recorder !== undefined && texts.tags.length >= many;
  // Where that place turns out to be none, the texts are made again.
  const structure = isApart ? recorder(texts).catch(() => structureRecordOf(lifted.model)) : recordOfTexts(texts);
  const entry = entryOf(lifted, planned, source);
  if (isApart) encodeAhead('GraphProto', lifted.model.proto.graph);
  return withRecord(lifted, entry, await structure);
}

/** All that the record says but of the structure. */
function entryOf(rewritten: Rewritten, planned: Plan, source: ByteSource): Provenance {
  return withParameters(rewritten, provenanceOf(planned, digestOf(source), VERSION));
}

function withRecord(rewritten: Rewritten, entry: Provenance, structure: StructureRecord): Rewritten {
  return { ...rewritten, model: withProvenance(rewritten.model, sealed(entry, structure)) };
}

function rewriteFor(search: Search, planned: Plan, consumer: string | undefined): Rewritten {
  const rewritten = rewrite(search.model, planned);
  // The record takes room, and what comes after it asks little about the source.
  forgetView(search.model);
  const lift = consumer === undefined ? 'none' : consumerFor(consumer, opsetOf(search.model)).lift;
  return { ...rewritten, model: liftConstants(rewritten.model, lift) };
}
