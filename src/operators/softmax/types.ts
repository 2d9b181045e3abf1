/** Softmax and its kin. */
import { forEach, sameAsFirst, type TypeRule } from '../type-rule.ts';

/** Result types, by operator. */
export const TYPES: Readonly<Record<string, TypeRule>> = forEach('LogSoftmax Softmax', sameAsFirst);
