/** Inputs and outputs are the source's. */
import { interfaceDifferences } from '../graph/interface.ts';
import { wrong } from './finding.ts';
import type { FileCheck } from './types.ts';

export const signature: FileCheck = {
  name: 'signature',
  summary: 'inputs and outputs have the same names, types and shapes as in the source',
  run({ model, source }) {
    if (source === undefined)
      return { findings: [], skipped: true, detail: 'needs the original model: --against FILE' };
    const findings = interfaceDifferences(source.model, model).map((message) => wrong('interface', '', message));
    return { findings, detail: 'names, types and shapes of inputs and outputs match the source' };
  },
};
