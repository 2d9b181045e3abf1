/**
 * Sessions that sites with the same nodes share: all that differs between them, γ and β for the most part, is fed. A network of many norms has
 * few kinds, and to open a session takes longer than to run one.
 */
import { sha256Of } from '../host/node.ts';
import { DataType } from '../onnx/data-type.ts';
import { type Model, withGraph, writeModel } from '../onnx/model.ts';
import type { TensorProto } from '../onnx/schema.ts';
import { dimsOf, valuesOf } from '../onnx/tensor.ts';
import { makeValueInfo } from '../onnx/value-type.ts';
import { typed } from '../runtime/half.ts';
import { keepSession, type OpenSession, type Session, type SessionSettings, type Values } from '../runtime/session.ts';

/** Types that numbers are fed in; others stay in the model. */
const FED: ReadonlySet<DataType | undefined> = new Set([DataType.FLOAT, DataType.FLOAT16, DataType.DOUBLE]);

/** A model whose parameters are inputs, and what they are. */
export interface Fed {
  readonly model: Model;
  readonly feeds: Values;
}

/** The model with lists of float numbers as inputs. Single numbers, such as ε, and integers stay: the runtime may want to know them. */
export function fedParameters(model: Model): Fed {
  const { graph } = model.proto;
  const isFed = (it: TensorProto) => FED.has(it.dataType) && dimsOf(it).reduce((product, dim) => product * dim, 1) > 1;
  const fed = graph.initializer.filter(isFed);
  const feeds = fed.map((it) => {
    const type = it.dataType ?? 0;
    return [it.name, { type, dims: dimsOf(it), data: typed(type, valuesOf(it, model.home.open)) }] as const;
  });
  const given = withGraph(model, {
    ...graph,
    initializer: graph.initializer.filter((it) => !isFed(it)),
    input: [...graph.input, ...fed.map((it) => makeValueInfo(it.name, it.dataType, dimsOf(it)))],
  });
  return { model: given, feeds: Object.fromEntries(feeds) };
}

/** Keeps the session that was opened last, for the next model if it is the same to the byte. */
export class SameSession {
  readonly #settings: SessionSettings;
  #open: (OpenSession & { readonly digest: string }) | undefined;

  constructor(settings: SessionSettings) {
    this.#settings = settings;
  }

  /** Opens a model, if it is another one than the last. */
  async of(model: Model): Promise<Session> {
    const digest = sha256Of(writeModel(model));
    if (this.#open?.digest !== digest) {
      await this.close();
      this.#open = { digest, ...(await keepSession(model, this.#settings)) };
    }
    return this.#open.session;
  }

  async close(): Promise<void> {
    await this.#open?.close();
    this.#open = undefined;
  }
}
