/** Operators that sample an image at other places. */
import { forEach, sameRank, type TypeRule } from '../type-rule.ts';

/** Result types, by operator. */
export const TYPES: Readonly<Record<string, TypeRule>> = forEach('GridSample Resize Upsample', sameRank);
