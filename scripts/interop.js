// Tests with Python peers: writes every rewrite to out/interop, makes the peers' environment, runs pytest in it.
//   npx tsx scripts/interop.js            those that read a model
//   npx tsx scripts/interop.js training   those that train one
//   npx tsx scripts/interop.js gradient   gradients of whole networks against PyTorch's
// The last line is `N passed, N failed, N skipped`. Where there is no fitting Python or no package registry, one is skipped.
// PYTHON names the interpreter to use.
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepareEnvironment, say } from './environments.ts';
import { run } from './python.ts';

const TESTS = {
  reading: [
    'test_checker.py',
    'test_reference.py',
    'test_norms.py',
    'test_openvino.py',
    'test_gradient.py',
    'test_average_precision.py',
  ],
  training: ['test_onnx2torch.py', 'test_training.py', 'test_finetune.py'],
  gradient: ['networks', 'batch_norm', 'trained', 'examples'].map((it) => `gradient/test_${it}.py`),
};

const MODELS = 'out/interop';
const NETWORKS = 'out/interop-gradient';

const ts = (...args) => [process.execPath, ['--import', 'tsx', ...args]];
const REWRITES = ts('test/interop/models.ts', MODELS);
const PRECISION = ts('test/interop/average-precision.ts', MODELS);
const OPERATORS = ts(
  'node_modules/mocha/lib/cli/cli.js',
  '--no-config',
  '--reporter=dot',
  '--timeout=60000',
  'test/operators/*/*.test.ts',
);

/** What writes the files that the tests read, in order. */
const writers = (interpreter) => ({
  reading: [REWRITES, PRECISION, OPERATORS],
  training: [REWRITES],
  gradient: [
    [interpreter, ['test/interop/gradient/export.py', NETWORKS]],
    ts('test/interop/gradient/real.ts', NETWORKS),
    ts('test/interop/gradient/write.ts', NETWORKS),
    ts('test/interop/gradient/batch-norm.ts', NETWORKS),
    ts('test/interop/gradient/trained.ts', NETWORKS),
  ],
});

function test(name, interpreter) {
  const counts = join(MODELS, 'counts.json');
  const files = TESTS[name].map((file) => join('test', 'interop', file));
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
if (TESTS[name] === undefined) {
  console.error(`there is no ${name}; choose one of ${Object.keys(TESTS).join(', ')}`);
  process.exit(2);
}
for (const folder of [MODELS, NETWORKS]) mkdirSync(folder, { recursive: true });
const { interpreter, missing, error } = prepareEnvironment(name);
if (missing !== undefined) skip(missing);
if (error !== undefined) {
  console.error(error);
  close({ failed: 1 });
}
for (const [command, args] of writers(interpreter)[name]) {
  if (!run(command, args, { env: { GN_SWAP_GRADIENTS: `${MODELS}/gradients` } }).ok) close({ failed: 1 });
}
say('running pytest');
const counts = test(name, interpreter);
say('done');
close(counts ?? { failed: 1 });
