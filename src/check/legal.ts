/** The graph is one that the format allows: values made once and before they are read, operator sets imported. */
import { illegalities } from '../graph/legal.ts';
import { wrong } from './finding.ts';
import type { FileCheck, Finding } from './types.ts';

/** How many initializers are named. */
const NAMED = 3;

export const legal: FileCheck = {
  name: 'legal',
  summary: 'each value has one producer that comes before its readers, and the operator sets of all nodes are imported',
  run({ model }) {
    const found = illegalities(model);
    const errors = found.filter(({ what }) => what !== 'not-listed');
    const unlisted = found.filter(({ what }) => what === 'not-listed').map(({ node }) => node);
    const findings = errors.map(({ what, node, message }) => wrong(what, node, message));
    if (unlisted.length > 0) findings.push(notListed(unlisted, Number(model.proto.irVersion)));
    return { findings, detail: 'each value has one producer, before its readers; all operator sets are imported' };
  },
};

/** Exporters leave out all of them, and a swap keeps what it found. ONNX Runtime reads such a file, so it is no error. */
function notListed(unlisted: readonly string[], irVersion: number): Finding {
  const names = unlisted.slice(0, NAMED).map((name) => JSON.stringify(name));
  const others = unlisted.length - names.length;
  return {
    rule: 'not-listed',
    severity: 'warning',
    node: '',
    message: `initializers of a file of IR ${irVersion} must be listed among the inputs, and ${names.join(', ')}${others > 0 ? ` and ${others} more` : ''} are not`,
    remedy: 'ONNX Runtime runs it. If another program refuses it, set ir_version to 4 in the source and swap it again',
  };
}
