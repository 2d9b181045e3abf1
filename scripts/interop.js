// Tests with Python peers: writes every rewrite to out/interop, makes the peers' environment, runs pytest in it.
//   npx tsx scripts/interop.js            those that read a model
//   npx tsx scripts/interop.js training   those that train one
// The last line is `N passed, N failed, N skipped`. Where there is no fitting Python or no package registry, one is skipped.
// PYTHON names the interpreter to use.
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepareEnvironment, say } from './environments.ts';
import { run } from './python.ts';

const TESTS = {
  reading: ['test_checker.py', 'test_reference.py', 'test_norms.py', 'test_openvino.py', 'test_gradient.py'],
  training: ['test_onnx2torch.py', 'test_training.py', 'test_finetune.py'],
};

const MODELS = 'out/interop';

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
mkdirSync('out', { recursive: true });
const { interpreter, missing, error } = prepareEnvironment(name);
if (missing !== undefined) skip(missing);
if (error !== undefined) {
  console.error(error);
  close({ failed: 1 });
}
if (!run(process.execPath, ['--import', 'tsx', 'test/interop/models.ts', MODELS]).ok) close({ failed: 1 });
say('running pytest');
const counts = test(name, interpreter);
say('done');
close(counts ?? { failed: 1 });
