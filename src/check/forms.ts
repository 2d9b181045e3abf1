/** Every other form of the same norm agrees with the reference. */
import { provenSites } from './proven.ts';
import type { FileCheck } from './types.ts';

export const forms: FileCheck = {
  name: 'forms',
  summary: 'all other forms of the same norm agree with the reference',
  loadsRuntime: true,
  perSite: true,
  run: (subject) => provenSites(subject, 'forms'),
};
