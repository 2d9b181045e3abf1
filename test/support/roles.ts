/** Outputs of a detector, and what is known of them, without a model. */
import type { Columns } from '../../src/measure/boxes/table.ts';
import type { Evidence } from '../../src/measure/evidence.ts';
import type { Context, Output, TaskOptions } from '../../src/measure/tasks/types.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { answers } from './answers.ts';

export const float = (name: string, ...dims: number[]): Output => ({ name, type: DataType.FLOAT, dims });

/** Output, layout, and from which column up to which. */
export const layouts = ({ output, layout, from, to }: Columns) => [output, layout, from, to] as const;

interface Known {
  /** Outputs that hang on a ranking, a suppression, a choice of rows. */
  readonly ranks?: readonly string[];
  readonly suppresses?: readonly string[];
  readonly selects?: readonly string[];
  /** What ends each output. */
  readonly made?: Readonly<Record<string, string>>;
  /** Over how many classes a Softmax ends an output. */
  readonly softmaxClasses?: Readonly<Record<string, number>>;
  readonly options?: TaskOptions;
}

export function contextOf({
  ranks = [],
  suppresses = [],
  selects = [],
  made = {},
  softmaxClasses = {},
  options = {},
}: Known): Context {
  const evidence = {
    ranks: (name: string) => ranks.includes(name),
    suppresses: (name: string) => suppresses.includes(name),
    selects: (name: string) => selects.includes(name),
    made: (name: string) => made[name],
    softmaxClasses: (name: string) => softmaxClasses[name],
    suppressedAs: () => undefined,
  };
  return { evidence: evidence as Partial<Evidence> as Evidence, options, first: answers({}, {}) };
}
