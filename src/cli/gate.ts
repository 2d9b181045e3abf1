/** What CI reads of a call: files in its formats, and annotations on stdout. */

import type { CallOptions } from '../call/arguments.ts';
import type { Outcome } from '../jobs/outcome.ts';
import { gateOf } from '../report/gate/gate.ts';
import { renderGithub } from '../report/gate/github.ts';
import { GATE_FORMATS } from '../report/gate/index.ts';
import type { Ui } from './commands/types.ts';
import { writeGateReport } from './disk/index.ts';

/**
 * Writes the reports that a call asks for; nothing where it asks for none.
 *
 * @throws GnSwapError `output-exists`, `unwritable`
 */
export async function reportGate(outcomes: readonly Outcome[], { gate, github }: CallOptions, ui: Ui): Promise<void> {
  const gates = outcomes.map(gateOf);
  if (github) for (const line of renderGithub(gates)) ui.annotate(line);
  for (const { name, begins, render } of GATE_FORMATS) {
    const file = gate[name];
    if (file === undefined) continue;
    ui.wrote(file, await writeGateReport({ file, text: render(gates), begins, option: `--${name}` }));
  }
}
