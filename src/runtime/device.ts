/** What a session computes on: the CPU, or what ONNX Runtime calls an execution provider. */

import type { GraphProto, NodeProto } from '../onnx/schema.ts';

/** In ONNX Runtime's names. Which of them there are depends on the machine and the package. */
export const DEVICES = ['cpu', 'cuda', 'webgpu', 'dml', 'coreml'] as const;

export type Device = (typeof DEVICES)[number];

/** Buffers that one WebGPU shader reads and writes, where a browser promises no more; some kernels need one of them for sizes. */
const MOST_BUFFERS = 8 - 1;

/** What WebGPU's kernels refuse only when they run, where it is too late to turn to the CPU. */
const REFUSED: Readonly<Record<string, (node: NodeProto) => boolean>> = {
  // A buffer for each part.
  Split: ({ output }) => output.length + 1 > MOST_BUFFERS,
  // The places of the largest values.
  MaxPool: ({ output }) => output.length > 1,
};

/** Names nodes that have to be computed on the CPU, whatever the device. */
export function nodesForCpu(graph: GraphProto, device: Device): readonly string[] {
  if (device !== 'webgpu') return [];
  return graph.node.filter((node) => REFUSED[node.opType]?.(node)).map(({ name }) => name);
}
