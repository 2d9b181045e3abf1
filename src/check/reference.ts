/** Every site is within its bound of the float64 reference. */
import { provenSites } from './proven.ts';
import type { FileCheck } from './types.ts';

export const reference: FileCheck = {
  name: 'reference',
  summary: 'the error of every site is within its bound',
  loadsRuntime: true,
  perSite: true,
  run: (subject) => provenSites(subject, 'reference'),
};
