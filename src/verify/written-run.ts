/**
 * The run of the written model. A large one takes long for each, so what reaches its sites is fetched in the same one. Its graph is not
 * optimised, so that it is computed alike with further outputs and without.
 */
import { GnSwapError } from '../errors.ts';
import { withOutputs } from '../graph/extract.ts';
import type { Model } from '../onnx/model.ts';
import { keepSession, type OpenSession, runtimeFailure, type Session, type Values } from '../runtime/session.ts';
import { namesIfAllFit, type SiteChecks } from './sites.ts';

/** The session that the model was run in, and its answers. */
export interface WrittenRun {
  readonly open: OpenSession;
  readonly answers: Values;
  /** Inputs and outputs of its sites, if they were fetched too. */
  readonly seen: Values | undefined;
}

/**
 * Runs the model, and leaves it open.
 *
 * @param seesSites whether what reaches its sites is wanted, if it fits a quarter of the memory: it is held while other things are run
 * @param around what the session is made of that it is run in
 * @returns the runtime's refusal where it does not load or run
 */
export async function runWritten(
  checks: Omit<SiteChecks, 'seed'>,
  loaded: OpenSession | undefined,
  seesSites: boolean,
  around: (session: Session) => Session = (session) => session,
): Promise<WrittenRun | GnSwapError> {
  const { written, inputs, memory, settings } = checks;
  if (seesSites) {
    const names = await namesIfAllFit({ ...checks, memory: memory / 4 }).catch(runtimeFailure);
    const seeing =
      names instanceof GnSwapError || names.length === 0
        ? undefined
        : await runIn(withOutputs(written, names), inputs, settings, around).catch(runtimeFailure);
    // What is wrong with the file, the file itself tells.
    if (seeing !== undefined && !(seeing instanceof GnSwapError)) return splitFrom(seeing, written);
  }
  const own = await runIn(written, inputs, settings, around, loaded).catch(runtimeFailure);
  return own instanceof GnSwapError ? own : { ...own, seen: undefined };
}

async function runIn(
  model: Model,
  inputs: Values,
  settings: SiteChecks['settings'],
  around: (session: Session) => Session,
  loaded?: OpenSession,
): Promise<Omit<WrittenRun, 'seen'>> {
  const open = loaded ?? (await keepSession(model, settings));
  try {
    const session = around(open.session);
    return { open: { ...open, session }, answers: await session.run(inputs) };
  } catch (error) {
    await open.close();
    throw error;
  }
}

/** The model's own answers, in a session that gives no others when it is run again; and the rest. */
function splitFrom({ open, answers }: Omit<WrittenRun, 'seen'>, { proto: { graph } }: Model): WrittenRun {
  const outputs = new Set(graph.output.map(({ name }) => name));
  const own = Object.keys(answers).filter((name) => outputs.has(name));
  const { session } = open;
  const alone: Session = { ...session, outputs: own, run: (feeds, only = own) => session.run(feeds, only) };
  return {
    open: { ...open, session: alone },
    answers: Object.fromEntries(own.map((name) => [name, answers[name] as (typeof answers)[string]])),
    seen: answers,
  };
}
