/** The graph is one that the format allows: values made once and before they are read, operator sets imported. */
import { illegalities } from '../graph/legal.ts';
import { wrong } from './finding.ts';
import type { FileCheck } from './types.ts';

export const legal: FileCheck = {
  name: 'legal',
  summary: 'each value has one producer that comes before its readers, and the operator sets of all nodes are imported',
  run({ model }) {
    const findings = illegalities(model).map(({ what, node, message }) => wrong(what, node, message));
    return { findings, detail: 'each value has one producer, before its readers; all operator sets are imported' };
  },
};
