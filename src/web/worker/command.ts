/** What was asked of a page, as one would type it. */
import { optionsOf } from '../../options/index.ts';
import type { Options, TaskFiles, TaskName } from '../messages.ts';

/** What stands for the files that a page was given. */
const STAND_IN = {
  calibrate: 'DIR',
  inputs: 'FILE.npz',
  against: 'SOURCE.onnx',
  data: 'DIR',
  keep: 'DIR',
  teacher: 'TEACHER.onnx',
} as const satisfies Readonly<Record<keyof TaskFiles, string>>;

/** The options of a task with those that stand for files. */
export function withFiles(options: Options, files: TaskFiles): Options {
  const given = Object.entries(STAND_IN).filter(([name]) => files[name as keyof TaskFiles] !== undefined);
  return { ...options, ...Object.fromEntries(given) };
}

/** The words behind `gn-swap` that ask for the same; options at their defaults are left out. */
export function commandWords(task: TaskName, model: string, options: Options): string[] {
  const defaults = new Map(optionsOf(task).map(([name, spec]) => [String(name), spec.default]));
  const words = task === 'swap' ? [model] : [task, model];
  for (const [name, value] of Object.entries(options)) {
    if (value === '' || value === false || String(value) === String(defaults.get(name))) continue;
    if (value === true) words.push(`--${name}`);
    else for (const it of [value].flat()) words.push(`--${name}`, String(it));
  }
  return words;
}
