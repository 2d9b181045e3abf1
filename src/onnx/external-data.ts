/** Tensor data in files beside the model (https://github.com/onnx/onnx/blob/main/docs/ExternalData.md). */
import { GnSwapError } from '../errors.ts';
import { storesMore } from './attributes.ts';
import type { AttributeProto, GraphProto, ModelProto, SparseTensorProto, TensorProto } from './schema.ts';

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
      { remedy: 'Data files must be in the folder of the model; save the model again with its data next to it' },
    );
  }
  return {
    location,
    offset: entryNumber(tensor, entries.get('offset')) ?? 0,
    length: entryNumber(tensor, entries.get('length')),
  };
}

function problemWith(location: string): string | undefined {
  if (location === '') return 'is empty';
  if (location.includes('\0')) return 'contains a zero byte';
  if (/^([/\\]|[A-Za-z]:)/.test(location)) return 'is an absolute path';
  if (location.split(/[/\\]/).includes('..')) return "leaves the model's folder";
  return undefined;
}

function entryNumber(tensor: TensorProto, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new GnSwapError(
    'invalid-model',
    `tensor ${JSON.stringify(tensor.name)} has the offset or length ${JSON.stringify(text)} in its external data`,
    { remedy: 'Save the model again' },
  );
}

/** The files that a model keeps tensor data in, each once. Locations are checked. */
export function externalLocations(model: ModelProto): string[] {
  const locations = new Set<string>();
  const visit = (tensor: TensorProto | undefined) => {
    if (tensor?.dataLocation === 1) locations.add(externalDataOf(tensor).location);
  };
  const graphs: GraphProto[] = model.graph === undefined ? [] : [model.graph];
  const visitAttribute = ({ t, tensors, g, graphs: inner, sparseTensor, sparseTensors }: AttributeProto) => {
    for (const tensor of [t, ...tensors]) visit(tensor);
    for (const sparse of [sparseTensor, ...sparseTensors]) visitSparse(sparse);
    for (const graph of [g, ...inner]) if (graph !== undefined) graphs.push(graph);
  };
  const visitSparse = (sparse: SparseTensorProto | undefined) => {
    visit(sparse?.values);
    visit(sparse?.indices);
  };
  for (const { initialization, algorithm } of model.trainingInfo) {
    for (const graph of [initialization, algorithm]) if (graph !== undefined) graphs.push(graph);
  }
  for (const { node, attributeProto } of model.functions) {
    attributeProto.forEach(visitAttribute);
    for (const { attribute } of node) if (storesMore(attribute)) attribute.forEach(visitAttribute);
  }
  // Grows while it is walked.
  for (const { initializer, sparseInitializer, node } of graphs) {
    initializer.forEach(visit);
    sparseInitializer.forEach(visitSparse);
    for (const { attribute } of node) if (storesMore(attribute)) attribute.forEach(visitAttribute);
  }
  return [...locations];
}
