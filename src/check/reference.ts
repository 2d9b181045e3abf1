/** Every site is within its bound of the float64 reference. */
import { provenSites } from './proven.ts';
import type { FileCheck } from './types.ts';

export const reference: FileCheck = {
  name: 'reference',
  summary: 'every site is within its bound of the float64 reference',
  loadsRuntime: true,
  perSite: true,
  run: (subject) => provenSites(subject, 'reference'),
};
