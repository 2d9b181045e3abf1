/** How a run that was interrupted differs from the one that is to go on with it, in the words of the command line. */

/** What a run depends on, by name. A state fits only a run with the same. */
export type RunKey = Readonly<Record<string, unknown>>;

/** What a run depends on beside options, in words. */
const OTHER: Readonly<Record<string, string>> = {
  model: 'another model',
  lossFile: 'another loss file',
  samples: 'other samples',
  heldOut: 'other held-out samples',
  labels: 'other labels',
};
const SAMPLES = ['samples', 'heldOut', 'labels'];
/** Options that are called otherwise where they are typed; others are typed as they are called. */
const TYPED: Readonly<Record<string, string>> = { rate: 'lr', losses: 'loss', lossModel: 'loss' };
/** Groups of options. */
const GROUPS = new Set(['images', 'detection', 'renormLimits']);

/** What the interrupted run had, as far as it differs: `--lr 0.001`, `no --augment`, `other samples`; empty if nothing does. */
export function otherwise(before: RunKey, now: RunKey): string[] {
  const [own, wanted] = [flat(before), flat(now)];
  const names = [...new Set([...Object.keys(own), ...Object.keys(wanted)])];
  const differing = names.filter((name) => JSON.stringify(own[name]) !== JSON.stringify(wanted[name]));
  // Other samples have other labels, and others of them are held out.
  const told = differing.find((name) => SAMPLES.includes(name));
  const kept = differing.filter((name) => name === told || !SAMPLES.includes(name));
  return kept.map((name) => OTHER[name] ?? worded(name, own[name]));
}

/** Values by the names of their options. */
function flat(key: RunKey): RunKey {
  const entries = Object.entries(key).flatMap(([name, value]) =>
    GROUPS.has(name) && value !== null && typeof value === 'object' ? Object.entries(value) : [[name, value] as const],
  );
  return Object.fromEntries(
    entries.flatMap(([name, value]) => (value === undefined ? [] : [[TYPED[name] ?? name, value]])),
  );
}

function worded(name: string, value: unknown): string {
  const option = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  if (value === undefined || value === null) return `no ${option}`;
  return typeof value === 'object' ? `another ${option}` : `${option} ${value}`;
}
