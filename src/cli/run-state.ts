/** The state of a run on disk, behind each epoch: what `--resume` goes on with. */
import { GnSwapError } from '../errors.ts';
import type { FitState } from '../train/fit-types.ts';
import { removeState, writeState } from './disk/state.ts';

/** Saves the state of one run. */
export class RunState {
  readonly #file: string;
  readonly #encode: (state: FitState) => Uint8Array;
  #unsaved: GnSwapError | undefined;
  #epochs: number;

  /** @param epochs that were trained before */
  constructor(file: string, epochs: number, encode: (state: FitState) => Uint8Array) {
    this.#file = file;
    this.#epochs = epochs;
    this.#encode = encode;
  }

  /** Hours of training are worth more than the way to go on with them: a disk that does not take a state does not end a run. */
  async save(state: FitState): Promise<void> {
    // The first is that before training.
    this.#epochs = state.history.length - 1;
    try {
      await writeState(this.#file, this.#encode(state));
      this.#unsaved = undefined;
    } catch (error) {
      if (!(error instanceof GnSwapError) || error.code !== 'unwritable') throw error;
      this.#unsaved = error;
    }
  }

  /** For a run that failed. A device or a memory that ends the first epoch is tried otherwise next, and that is another run. */
  failed(): void {
    if (this.#epochs === 0) removeState(this.#file);
  }

  /** What the last {@link save} came to, if the disk did not take it. */
  notes(): string[] {
    if (this.#unsaved === undefined) return [];
    const why = this.#unsaved.message.replace(/^cannot write the file: /, '');
    return [`the state of the run could not be saved (${why}), so --resume can't go on from its last epoch`];
  }
}
