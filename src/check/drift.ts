/** No output is farther from the source's than `--max-drift` allows. */
import { provenAgainst } from './proven.ts';
import type { FileCheck } from './types.ts';

export const drift: FileCheck = {
  name: 'drift',
  summary: 'no output drifts from the source by more than --max-drift',
  loadsRuntime: true,
  run: (subject) => provenAgainst(subject, 'drift'),
};
