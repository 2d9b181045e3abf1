/** The refusal of a run that does not fit into memory, with what would fit. */
import { GnSwapError } from '../../errors.ts';
import { sizeText } from '../../words.ts';

export interface Needed {
  /** Bytes that the run takes. */
  readonly needed: number;
  readonly limit: number;
  /** Whether the limit was typed, or is what the system has to give. */
  readonly isTyped: boolean;
}

/** Bytes of the smallest run, to find out what would fit. */
export interface Smallest {
  /** Of all but the values of a step. */
  readonly fixed: number;
  readonly step: number;
  /** Of a step that trains norms alone. */
  readonly norms: number;
  /** Dimensions of the input, if it takes pictures of other sizes, too. */
  readonly pictures: readonly number[] | undefined;
}

/** Of what a size allows: estimates are not exact. */
const SAFE = 0.9;
/** Networks halve their maps five times. */
const MULTIPLE = 32;

/** @param way samples a run that fit, or what the smallest run takes if not even that fits */
export function tooLittle(needed: Needed, way: { batch: number; accumulate: number } | Smallest): GnSwapError {
  const { limit, isTyped } = needed;
  const has = isTyped ? `--memory is ${sizeText(limit)}` : `${sizeText(limit)} is free`;
  const set = 'batch' in way ? { batch: String(way.batch), accumulate: String(way.accumulate) } : whatFits(way, needed);
  const options = Object.entries(set).map(([name, value]) => `--${name} ${value}`);
  return new GnSwapError('invalid-arguments', `training takes about ${sizeText(needed.needed)}, and ${has}`, {
    node: '--memory',
    remedy: `Use ${options.join(' ')}`,
    next: { set },
  });
}

/** Smaller pictures, norms alone, or more memory. */
function whatFits({ fixed, step, norms, pictures }: Smallest, { limit, needed }: Needed): Record<string, string> {
  const room = SAFE * (limit - fixed);
  const [, , height = 0, width = 0] = pictures ?? [];
  const scale = Math.sqrt(Math.max(0, room) / step);
  const [h, w] = [height, width].map((side) => MULTIPLE * Math.floor((side * scale) / MULTIPLE)) as [number, number];
  // Less than half the side is another task.
  if (h >= height / 2 && w >= width / 2 && h > 0 && w > 0) return { size: `${h}x${w}` };
  if (norms <= room) return { train: 'norms' };
  return { memory: `${Math.ceil(needed / 1e7)}0MB` };
}
