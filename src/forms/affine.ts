/** What the decomposed forms share: the dimensions of γ′ and β′, and the ways to apply them. */

import type { Builder } from '../onnx/builder.ts';
import type { Shape } from '../onnx/value-type.ts';
import { mayBeEmpty } from './grouped-shape.ts';
import type { FormSite } from './types.ts';

/** [C, 1, …]: broadcasts over [N, C, D₁, …] without a leading 1, which three consumers' fusions look for. */
export function perChannel(channels: number, rank: number): number[] {
  return [channels, ...new Array<number>(rank - 2).fill(1)];
}

/** Dimensions for a Reshape back to a shape, where all but one of the spatial ones are known; else `undefined`. */
export function constantTarget(shape: Shape): number[] | undefined {
  const unknown = shape.slice(2).filter((dim) => dim === undefined).length;
  if (unknown > 1) return undefined;
  return shape.map((dim, axis) => (axis === 0 ? 0 : (dim ?? -1)));
}

/** Adds Mul γ′ and Add β′ of the given dimensions. */
export function affine(x: string, dims: readonly number[], builder: Builder, output?: string): string {
  const scaled = builder.node('Mul', 'Mul', [x, builder.parameter('scale', dims)]);
  return builder.node('Add', 'Add', [scaled, builder.parameter('bias', dims)], {}, output);
}

/** Adds a Reshape back to x's own shape, constant where it can be, else by Shape(x). */
export function restoreShape(flat: string, site: FormSite, builder: Builder, output?: string): string {
  const { input, shape } = site;
  const constant = shape === undefined ? undefined : constantTarget(shape);
  // What −1 stands for can't be told of a tensor without elements.
  const target = constant?.includes(-1) && mayBeEmpty(site) ? undefined : constant;
  if (target !== undefined) return builder.reshape('Restore', flat, target, output);
  const size = builder.node('Shape', 'Shape', [input]);
  return builder.node('Reshape', 'Restore', [flat, size], {}, output);
}
