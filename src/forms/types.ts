import type { Linear } from '../find/types.ts';
import type { Builder } from '../onnx/builder.ts';
import type { DataType } from '../onnx/data-type.ts';
import type { Shape } from '../onnx/value-type.ts';

/** A norm over groups of channels, to be spelled in ONNX. */
export interface FormSite {
  /** Name of the norm. */
  readonly norm: string;
  /** Name of x, [N, C, D₁, …]. */
  readonly input: string;
  /** Name of y, of the same shape. */
  readonly output: string;
  readonly elementType: DataType;
  /** Of x; `undefined` where the rank is not known. */
  readonly shape: Shape | undefined;
  readonly channels: number;
  readonly groups: number;
  readonly epsilon: number;
  /** γ′ and β′. */
  readonly scale: ArrayLike<number>;
  readonly bias: ArrayLike<number>;
  /** Other numbers of the norm, by role. */
  readonly more?: Readonly<Record<string, ArrayLike<number>>> | undefined;
  /** Whether the very nodes that a consumer's fusion looks for are wanted, though they fail on an empty batch. */
  readonly plain?: boolean;
  /** That a trainer updates μ and σ² with; absent where the source does not say. */
  readonly momentum?: number | undefined;
  /** The layer before the norm, or why none could take it in. */
  readonly before?: Linear | string | undefined;
}

/** One spelling of a norm over groups of channels in ONNX operators. */
export interface Form {
  readonly name: string;
  readonly summary: string;
  /** Whether means are taken of whole groups at once, so that a float32 sum runs over all their elements. */
  readonly oneStage: (site: FormSite) => boolean;
  /** Norms whose variance ONNX Runtime computes as E[x²] − m² in this form, which loses the digits that both have in common. */
  readonly bySquares?: readonly string[];
  /** Whether ONNX Runtime computes some of its nodes by other kernels where it optimises the graph: those for blocks of channels. */
  readonly otherwise?: boolean;
  /** Whether it takes the place of the layer before the norm, too. */
  readonly takesIn?: boolean;
  /** Of the sum behind a number of that layer's new weight; absent where the weight is stored as it is to be. */
  weightTerms?(layer: Linear): number;
  /** The type of γ′ and β′, where it is not that of x. */
  parameterType?(elementType: DataType): DataType;
  /** Whether each parameter is stored in the type that it had in the source. */
  readonly keepsTypes?: boolean;
  /** Why the form is not legal for a site at an opset; `undefined` where it is. */
  check(site: FormSite, opset: number): string | undefined;
  /** Adds the nodes that make `site.output` of `site.input`. */
  build(site: FormSite, builder: Builder): void;
}
