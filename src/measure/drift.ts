/** How far the rewritten model's outputs are from the source's, on the same inputs. */
import { isFloat } from '../onnx/data-type.ts';
import { numbersOf, type Value, type Values } from '../runtime/session.ts';
import { argmax } from './argmax.ts';

/** Drift of one output. Figures are over all its elements in all runs, in float64. */
export interface Drift {
  readonly output: string;
  /** Of the first run. */
  readonly dims: readonly number[];
  /** Largest |difference|. */
  readonly max: number;
  /** Mean |difference|. */
  readonly mean: number;
  /** ‖difference‖/‖source‖, 2-norms: 0 is equal, 1 as far as from nothing at all. */
  readonly relative: number;
  /** Of the angle between both, as vectors. */
  readonly cosine: number;
  /** Signal to quantisation noise ratio, dB: −20 log₁₀ of `relative`; `null` where nothing differs. */
  readonly sqnr: number | null;
  /**
   * Share of places with the same largest class: rows of [N, K], steps of [N, T, K], pixels of [N, K, H, W], K > 1; `null` for
   * outputs of other shapes.
   */
  readonly argmax: number | null;
  /**
   * Where the output is a map of numbers from 0 to 1, [N, 1, H, W]: intersection over union of what both put above
   * 0.3, mean over the maps; else `null`.
   */
  readonly overlap: number | null;
  /** Share of the places where the source itself gives NaN, if there are any: no figure counts them, and at 1 every figure is NaN. */
  readonly sourceNaN?: number;
}

/** One number for it, 1 where nothing differs: of the figures that an output has, the one nearest to what it is used for. */
export function agreementOf({ overlap, argmax, cosine }: Drift): number {
  return overlap ?? argmax ?? cosine;
}

/** What counts as found in a map of probabilities. Detectors of text use 0.3, of segments 0.5: agreement is alike at both. */
export const MAP_THRESHOLD = 0.3;

/** Gathers the drift of one output over runs. */
export class DriftMeter {
  readonly #output: string;
  #dims: readonly number[] | undefined;
  #count = 0;
  #max = 0;
  #absolute = 0;
  #noise = 0;
  #dot = 0;
  #source = 0;
  #rewritten = 0;
  #places = 0;
  #same = 0;
  #maps = 0;
  #overlap = 0;
  #isMap = true;
  #comparable = true;
  #sourceNaN = 0;

  constructor(output: string) {
    this.#output = output;
  }

  /** Adds what both models answered to the same inputs. Strings and differing shapes make the drift unknown. */
  add(source: Value, rewritten: Value): void {
    const [a, b] = [numbersOf(source), numbersOf(rewritten)];
    if (a === undefined || b === undefined || source.dims.join() !== rewritten.dims.join()) {
      this.#comparable = false;
      return;
    }
    this.#dims ??= source.dims;
    this.#addNumbers(a, b);
    if (isFloat(source.type)) this.#addClasses(a, b, source.dims);
    this.#addMaps(a, b, source.dims);
  }

  /** `undefined` where some of it could not be compared. */
  result(): Drift | undefined {
    if (!this.#comparable || this.#dims === undefined) return undefined;
    const nothing = this.#sourceNaN > 0 && this.#count === 0 ? Number.NaN : 0;
    const equal = this.#noise === 0 && nothing === 0;
    const relative = equal ? 0 : nothing + Math.sqrt(this.#noise / this.#source);
    return {
      output: this.#output,
      dims: this.#dims,
      max: nothing + this.#max,
      mean: this.#count === 0 ? nothing : this.#absolute / this.#count,
      relative,
      cosine: equal ? 1 : this.#dot / Math.sqrt(this.#source * this.#rewritten),
      sqnr: equal ? null : -20 * Math.log10(relative),
      argmax: this.#places === 0 ? null : this.#same / this.#places,
      overlap: this.#isMap && this.#maps > 0 ? this.#overlap / this.#maps : null,
      ...(this.#sourceNaN > 0 && { sourceNaN: this.#sourceNaN / (this.#sourceNaN + this.#count) }),
    };
  }

  #addNumbers(a: ArrayLike<number>, b: ArrayLike<number>): void {
    for (let i = 0; i < a.length; i++) {
      const [x, y] = [a[i] as number, b[i] as number];
      // No answer can be nearer to that, or further from it.
      if (Number.isNaN(x)) {
        this.#sourceNaN++;
        continue;
      }
      this.#count++;
      // Equal infinities, as of masked scores, differ by nothing; with them no other difference would count.
      if (x === y && !Number.isFinite(x)) continue;
      const difference = Math.abs(x - y);
      // Keeps NaN.
      this.#max = Math.max(this.#max, difference);
      this.#absolute += difference;
      this.#noise += difference * difference;
      this.#dot += x * y;
      this.#source += x * x;
      this.#rewritten += y * y;
    }
  }

  #addClasses(a: ArrayLike<number>, b: ArrayLike<number>, dims: readonly number[]): void {
    const axis = dims.length === 3 ? 2 : 1;
    const classes = dims[axis] ?? 0;
    if (dims.length < 2 || dims.length > 4 || classes < 2) return;
    const stride = dims.slice(axis + 1).reduce((product, dim) => product * dim, 1);
    for (let start = 0; start < a.length; start += classes * stride) {
      for (let place = start; place < start + stride; place++) {
        const own = argmax(a, place, classes, stride);
        if (own === undefined) continue;
        this.#places++;
        if (own === argmax(b, place, classes, stride)) this.#same++;
      }
    }
  }

  #addMaps(a: ArrayLike<number>, b: ArrayLike<number>, dims: readonly number[]): void {
    const area = (dims.at(-1) ?? 0) * (dims.at(-2) ?? 0);
    this.#isMap &&= area > 1 && dims.length === 4 && dims[1] === 1 && inUnit(a) && inUnit(b);
    if (!this.#isMap) return;
    for (let start = 0; start < a.length; start += area) {
      let [both, either] = [0, 0];
      for (let i = start; i < start + area; i++) {
        const [inA, inB] = [(a[i] as number) > MAP_THRESHOLD, (b[i] as number) > MAP_THRESHOLD];
        if (inA && inB) both++;
        if (inA || inB) either++;
      }
      this.#maps++;
      this.#overlap += either === 0 ? 1 : both / either;
    }
  }
}

/** Sigmoid in float32 answers up to 1 + 2⁻²³ where the runtime computes several at once; other types round coarser. */
const ROUNDING = 1e-3;

function inUnit(values: ArrayLike<number>): boolean {
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (!(value >= -ROUNDING && value <= 1 + ROUNDING)) return false;
  }
  return true;
}

/** Drift of one output in a single run; see {@link DriftMeter}. */
export function driftOf(output: string, source: Value, rewritten: Value): Drift | undefined {
  const meter = new DriftMeter(output);
  meter.add(source, rewritten);
  return meter.result();
}

/** The drift of each output that both models give as numbers of the same shape. */
export function driftsOf(before: Values, after: Values): Drift[] {
  return Object.entries(before)
    .map(([name, value]) => after[name] && driftOf(name, value, after[name]))
    .filter((drift) => drift !== undefined);
}
