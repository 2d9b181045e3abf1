/** The source that a file is said to have been made from, with what checks look for in it. */

import type { ByteSource } from '../onnx/bytes.ts';
import { digestOf } from '../onnx/digest.ts';
import type { Model } from '../onnx/model.ts';
import { findAllSites } from '../rewrite/merged-sites.ts';
import type { GivenSource } from './index.ts';

/** How a source is given. */
export interface SourceOptions {
  /** What to call it. */
  readonly label: string;
  /** Whether ONNX Runtime may be loaded, where parameters must be computed. */
  readonly run: boolean;
}

/** @param bytes of the file that `model` was read from */
export async function givenSource(
  model: Model,
  bytes: ByteSource,
  { label, run }: SourceOptions,
): Promise<GivenSource> {
  const options = { run, sites: 'all' } as const;
  const search = await findAllSites(model, options);
  const absorbed = (names: readonly string[]) =>
    findAllSites(model, { ...options, absorbAffine: true, include: exactly(names) });
  const everywhere = () => findAllSites(model, { ...options, include: [/(?:)/] });
  return { model, label, digest: digestOf(bytes), search, absorbed, everywhere };
}

/** Expressions for these names and no others. */
function exactly(names: readonly string[]): RegExp[] {
  return names.map((name) => new RegExp(`^${name.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}$`, 'u'));
}
