/** Which places count: norms that stand in the graph, those that were folded into a Conv, or both. */
export type SiteKind = 'batchnorm' | 'folded' | 'all';

/** The kinds, for the command line to offer. */
export const SITE_KINDS = ['batchnorm', 'folded', 'all'] as const satisfies readonly SiteKind[];

/** How many Conv look as if a norm was folded into them, in words. */
export function foldedWords(count: number): string {
  const appear = count === 1 ? 'layer appears' : 'layers appear';
  return `${count} Conv ${appear} to have absorbed a BatchNormalization`;
}
