/** Tensor data in files beside the model (https://github.com/onnx/onnx/blob/main/docs/ExternalData.md). */
import { GnSwapError } from '../errors.ts';
import type { GraphProto, ModelProto, TensorProto } from './schema.ts';

/** Where a tensor's data is. */
export interface ExternalDataInfo {
  /** POSIX path relative to the model's folder. */
  readonly location: string;
  /** In bytes. */
  readonly offset: number;
  /** In bytes; absent: as much as type and dimensions say. */
  readonly length: number | undefined;
}

/**
 * A tensor's `external_data` entries, checked.
 *
 * @throws GnSwapError `invalid-data` for a location that is absolute or leaves the model's folder; `invalid-model` for
 *   entries that make no sense. Links are refused where the file is opened.
 */
export function externalDataOf(tensor: TensorProto): ExternalDataInfo {
  const entries = new Map(tensor.externalData.map(({ key, value }) => [key, value]));
  const location = entries.get('location') ?? '';
  const problem = problemWith(location);
  if (problem !== undefined) {
    throw new GnSwapError(
      'invalid-data',
      `tensor ${JSON.stringify(tensor.name)} keeps its data in ${JSON.stringify(location)}, which ${problem}`,
      { remedy: 'Data files must lie in the folder of the model; save the model again with its data beside it' },
    );
  }
  return {
    location,
    offset: entryNumber(tensor, entries.get('offset')) ?? 0,
    length: entryNumber(tensor, entries.get('length')),
  };
}

function problemWith(location: string): string | undefined {
  if (location === '') return 'is no name';
  if (location.includes('\0')) return 'contains a zero byte';
  if (/^([/\\]|[A-Za-z]:)/.test(location)) return 'is an absolute path';
  if (location.split(/[/\\]/).includes('..')) return "leaves the model's folder";
  return undefined;
}

function entryNumber(tensor: TensorProto, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() !== '' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new GnSwapError(
    'invalid-model',
    `tensor ${JSON.stringify(tensor.name)} has the offset or length ${JSON.stringify(text)} in its external data`,
    { remedy: 'Save the model again' },
  );
}

/** The distinct files that a model keeps tensor data in, in order of first use. Locations are checked. */
export function externalLocations(model: ModelProto): string[] {
  const locations = new Set<string>();
  const visit = (tensor: TensorProto | undefined) => {
    if (tensor?.dataLocation === 1) locations.add(externalDataOf(tensor).location);
  };
  const pending: Pick<GraphProto, 'node' | 'initializer' | 'sparseInitializer'>[] = [];
  const nodesOnly = { initializer: [], sparseInitializer: [] };
  if (model.graph !== undefined) pending.push(model.graph);
  for (const { node } of model.functions) pending.push({ node, ...nodesOnly });
  for (const { initialization, algorithm } of model.trainingInfo) {
    for (const graph of [initialization, algorithm]) if (graph !== undefined) pending.push(graph);
  }
  for (let graph = pending.pop(); graph !== undefined; graph = pending.pop()) {
    graph.initializer.forEach(visit);
    for (const { values, indices } of graph.sparseInitializer) [values, indices].forEach(visit);
    for (const { attribute } of graph.node) {
      for (const { t, tensors, g, graphs, sparseTensor, sparseTensors } of attribute) {
        [t, ...tensors].forEach(visit);
        for (const sparse of [sparseTensor, ...sparseTensors]) [sparse?.values, sparse?.indices].forEach(visit);
        if (g !== undefined) pending.push(g);
        pending.push(...graphs);
      }
    }
  }
  return [...locations];
}
