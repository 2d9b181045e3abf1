/** What a verdict consists of. */
import type { Tone } from './blocks.ts';

/** One line of the verdict. */
export interface VerdictLine {
  readonly about: 'rewrite' | 'behaviour' | 'latency' | 'training' | 'file';
  readonly text: string;
  /** Absent where there is nothing to be judged. */
  readonly tone?: Tone;
}
