/** Names of classes as files hold them: `{0: 'person', 1: 'bicycle'}` under `names`, as Ultralytics' exporter writes. */
import type { Model } from '../onnx/model.ts';
import { create } from '../onnx/schema.ts';

const KEY = 'names';
/** A number, and a name in quotes of either kind, in which a backslash keeps the next character. */
const ENTRY = /(?:^\s*\{|,)\s*(\d{1,6})\s*:\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")/g;

/** Reads the names that a file gives its classes, in the order of their numbers; undefined if it gives none. */
export function classNames({ proto }: Model): string[] | undefined {
  const text = proto.metadataProps.find(({ key }) => key === KEY)?.value ?? '';
  const names: string[] = [];
  for (const [, number, single, double] of text.matchAll(ENTRY)) {
    names[Number(number)] = (single ?? double ?? '').replace(/\\(.)/g, '$1');
  }
  return names.length > 0 && Object.keys(names).length === names.length ? names : undefined;
}

/** The model with other names of classes. */
export function withClassNames(model: Model, names: readonly string[]): Model {
  const entries = names.map((name, label) => `${label}: '${name.replace(/[\\']/g, '\\$&')}'`);
  const prop = create('StringStringEntryProto', { key: KEY, value: `{${entries.join(', ')}}` });
  const others = model.proto.metadataProps.filter(({ key }) => key !== KEY);
  return { ...model, proto: { ...model.proto, metadataProps: [...others, prop] } };
}
