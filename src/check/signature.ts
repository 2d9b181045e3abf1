/** Inputs and outputs are the source's. */
import { interfaceDifferences } from '../graph/interface.ts';
import { wrong } from './finding.ts';
import type { FileCheck } from './types.ts';

export const signature: FileCheck = {
  name: 'signature',
  summary: 'inputs and outputs have the names, types and shapes of the source’s',
  run({ model, source }) {
    if (source === undefined) return { findings: [], skipped: true, detail: 'no source is given' };
    const findings = interfaceDifferences(source.model, model).map((message) => wrong('interface', '', message));
    return { findings, detail: 'names, types and shapes of inputs and outputs are the source’s' };
  },
};
