/**
 * Who reads a rewritten model, and what each needs of it: the row of `--for`. Facts come from the consumers' own sources and
 * from the tests in test/interop; docs/consumers.md tells which.
 */
import { GnSwapError } from '../errors.ts';
import type { Lift } from '../graph/lift.ts';
import type { Norm } from '../norms/types.ts';

/** A program that reads ONNX. */
export interface Consumer {
  /** As given to `--for`. */
  readonly name: string;
  /** The program and the version that the facts are of. */
  readonly reads: string;
  /** Forms that it takes, the best first; `native` is the operator of group norm. */
  readonly forms: readonly string[];
  /** The same for other norms over groups, by the norm's name, where it takes their operators too. */
  readonly formsOf?: Readonly<Record<string, readonly string[]>>;
  /** The same for sites of float64, where they are others. */
  readonly float64?: readonly string[];
  /** The latest opset that it reads such a model at; absent where none is known. */
  readonly lastOpset?: number;
  /** Whether its fusions look for Reshape [0, G, −1], so that the form is spelled so although it fails on an empty batch. */
  readonly plain?: boolean;
  /** Forms whose γ and β it does not train, and why: taken for no norm. */
  readonly inert?: Readonly<Record<string, string>>;
  /** Constant nodes that it wants as initializers. */
  readonly lift: Lift;
  /** `tested`: an interop test loads the output there. `sources`: read in its sources alone. */
  readonly known: 'tested' | 'sources';
  readonly why: string;
}

export const CONSUMERS: readonly Consumer[] = [
  {
    name: 'ort-training',
    reads: 'onnxruntime-training 1.19.2',
    forms: ['reduce'],
    formsOf: { layer: ['native-trainable', 'reduce'] },
    lastOpset: 17,
    lift: 'all',
    known: 'tested',
    why: 'it has gradients of ReduceMean, Sub, Mul, Div and Sqrt, of norms only LayerNormalization’s, and trains only initializers',
  },
  {
    name: 'pytorch',
    reads: 'onnx2torch 1.5.15',
    forms: ['instance-conv'],
    lastOpset: 18,
    plain: true,
    inert: {
      'mul-add': 'γ and β are read by Mul and Add, and become buffers',
      'weight-norm': 'direction and length are computed by nodes, and become buffers',
      renorm: 'γ, β and the moving statistics become buffers',
    },
    lift: 'conv',
    known: 'tested',
    why: 'it makes parameters only of what a Conv or a norm holds, and only where that is an initializer',
  },
  {
    name: 'onnxruntime',
    reads: 'ONNX Runtime 1.30, CPU and CUDA',
    forms: ['instance', 'reduce'],
    formsOf: { instance: ['native', 'reduce'] },
    float64: ['reduce'],
    lift: 'none',
    known: 'tested',
    why: 'InstanceNormalization is the fastest on its CPU provider; GroupNormalization is expanded',
  },
  {
    name: 'onnxruntime-web',
    reads: 'ONNX Runtime Web',
    forms: ['reduce'],
    lift: 'none',
    known: 'sources',
    why: 'its WebGPU InstanceNormalization was wrong on the grouped shape (microsoft/onnxruntime pull 25092)',
  },
  {
    name: 'tensorrt',
    reads: 'TensorRT 10',
    forms: ['instance'],
    formsOf: { instance: ['native', 'instance'] },
    plain: true,
    lift: 'none',
    known: 'sources',
    why: 'GroupNormalization fails on 10.7 and is wrong with one group on 10.16 (NVIDIA/TensorRT issues 4336, 4756)',
  },
  {
    name: 'openvino',
    reads: 'OpenVINO 2026.4',
    forms: ['instance', 'reduce'],
    formsOf: { instance: ['native', 'instance', 'reduce'] },
    plain: true,
    lift: 'none',
    known: 'tested',
    why: 'it reads InstanceNormalization as one MVN; its GPU plugin fuses that and an affine of [C, 1, 1] further',
  },
  {
    name: 'tract',
    reads: 'tract 0.23',
    forms: ['native', 'reduce'],
    lift: 'none',
    known: 'sources',
    why: 'its InstanceNormalization averages over the batch too',
  },
  {
    name: 'onnx2tf',
    reads: 'onnx2tf',
    forms: ['native', 'reduce'],
    lift: 'none',
    known: 'sources',
    why: 'its InstanceNormalization mistakes the layout (issue 930)',
  },
  {
    name: 'burn',
    reads: 'burn-import',
    forms: ['native', 'instance'],
    formsOf: { instance: ['native', 'instance'] },
    plain: true,
    lift: 'none',
    known: 'sources',
    why: 'it reads GroupNormalization of opset 21 and InstanceNormalization',
  },
  {
    name: 'ncnn',
    reads: 'ncnn (pnnx)',
    forms: ['instance'],
    formsOf: { instance: ['native', 'instance'] },
    plain: true,
    lift: 'none',
    known: 'sources',
    why: 'its pass for GroupNorm looks for the very nodes of this form',
  },
];

/** The forms of a norm that a consumer takes, the best first; all the norm's where it is known for none of them. */
export function formsFor(
  consumer: Consumer,
  { name, forms }: Pick<Norm, 'name' | 'forms'>,
  ofFloat64: boolean,
): readonly string[] {
  const ofGroup = (ofFloat64 && consumer.float64) || consumer.forms;
  // What is known of its GroupNormalization says nothing of other operators.
  const taken = consumer.formsOf?.[name] ?? ofGroup.filter((form) => name === 'group' || form !== 'native');
  const known = taken.filter((form) => forms.includes(form));
  return known.length > 0 ? known : forms;
}

/**
 * The consumer of that name.
 *
 * @param opset of the model
 * @throws GnSwapError `invalid-arguments` for an unknown name, `unsupported-model` where the model's opset is too late for it
 */
export function consumerFor(name: string, opset: number): Consumer {
  const found = CONSUMERS.find((it) => it.name === name);
  if (found === undefined) {
    throw new GnSwapError('invalid-arguments', `${JSON.stringify(name)} is not a known consumer`, {
      remedy: `Use one of ${CONSUMERS.map((it) => it.name).join(', ')}`,
    });
  }
  const { reads, lastOpset = Number.POSITIVE_INFINITY } = found;
  if (opset <= lastOpset) return found;
  throw new GnSwapError('unsupported-model', `opset ${opset} is newer than ${reads} supports (${lastOpset})`, {
    remedy: `Export the model at opset ${lastOpset} or earlier, or drop --for`,
  });
}
