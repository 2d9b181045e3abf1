/** Which places count: norms that stand in the graph, those that were folded into a Conv, or both. */
export const SITE_KINDS = ['batchnorm', 'folded', 'all'] as const;

export type SiteKind = (typeof SITE_KINDS)[number];
