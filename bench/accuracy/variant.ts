import type { Search } from '../../src/find/index.ts';
import type { Site } from '../../src/find/types.ts';
import type { GroupOptions } from '../../src/norms/types.ts';
import { opsetVersion, writeModel } from '../../src/onnx/model.ts';
import { plan } from '../../src/plan/index.ts';
import { rewrite } from '../../src/rewrite/index.ts';

/** How a column of a table chooses a site's groups. */
export interface Column {
  readonly title: string;
  groupsFor(site: Site): NonNullable<GroupOptions['groups']>;
}

/**
 * The source with GroupNormalization at every site.
 * @throws Error if a site is refused: a table compares columns, so each must change the same sites
 */
export function swapped({ model, sites }: Search, init: string, column: Column): Uint8Array {
  const opset = opsetVersion(model.proto) ?? 0;
  const plans = sites.map((site) => plan([site], opset, { init, groups: column.groupsFor(site) }));
  const refusal = plans.flatMap(({ refusals }) => refusals)[0];
  if (refusal !== undefined) throw new Error(`${column.title}: ${refusal.name}: ${refusal.reason}`);
  const whole = { norm: 'group', tag: 'gn', sites: plans.flatMap((it) => it.sites), refusals: [] };
  return writeModel(rewrite(model, whole).model);
}
