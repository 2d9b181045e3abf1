/** How many classes a model answers, where its file says so. */
import type { Model } from '../onnx/model.ts';
import { declaredType } from '../onnx/value-type.ts';
import { classNames } from './class-names.ts';

/**
 * Reads how many classes a classifier or segmenter has: the names in its file, else the declared shape of the output that fits the task.
 *
 * @param output its name, if there are several
 * @returns `undefined` for other tasks, and where nothing tells or several outputs differ
 */
export function headClasses(model: Model, task: string, output?: string): number | undefined {
  const named = classNames(model)?.length;
  if (named !== undefined && task !== 'regress' && task !== 'distill') return named;
  if (task !== 'classify' && task !== 'segment') return undefined;
  const counts = model.proto.graph.output.flatMap(({ name, type }): number[] => {
    if (output !== undefined && name !== output) return [];
    const { shape } = declaredType(type);
    const [, classes, ...rest] = shape ?? [];
    const isWanted = task === 'segment' ? rest.length === 2 : rest.every((dim) => dim === 1);
    return isWanted && classes !== undefined && classes > 0 ? [classes] : [];
  });
  return new Set(counts).size === 1 ? counts[0] : undefined;
}
