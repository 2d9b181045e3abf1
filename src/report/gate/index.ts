/** The formats that a gate's findings are written to files in, by the option that names the file. */

import type { Gate } from './gate.ts';
import { renderJunit } from './junit.ts';
import { renderMarkdown } from './markdown.ts';
import { renderSarif } from './sarif.ts';

/** One format. */
export interface GateFormat {
  /** The option without its dashes. */
  readonly name: 'junit' | 'sarif' | 'markdown';
  /** With what such a file begins; `undefined` where further text may be put behind it. */
  readonly begins: string | undefined;
  render(gates: readonly Gate[]): string;
}

export const GATE_FORMATS: readonly GateFormat[] = [
  { name: 'junit', begins: '<?xml', render: renderJunit },
  { name: 'sarif', begins: '{', render: (gates) => `${renderSarif(gates)}\n` },
  { name: 'markdown', begins: undefined, render: renderMarkdown },
];
