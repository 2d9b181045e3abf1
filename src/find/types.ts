import type { DataType } from '../onnx/data-type.ts';
import type { GraphProto, NodeProto, TensorProto } from '../onnx/schema.ts';
import type { Shape } from '../onnx/value-type.ts';

/** What a normalisation holds per channel, as float64: γ, β, μ and σ². */
export interface Statistics {
  readonly scale: Float64Array;
  readonly bias: Float64Array;
  readonly mean: Float64Array;
  readonly variance: Float64Array;
}

/** The layer before a norm, which may take it in: its output's channels are maps of its weight's. */
export interface Linear {
  readonly node: NodeProto;
  readonly weight: TensorProto;
  /** Of the weight. */
  readonly dims: readonly number[];
  /** One number, or one a channel. */
  readonly bias: TensorProto | undefined;
  /** The numbers of weight or bias, a copy of them. */
  valuesOf(tensor: TensorProto): Float64Array;
  /** What the layer multiplies its bias by. */
  readonly biasFactor: number;
  /** Whether the weight is an initializer, and no Constant node or what is made of one. */
  readonly isInitializer: boolean;
  /** Whether another node reads the weight, too. */
  readonly isShared: boolean;
  /** The weight's dimensions, split where need be so that each axis is of output channels or of what is summed for one. */
  readonly view: readonly number[];
  /** Axes of the view that are summed; the others, in their order, count the output channels. */
  readonly reduced: readonly number[];
}

/** Per channel, v → factor · v + summand; [C] each. */
export interface ChannelLine {
  readonly factor: Float64Array;
  readonly summand: Float64Array;
}

/** What stands around a norm. */
export interface AffineNeighbours {
  /** What the first of all reads, and what the last makes. */
  readonly input: string;
  readonly output: string;
  /** From the first to the last, without the norm. */
  readonly nodes: readonly NodeProto[];
  readonly before: ChannelLine;
  readonly after: ChannelLine;
}

/** One place in the graph where a norm stands or will stand. */
export interface Site {
  /** Unique in the model, and readable: the node's name, else its output's. */
  readonly name: string;
  /** The pattern that found it. */
  readonly pattern: string;
  /** Where its graph hangs; `''` is the main graph. */
  readonly path: string;
  readonly graph: GraphProto;
  /** The node that a rewrite replaces. */
  readonly node: NodeProto;
  /** All that spells the norm but `node`, where that is not one node alone. What nothing else needs goes with it. */
  readonly nodes?: readonly NodeProto[];
  /** Names that γ, β, μ and σ² are stored under, by role, where `node` is not a BatchNormalization. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** What it shares with other sites of its graph, so that they get one γ′ and one β′; absent if its tensors are its own. */
  readonly tied?: string | undefined;
  /** Whether the file does not tell what the norm's statistics were, so that γ′ and β′ can only be solved from data. */
  readonly needsData?: boolean;
  /** What stands before the norm from now on, where `node` is not to go: it makes `input` in place of `output`. */
  readonly kept?: NodeProto;
  /** The layer before the norm, or in words why none could take it in; absent where `kept` is there. */
  readonly before?: Linear | string;
  /** Why this is a site, where that is a guess; for the user. */
  readonly evidence?: string;
  /** Name of the value that is normalised, of shape [N, C, D₁, …]. */
  readonly input: string;
  readonly output: string;
  /** Of the input and the output. */
  readonly elementType: DataType;
  /** Of the input; `undefined` where the rank is not known. */
  readonly shape: Shape | undefined;
  /** C. */
  readonly channels: number;
  /** ε. */
  readonly epsilon: number;
  readonly statistics: Statistics;
  /** The types that γ and β, and μ and σ², are stored in; absent where there is no norm in the source. */
  readonly parameterTypes?: { readonly affine: DataType; readonly statistics: DataType };
  /** That its running statistics are updated with in training, where the source says so. */
  readonly momentum?: number;
  /** Whether the source normalises with the statistics of its batch (`training_mode=1`). */
  readonly training: boolean;
  /** Whether it is in training mode and its μ and σ² were never trained, so that they say nothing about what the source computes. */
  readonly placeholders?: boolean;
  /** Arithmetic around it that could be merged into its parameters. */
  readonly neighbours?: AffineNeighbours | undefined;
  /** Operators that were merged into it, in order, where that was wanted. */
  readonly merged?: readonly string[];
}

/** Why a site is left as it is. */
export type RefusalCode =
  | 'opset-too-old'
  | 'spatial'
  | 'spatial-by-mistake'
  | 'placeholder-statistics'
  | 'outputs-used'
  | 'parameters-not-constant'
  | 'parameters-need-running'
  | 'parameters-do-not-fit'
  | 'rank'
  | 'element-type'
  | 'bad-statistics'
  | 'function'
  | 'single-element-groups'
  | 'no-layer-before'
  | 'form'
  | 'overflow'
  | 'no-statistics'
  | 'not-folded'
  | 'doubtful'
  | 'last-axis'
  | 'of-weights'
  | 'excluded';

/** Codes of what may never have been a norm, or not of the kind that is swapped: leaving it as it is is no loss. */
export const NO_NORM: ReadonlySet<RefusalCode> = new Set(['not-folded', 'doubtful', 'last-axis', 'of-weights']);

/** A site that is not rewritten: where, why, and what to do about it. */
export interface Refusal {
  readonly name: string;
  readonly path: string;
  readonly op: string;
  readonly code: RefusalCode;
  readonly reason: string;
  readonly remedy: string;
}

/** What a search yields. */
export interface Found {
  readonly sites: readonly Site[];
  readonly refusals: readonly Refusal[];
  /** Values that a site's parameters come from and that only running their constant part can tell. */
  readonly unevaluated: readonly string[];
}
