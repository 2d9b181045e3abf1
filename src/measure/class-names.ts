/**
 * Names of classes as files hold them under `names`: `{0: 'person', 1: 'bicycle'}` as Ultralytics' exporter writes, `['person', 'bicycle']` as
 * YOLOv5 did before 7.0, and `{"0": "person"}` or `["person"]` of other tools, which write JSON.
 */
import type { Model } from '../onnx/model.ts';
import { create } from '../onnx/schema.ts';

const KEY = 'names';
/** A name in quotes of either kind, in which a backslash keeps the next character. */
const NAME = String.raw`(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")`;
const NUMBERED = new RegExp(String.raw`(?:^\s*\{|,)\s*(\d{1,6})\s*:\s*${NAME}`, 'g');
const LISTED = new RegExp(String.raw`(?:^\s*\[|,)\s*${NAME}`, 'g');

/** Reads the names that a file gives its classes, in the order of their numbers; undefined if it gives none. */
export function classNames({ proto }: Model): string[] | undefined {
  const text = proto.metadataProps.find(({ key }) => key === KEY)?.value ?? '';
  const names: string[] = [];
  for (const [label, name] of inJson(text) ?? inPython(text)) names[label] = name;
  return names.length > 0 && Object.keys(names).length === names.length ? names : undefined;
}

type Named = readonly [label: number, name: string];

/** Undefined if it is not JSON. */
function inJson(text: string): Named[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const entries: [string, unknown][] = typeof value === 'object' ? Object.entries(value ?? {}) : [];
    return entries.every(([label, name]) => /^\d{1,6}$/.test(label) && typeof name === 'string')
      ? entries.map(([label, name]) => [Number(label), name as string])
      : [];
  } catch {
    return undefined;
  }
}

function inPython(text: string): Named[] {
  const plain = (single: string | undefined, double: string | undefined) =>
    (single ?? double ?? '').replace(/\\(.)/g, '$1');
  const numbered = [...text.matchAll(NUMBERED)];
  if (numbered.length > 0) {
    return numbered.map(([, label, single, double]) => [Number(label), plain(single, double)]);
  }
  // A list of something else beside names would give them other numbers.
  if (text.replace(LISTED, '').trim() !== ']') return [];
  return [...text.matchAll(LISTED)].map(([, single, double], label) => [label, plain(single, double)]);
}

/** The model with other names of classes. */
export function withClassNames(model: Model, names: readonly string[]): Model {
  const entries = names.map((name, label) => `${label}: '${name.replace(/[\\']/g, '\\$&')}'`);
  const prop = create('StringStringEntryProto', { key: KEY, value: `{${entries.join(', ')}}` });
  const others = model.proto.metadataProps.filter(({ key }) => key !== KEY);
  return { ...model, proto: { ...model.proto, metadataProps: [...others, prop] } };
}
