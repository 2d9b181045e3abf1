/** What a task of training is prepared from, without a run: outputs, samples and what is known of the outputs. */
import { fixtureNamed } from '../../fixtures/index.ts';
import type { Example, LabelledData, Target } from '../../src/inputs/labelled/types.ts';
import type { Evidence } from '../../src/measure/evidence.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import type { Value } from '../../src/runtime/session.ts';
import type { PreparedTask, TaskSetup, TrainedOutput } from '../../src/train/types.ts';

/** A float output of those dimensions, for a batch of 1. */
export function output(name: string, ...dims: number[]): TrainedOutput {
  return { name, type: DataType.FLOAT, dims };
}

/** A float value. */
export function value(dims: readonly number[], numbers: readonly number[]): Value {
  return { type: DataType.FLOAT, dims, data: Float32Array.from(numbers) };
}

/** A sample with that target, and no inputs. */
export function sample(target: Target): Example {
  return { inputs: {}, target };
}

/** @param made the operator that ends each output, in small letters */
export function setupOf(
  outputs: readonly TrainedOutput[],
  more: Partial<TaskSetup> & {
    readonly made?: string;
    readonly classes?: readonly string[];
    readonly samples?: readonly Example[];
  } = {},
): TaskSetup {
  const { made, classes, samples = [], ...rest } = more;
  const data: LabelledData = {
    count: samples.length,
    names: samples.map((_, index) => `${index}`),
    strata: samples.map(() => 0),
    classes,
    skipped: [],
    image: undefined,
    keyOf: () => '',
    load: async (index) => samples[index] as Example,
  };
  // All that these tasks ask of it.
  const evidence = { made: () => made } as Pick<Evidence, 'made'> as Evidence;
  return {
    model: fixtureNamed('rank-4').build(),
    first: samples[0],
    outputs,
    evidence,
    data,
    examples: async () => samples,
    lossOf: undefined,
    losses: undefined,
    teacher: undefined,
    ...rest,
  };
}

/** What is minimised, of a task whose loss is in the graph. */
export async function graphOf({ objective }: PreparedTask, batch: readonly Example[]) {
  if (objective.kind !== 'graph' || !('length' in objective.terms))
    throw new TypeError('the loss is not one of named ones');
  const targets = await objective.targets(batch);
  return {
    terms: objective.terms,
    targets: targets.map(({ type, dims, data }) => ({
      type,
      dims,
      data: Array.from(data as ArrayLike<number>, Number),
    })),
  };
}
