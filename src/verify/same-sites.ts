/**
 * Models that sites with the same nodes share: all that differs between them, γ and β for the most part, is fed. A network of many norms has
 * few kinds, and to open a session takes longer than to run one.
 */
import { sha256Of } from '../host/node.ts';
import { type Model, writeModel } from '../onnx/model.ts';
import type { TensorProto } from '../onnx/schema.ts';
import { LastSession } from '../runtime/last-session.ts';
import { type Session, type SessionSettings, storedValue, type Value, type Values } from '../runtime/session.ts';
import { type Fed, fedParameters } from './fed-parameters.ts';
import { SiteKinds, type SitesKind } from './site-kinds.ts';
import { parameterOf, type SiteNames, type SitesModel, siteModel, type WantedSite } from './site-model.ts';

/** The sites' session, and what they are called in it. */
export interface SharedSites {
  readonly session: Session;
  readonly sites: readonly SiteNames[];
}

/** A model of sites, and what it is known by. */
interface Known {
  readonly key: string;
  readonly digest: string;
  readonly made: SitesModel;
  readonly fed: Fed;
}

/** The model that some sites were run in; it serves the next ones, if they are of the same kind. */
export class SharedModel {
  readonly #written: Model;
  readonly #kinds: SiteKinds;
  readonly #last: LastSession;
  #known: Known | undefined;

  constructor(written: Model, settings: SessionSettings) {
    this.#written = written;
    this.#kinds = new SiteKinds(written);
    this.#last = new LastSession(settings);
  }

  /** A session for these sites, which feeds what is theirs alone. */
  async of(wanted: readonly WantedSite[]): Promise<SharedSites> {
    const kind = this.#kinds.of(wanted);
    const known = this.#known;
    if (kind !== undefined && known?.key === kind.key) {
      const session = await this.#last.of(known.fed.model, known.digest);
      return { session: feeding(session, this.#feedsFor(wanted, kind, known)), sites: known.made.sites };
    }
    const made = siteModel(this.#written, wanted, true);
    const fed = fedParameters(made.model);
    const digest = sha256Of(writeModel(fed.model));
    this.#known = kind === undefined || made.hasNumbers ? undefined : { key: kind.key, digest, made, fed };
    return { session: feeding(await this.#last.of(fed.model, digest), fed.feeds), sites: made.sites };
  }

  close(): Promise<void> {
    return this.#last.close();
  }

  /** What the known model is fed for other sites of its kind. */
  #feedsFor(wanted: readonly WantedSite[], { stored }: SitesKind, { made, fed }: Known): Values {
    const { open } = this.#written.home;
    const own = Object.keys(fed.feeds).map((name) => {
      const origin = made.origins.get(name);
      if (origin === undefined) return [name, fed.feeds[name] as Value] as const;
      if ('stored' in origin) return [name, storedValue(stored[origin.stored] as TensorProto, open)] as const;
      const { plan, form, role, dims } = origin;
      return [name, storedValue(parameterOf((wanted[plan] as WantedSite).site.plan, form, role, dims), open)] as const;
    });
    return Object.fromEntries(own);
  }
}

function feeding(session: Session, feeds: Values): Session {
  return { ...session, run: (inputs, only) => session.run({ ...inputs, ...feeds }, only) };
}
