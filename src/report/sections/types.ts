import type { Outcome, ReportCall } from '../../jobs/outcome.ts';
import type { Block } from '../blocks.ts';

/** One part of a report on one model. */
export interface Section {
  /** In links. */
  readonly name: string;
  readonly title: string;
  /** Whether it needs the page's whole width. */
  readonly wide: boolean;
  /** What it says; nothing where it has nothing to say. */
  blocks(outcome: Outcome, call: ReportCall): Block[];
}
