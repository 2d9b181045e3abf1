/** The session that was opened last stays open: the next model is often the same. */
import type { Model } from '../onnx/model.ts';
import { keepSession, type OpenSession, type Session, type SessionSettings } from './session.ts';

/** Keeps one session, for the next model if it is the same. */
export class LastSession {
  readonly #settings: SessionSettings;
  #open: (OpenSession & { readonly key: unknown }) | undefined;

  constructor(settings: SessionSettings) {
    this.#settings = settings;
  }

  /**
   * Opens a model, if it is another one than the last, which is closed first.
   *
   * @param key equal for models that are the same; the model itself if not given
   */
  async of(model: Model, key: unknown = model): Promise<Session> {
    if (this.#open !== undefined && this.#open.key === key) return this.#open.session;
    await this.close();
    this.#open = { key, ...(await keepSession(model, this.#settings)) };
    return this.#open.session;
  }

  async close(): Promise<void> {
    await this.#open?.close();
    this.#open = undefined;
  }
}
