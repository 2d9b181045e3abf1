/** Nodes, attributes, types and shapes are those that were written; only numbers that training changes may be others. */

import { digestParts, kindOfTag, type Part, structureOf, tagOf, unpackTags } from '../graph/fingerprint.ts';
import { opsetVersion } from '../onnx/model.ts';
import { wrong } from './finding.ts';
import type { RuleId } from './rules.ts';
import type { FileCheck, Finding } from './types.ts';

export const structure: FileCheck = {
  name: 'structure',
  summary: 'nodes, attributes, types and shapes are as gn-swap wrote them',
  run({ model, provenance }) {
    const recorded = typeof provenance === 'object' ? provenance.structure : undefined;
    const tags = recorded && unpackTags(recorded.parts);
    if (recorded === undefined || typeof provenance !== 'object') {
      return { findings: [], skipped: true, detail: 'no gn-swap record to compare with' };
    }
    const parts = structureOf(model);
    if (digestParts(parts) === recorded.digest) {
      return { findings: [], detail: `all ${parts.length} parts are unchanged` };
    }
    const findings = tags === undefined ? [] : changesSince(tags, parts);
    const unlocated = wrong(
      'structure-changed',
      '',
      'the graph changed since gn-swap wrote it, and the change cannot be located',
    );
    const [is, was] = [opsetVersion(model.proto), provenance.opset];
    const told = findings.map((it) =>
      it.rule === 'opset-changed' && it.node === '' && is !== was
        ? { ...it, message: `the model imports opset ${is}; gn-swap wrote opset ${was}` }
        : it,
    );
    return { findings: told.length > 0 ? told : [unlocated], detail: '' };
  },
};

/** What is there that was not recorded, and what was recorded and is not there. */
function changesSince(tags: readonly number[], parts: readonly Part[]): Finding[] {
  const left = new Map<number, number>();
  for (const tag of tags) left.set(tag, (left.get(tag) ?? 0) + 1);
  const take = (tag: number) => {
    const count = left.get(tag) ?? 0;
    if (count > 0) left.set(tag, count - 1);
    return count > 0;
  };
  /** New parts, by the last part before them that is an old one. */
  const added = new Map<Part | undefined, Part[]>();
  const byTag = new Map<number, Part>();
  let previous: Part | undefined;
  for (const part of parts) {
    const tag = tagOf(part);
    if (take(tag)) {
      byTag.set(tag, part);
      previous = part;
    } else {
      added.set(previous, [...(added.get(previous) ?? []), part]);
    }
  }
  const findings: Finding[] = [];
  let before: Part | undefined;
  for (const tag of tags) {
    const missing = left.get(tag) ?? 0;
    if (missing === 0) {
      before = byTag.get(tag) ?? before;
      continue;
    }
    left.set(tag, missing - 1);
    const kind = kindOfTag(tag);
    const candidates = added.get(before) ?? [];
    const index = candidates.findIndex((it) => it.kind === kind);
    const [now] = index < 0 ? [] : candidates.splice(index, 1);
    findings.push(now === undefined ? gone(kind, before) : changed(now));
  }
  for (const list of added.values()) for (const part of list) findings.push(isNew(part));
  return findings;
}

const CHANGED: Readonly<Record<Part['kind'], RuleId>> = {
  opset: 'opset-changed',
  input: 'interface',
  output: 'interface',
  tensor: 'tensor-changed',
  node: 'node-changed',
  function: 'node-changed',
};

const NOW: Readonly<Record<Part['kind'], string>> = {
  opset: 'the version of this operator set changed',
  input: 'the name, type or shape of this input changed',
  output: 'the name, type or shape of this output changed',
  tensor: 'its type, its dimensions or its integers changed',
  node: 'its operator, its inputs or its attributes changed',
  function: 'its inputs, outputs or defaults changed',
};

function changed({ kind, label }: Part): Finding {
  return wrong(CHANGED[kind], label, NOW[kind]);
}

function gone(kind: Part['kind'] | undefined, before: Part | undefined): Finding {
  const where = before === undefined ? 'at the beginning' : `behind ${before.kind} ${JSON.stringify(before.label)}`;
  const rule = kind === 'node' || kind === undefined ? 'node-missing' : CHANGED[kind];
  return wrong(rule, before?.label ?? '', `a ${kind ?? 'part'} ${where} is missing`);
}

function isNew({ kind, label }: Part): Finding {
  return wrong(
    kind === 'node' ? 'node-added' : CHANGED[kind],
    label,
    `this ${kind} was added after gn-swap wrote the file`,
  );
}
