/** A site made by hand, for functions that look at one without a model. */
import type { Site, Statistics } from '../../src/find/types.ts';
import { makeNode } from '../../src/onnx/attributes.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { create } from '../../src/onnx/schema.ts';

/** γ = 1, β = 0, μ = 0, σ² = 1. */
export function plainStatistics(channels: number): Statistics {
  const filled = (value: number) => new Float64Array(channels).fill(value);
  return { scale: filled(1), bias: filled(0), mean: filled(0), variance: filled(1) };
}

/** A float32 site of rank 4 with eight channels, unless told otherwise. */
export function siteOf(changes: Partial<Site> = {}): Site {
  const channels = changes.channels ?? 8;
  return {
    name: 'bn',
    pattern: 'batch-normalization',
    path: '',
    graph: create('GraphProto', {}),
    node: makeNode('BatchNormalization', ['x', 'scale', 'B', 'mean', 'var'], ['y'], 'bn'),
    input: 'x',
    output: 'y',
    elementType: DataType.FLOAT,
    shape: [undefined, channels, undefined, undefined],
    channels,
    epsilon: 1e-5,
    statistics: plainStatistics(channels),
    training: false,
    ...changes,
  };
}
