/** How a model that exists only in memory reaches the runtime. */
import { type Model, writeModel } from '../onnx/model.ts';

/** Something that the runtime can load, for as long as it is not disposed of. */
export interface Materialized {
  /** A path, or the bytes of a file. */
  readonly model: string | Uint8Array;
  /** Removes what was made for the runtime. */
  dispose(): Promise<void>;
}

/** Makes a model loadable. On disk, a temporary file beside its external data; in memory, its bytes. */
export type Materialize = (model: Model) => Promise<Materialized>;

/** In memory: for models without external data. */
export const inMemory: Materialize = async (model) => ({ model: writeModel(model), dispose: async () => {} });
