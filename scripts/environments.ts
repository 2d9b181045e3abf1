/** The environments of Python that scripts/interop.js and examples/finetune run in, each made once from pinned requirements. */
import { join } from 'node:path';
import { findPython, prepare } from './python.ts';

/** The oldest and the newest minor version of Python 3, and what pip installs. */
const ENVIRONMENTS = {
  reading: {
    python: [11, 14],
    installs: [['-r', 'test/interop/requirements.txt']],
  },
  gradient: {
    python: [11, 13],
    installs: [['-r', 'test/interop/requirements-gradient.txt']],
  },
  training: {
    python: [10, 12],
    installs: [
      ['-r', 'test/interop/requirements-training.txt'],
      ['--no-deps', '-r', 'test/interop/requirements-training-no-deps.txt'],
    ],
  },
} as const;

const started = Date.now();

/** Prints a line, with the seconds since the start. */
export function say(text: string): void {
  console.log(`[${((Date.now() - started) / 1000).toFixed(0)} s] ${text}`);
}

/** An interpreter; or why this machine can't have one, which is no fault; or what went wrong. */
export interface Environment {
  readonly interpreter?: string;
  readonly missing?: string;
  readonly error?: string;
}

/** Makes the environment, or keeps the one that was made from the same requirements. Call it from the root of the package. */
export function prepareEnvironment(name: keyof typeof ENVIRONMENTS): Environment {
  const { python: range, installs } = ENVIRONMENTS[name];
  const python = findPython(range);
  if (python === undefined) {
    return { missing: `no Python 3.${range[0]} to 3.${range[1]} with venv; install one, or name it in PYTHON` };
  }
  const { interpreter, error, unreachable } = prepare(join('.venv', `interop-${name}`), installs, python, say);
  if (unreachable !== undefined) return { missing: `pip reaches no package registry\n${unreachable}` };
  return error === undefined ? { interpreter } : { error: error.trim() };
}
