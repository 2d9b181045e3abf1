/** Environments of Python for peers, made from pinned requirements and kept while those stay the same. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const NO_REGISTRY =
  /NewConnectionError|Failed to establish a new connection|Name or service not known|name resolution|getaddrinfo|Network is unreachable|Connection refused|ConnectTimeout|ReadTimeout|ProxyError/i;

/** A Python that is there. */
export interface Python {
  readonly name: string;
  readonly version: string;
}

/** Runs a command; its output goes to the terminal unless `quiet`. */
export function run(
  command: string,
  args: readonly string[],
  { quiet = false, env = {} }: { quiet?: boolean; env?: Readonly<Record<string, string>> } = {},
): { ok: boolean; output: string } {
  const { status, stdout, stderr } = spawnSync(command, args, {
    stdio: quiet ? 'pipe' : 'inherit',
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  return { ok: status === 0, output: `${stdout ?? ''}${stderr ?? ''}` };
}

/** The first Python 3 whose minor version is in the range, and that can make environments; PYTHON names the one to use. */
export function findPython([oldest, newest]: readonly [number, number]): Python | undefined {
  const minors = Array.from({ length: newest - oldest + 1 }, (_, index) => oldest + index);
  const wanted = process.env.PYTHON;
  const names = wanted ? [wanted] : ['python3', ...minors.map((minor) => `python3.${minor}`), 'python'];
  for (const name of names) {
    const probe = run(name, ['-c', 'import ensurepip, sys, venv; print(*sys.version_info[:2])'], { quiet: true });
    const [major, minor = 0] = probe.output.trim().split(' ').map(Number);
    if (probe.ok && major === 3 && minor >= oldest && minor <= newest) return { name, version: `${major}.${minor}` };
  }
  return undefined;
}

/** Path of the environment's interpreter, or why there is none; `unreachable` says so of the package registry. */
export interface Prepared {
  readonly interpreter: string;
  readonly error?: string;
  readonly unreachable?: string;
}

/**
 * Makes the environment, or keeps the one that was made from the same requirements.
 *
 * @param installs arguments of `pip install`, each ending with a file of requirements
 */
export function prepare(
  folder: string,
  installs: readonly (readonly string[])[],
  python: Python,
  say: (text: string) => void,
): Prepared {
  const interpreter = join(folder, ...(process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python']));
  const stamp = join(folder, 'made-from');
  const hash = createHash('sha256').update(python.version);
  for (const install of installs) hash.update(readFileSync(install.at(-1) ?? ''));
  const wanted = hash.digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) {
    say(`${folder} is there already`);
    return { interpreter };
  }
  rmSync(folder, { recursive: true, force: true });
  say(`making ${folder} with Python ${python.version}`);
  const made = run(python.name, ['-m', 'venv', folder], { quiet: true });
  if (!made.ok) return { interpreter, error: made.output };
  for (const install of installs) {
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input', ...install];
    const installed = run(interpreter, pip, { quiet: true });
    if (installed.ok) continue;
    const unreachable = installed.output.split('\n').find((line) => NO_REGISTRY.test(line));
    return { interpreter, error: installed.output, ...(unreachable === undefined ? {} : { unreachable }) };
  }
  writeFileSync(stamp, wanted);
  say(`made ${folder}`);
  return { interpreter };
}
