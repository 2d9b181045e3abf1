import type { Context, Output, ScoreKind } from '../../tasks/types.ts';
import type { BoxFormat, BoxUnit } from '../formats.ts';
import type { Columns } from '../table.ts';

/** What a detector's outputs hold. Undefined is told from the first answers. */
export interface Roles {
  /** One for each level, in the order of the levels. */
  readonly boxes: readonly Columns[];
  /** The same; empty if the model gives no scores. */
  readonly scores: readonly Columns[];
  readonly labels?: Columns;
  /** Which picture a row is of. */
  readonly pictures?: Columns;
  /** Whether the first score says that there is anything, and is multiplied into the others. */
  readonly objectness: boolean;
  /** Whether rows are what was found, or one for each anchor, found or not. */
  readonly rows: 'found' | 'anchors';
  readonly format?: BoxFormat | undefined;
  readonly unit?: BoxUnit | undefined;
  readonly kind?: ScoreKind | undefined;
  /** Whether one of the classes is the background, as a Softmax needs. */
  readonly background?: boolean;
  /** Outputs that say more of the same rows: masks, landmarks, counts. */
  readonly beside: readonly string[];
  /** What told, as a phrase. */
  readonly why: string;
}

/** Looks for boxes in outputs in one way. */
export type RoleFinder = (outputs: readonly Output[], context: Context, asked: boolean) => Roles | undefined;
