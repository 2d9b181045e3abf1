// Tests with Python peers: writes every rewrite to out/interop, makes the peers' environment, runs pytest in it.
//   node scripts/interop.js            those that read a model
//   node scripts/interop.js training   those that train one
// The last line is `N passed, N failed, N skipped`. Where there is no fitting Python or no package registry, one is skipped.
// PYTHON names the interpreter to use.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ENVIRONMENTS = {
  reading: {
    python: [11, 14],
    installs: [['-r', 'test/interop/requirements.txt']],
    tests: ['test_checker.py', 'test_reference.py', 'test_norms.py', 'test_openvino.py'],
  },
  training: {
    python: [10, 12],
    installs: [
      ['-r', 'test/interop/requirements-training.txt'],
      ['--no-deps', '-r', 'test/interop/requirements-training-no-deps.txt'],
    ],
    tests: ['test_onnx2torch.py', 'test_training.py'],
  },
};

const MODELS = 'out/interop';
const NO_REGISTRY =
  /NewConnectionError|Failed to establish a new connection|Name or service not known|name resolution|getaddrinfo|Network is unreachable|Connection refused|ConnectTimeout|ReadTimeout|ProxyError/i;

const started = Date.now();
const say = (text) => console.log(`[${((Date.now() - started) / 1000).toFixed(0)} s] ${text}`);

/** Runs a command; its output goes to the terminal unless `quiet`. */
function run(command, args, { quiet = false, env = {} } = {}) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    stdio: quiet ? 'pipe' : 'inherit',
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  return { ok: status === 0, output: `${stdout ?? ''}${stderr ?? ''}` };
}

/** The first Python 3 whose minor version is in the range, and that can make environments. */
function findPython([oldest, newest]) {
  const minors = Array.from({ length: newest - oldest + 1 }, (_, index) => oldest + index);
  const wanted = process.env.PYTHON;
  const names = wanted ? [wanted] : ['python3', ...minors.map((minor) => `python3.${minor}`), 'python'];
  for (const name of names) {
    const probe = run(name, ['-c', 'import ensurepip, sys, venv; print(*sys.version_info[:2])'], { quiet: true });
    const [major, minor] = probe.output.trim().split(' ').map(Number);
    if (probe.ok && major === 3 && minor >= oldest && minor <= newest) return { name, version: `${major}.${minor}` };
  }
  return undefined;
}

/** Makes the environment, or keeps the one that was made from the same requirements. */
function prepare(name, { installs }, python) {
  const folder = join('.venv', `interop-${name}`);
  const interpreter = join(folder, ...(process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python']));
  const stamp = join(folder, 'made-from');
  const hash = createHash('sha256').update(python.version);
  for (const install of installs) hash.update(readFileSync(install.at(-1)));
  const wanted = hash.digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) {
    say(`${folder} is there already`);
    return { interpreter };
  }
  rmSync(folder, { recursive: true, force: true });
  say(`making ${folder} with Python ${python.version}`);
  const made = run(python.name, ['-m', 'venv', folder], { quiet: true });
  if (!made.ok) return { error: made.output };
  for (const install of installs) {
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input', ...install];
    const installed = run(interpreter, pip, { quiet: true });
    if (!installed.ok) return { error: installed.output };
  }
  writeFileSync(stamp, wanted);
  say(`made ${folder}`);
  return { interpreter };
}

function test({ tests }, interpreter) {
  const counts = join(MODELS, 'counts.json');
  const files = tests.map((file) => join('test', 'interop', file));
  run(interpreter, ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', ...files], {
    env: { PYTHONDONTWRITEBYTECODE: '1', GN_SWAP_COUNTS: counts },
  });
  return existsSync(counts) ? JSON.parse(readFileSync(counts, 'utf8')) : undefined;
}

function close({ passed = 0, failed = 0, skipped = 0 }) {
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  process.exit(failed > 0 || passed + skipped === 0 ? 1 : 0);
}

function skip(reason) {
  console.log(`SKIPPED: ${reason}`);
  close({ skipped: 1 });
}

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const [, , name = 'reading'] = process.argv;
const environment = ENVIRONMENTS[name];
if (environment === undefined) {
  console.error(`there is no ${name}; choose one of ${Object.keys(ENVIRONMENTS).join(', ')}`);
  process.exit(2);
}
const python = findPython(environment.python);
if (python === undefined) {
  const [oldest, newest] = environment.python;
  skip(`no Python 3.${oldest} to 3.${newest} with venv; install one, or name it in PYTHON`);
}
mkdirSync('out', { recursive: true });
const { interpreter, error } = prepare(name, environment, python);
const unreachable = error?.split('\n').find((line) => NO_REGISTRY.test(line));
if (unreachable !== undefined) skip(`pip reaches no package registry\n${unreachable}`);
if (error !== undefined) {
  console.error(error.trim());
  close({ failed: 1 });
}
if (!run(process.execPath, ['--import', 'tsx', 'test/interop/models.ts', MODELS]).ok) close({ failed: 1 });
say('running pytest');
const counts = test(environment, interpreter);
say('done');
close(counts ?? { failed: 1 });
