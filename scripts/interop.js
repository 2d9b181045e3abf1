// Tests with Python peers: writes every rewrite to out/interop, makes the peers' environment, runs pytest in it.
//   npx tsx scripts/interop.js            those that read a model
//   npx tsx scripts/interop.js training   those that train one
// The last line is `N passed, N failed, N skipped`. Where there is no fitting Python or no package registry, one is skipped.
// PYTHON names the interpreter to use.
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findPython, prepare, run } from './python.ts';

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

const started = Date.now();
const say = (text) => console.log(`[${((Date.now() - started) / 1000).toFixed(0)} s] ${text}`);

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
const folder = join('.venv', `interop-${name}`);
const { interpreter, error, unreachable } = prepare(folder, environment.installs, python, say);
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
