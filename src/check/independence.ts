/** Every sample is answered alone as in a batch. */
import { provenSites } from './proven.ts';
import type { FileCheck } from './types.ts';

export const independence: FileCheck = {
  name: 'independence',
  summary: 'each sample gives the same result alone and in a batch',
  loadsRuntime: true,
  perSite: true,
  run: (subject) => provenSites(subject, 'independence'),
};
