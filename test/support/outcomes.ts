/** Outcomes of the command line's work, made in this process. */
import { callOptions } from '../../src/call/arguments.ts';
import type { RawArguments } from '../../src/call/values.ts';
import { inspectFile } from '../../src/cli/inspect.ts';
import { swapFile } from '../../src/cli/swap.ts';
import type { Outcome } from '../../src/jobs/outcome.ts';
import type { Scratch } from './scratch.ts';

/** What `gn-swap NAME.onnx --options` comes to, for a fixture. */
export function swapOutcome(scratch: Scratch, name: string, raw: RawArguments = {}): Promise<Outcome> {
  const target = scratch.path(`${name}.gn.onnx`);
  return swapFile(scratch.fixture(name), target, callOptions(raw), () => {});
}

/** What `gn-swap inspect NAME.onnx --options` comes to, for a fixture. */
export function inspectOutcome(scratch: Scratch, name: string, raw: RawArguments = {}): Promise<Outcome> {
  return inspectFile(scratch.fixture(name), callOptions(raw));
}
