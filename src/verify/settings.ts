/** How the sessions of a verification are opened. */
import type { OpenSession, SessionSettings } from '../runtime/session.ts';
import type { VerifyOptions } from './verification.ts';

/** What a check hands on to its proof. */
export interface Opened {
  /** A session of the written file, opened by {@link runSettings}; it is closed by the verification. */
  readonly loaded?: OpenSession | undefined;
}

/** What tells how models are run. */
type Run = Pick<VerifyOptions, 'source' | 'written' | 'observe' | 'time'>;

/** Whether one of the models is too large for two of them, and for an optimised graph. */
export function isLarge({ source, written }: Pick<Run, 'source' | 'written'>): boolean {
  return source.home.large || written.home.large;
}

/** Whether a few runs of both models are timed; a report times them at length. */
export function isTimed({ observe, time = false }: Pick<Run, 'observe' | 'time'>): boolean {
  return observe === undefined && time;
}

/** Of sessions that sites are reached in. */
export function settingsFor(models: Pick<Run, 'source' | 'written'>): SessionSettings {
  return isLarge(models) ? { optimize: false, keepMemory: false } : {};
}

/** Of the sessions that both models are run in. Where they are timed too, threads of one that wait would take time from the other. */
export function runSettings(run: Run): SessionSettings {
  return isTimed(run) ? { ...settingsFor(run), spin: false } : settingsFor(run);
}
