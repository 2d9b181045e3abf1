/** The state of training as bytes: an .npz of parameters and optimizer state, and what was said of the run as JSON in it. */
import { GnSwapError } from '../errors.ts';
import { readNpz } from '../inputs/npz.ts';
import { writeNpz } from '../inputs/write-npz.ts';
import { DataType } from '../onnx/data-type.ts';
import type { Value } from '../runtime/session.ts';
import type { FitState } from './fit-types.ts';
import { otherwise, type RunKey } from './other-run.ts';

interface Header extends Pick<FitState, 'bestEpoch' | 'history' | 'trace' | 'rate' | 'tried'> {
  readonly version: 1;
  readonly key: RunKey;
  readonly steps: number;
}

/** Writes a state, with the key of its run. */
export function encodeState(state: FitState, key: RunKey): Uint8Array {
  const { trainer, best, bestEpoch, history, trace, rate, tried } = state;
  const header: Header = { version: 1, key, steps: trainer.steps, bestEpoch, history, trace, rate, tried };
  const text = new TextEncoder().encode(JSON.stringify(header));
  const floats = (data: Float32Array): Value => ({ type: DataType.FLOAT, dims: [data.length], data });
  const arrays = new Map<string, Value>([
    ['run', { type: DataType.UINT8, dims: [text.length], data: text }],
    ['theta', floats(trainer.theta)],
    ['best', floats(best)],
    ...trainer.optimizer.map((it, index): [string, Value] => [`optimizer/${index}`, floats(it)]),
  ]);
  // Float32 noise does not get smaller.
  return writeNpz(arrays, false);
}

/**
 * Reads a state.
 *
 * @param file what to name in an error
 * @param key of the run that is to go on
 * @throws GnSwapError `invalid-data` if the bytes are not a state, `invalid-arguments` naming what differs if it is that of another run
 */
export function decodeState(bytes: Uint8Array, file: string, key: RunKey): FitState {
  const arrays = readNpz(bytes, file);
  const own = headerOf(arrays, file);
  // As JSON has it: what is absent on both sides is equal.
  const wanted = JSON.parse(JSON.stringify(key)) as RunKey;
  const differing = otherwise(own.key, wanted);
  if (differing.length > 0) {
    throw new GnSwapError(
      'invalid-arguments',
      `the unfinished run in it is another one: it had ${differing.join(', ')}`,
      {
        file,
        remedy: 'Type the command as it was typed then, or --force in place of --resume to start over',
      },
    );
  }
  const floats = (name: string) => {
    const { data } = arrays.get(name) ?? { data: undefined };
    if (data instanceof Float32Array) return data;
    throw broken(file);
  };
  const optimizer = [...arrays.keys()].filter((name) => name.startsWith('optimizer/')).map(floats);
  const { bestEpoch, history, trace, rate, tried, steps } = own;
  const trainer = { steps, theta: floats('theta'), optimizer };
  return { trainer, best: floats('best'), bestEpoch, history, trace, rate, tried };
}

function headerOf(arrays: ReadonlyMap<string, Value>, file: string): Header {
  const { data } = arrays.get('run') ?? { data: undefined };
  if (!(data instanceof Uint8Array)) throw broken(file);
  try {
    const header = JSON.parse(new TextDecoder().decode(data)) as Header;
    if (header.version === 1) return header;
  } catch {
    // Told below.
  }
  throw broken(file);
}

function broken(file: string): GnSwapError {
  return new GnSwapError('invalid-data', 'it is not the state of an unfinished training run', {
    file,
    remedy: 'Delete it to start over',
  });
}
