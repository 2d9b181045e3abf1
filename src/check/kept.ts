/** As much of the source's behaviour is kept as `--min-kept` asks for. */
import { provenAgainst } from './proven.ts';
import type { FileCheck } from './types.ts';

export const kept: FileCheck = {
  name: 'kept',
  summary: 'at least --min-kept of the source’s behaviour is kept',
  loadsRuntime: true,
  run: (subject) => provenAgainst(subject, 'kept'),
};
