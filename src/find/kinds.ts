/** Which places count: norms that stand in the graph, those that were folded into a Conv, or both. */
export type SiteKind = 'batchnorm' | 'folded' | 'all';

/** The kinds, for the command line to offer. */
export const SITE_KINDS = ['batchnorm', 'folded', 'all'] as const satisfies readonly SiteKind[];
