/** Makes dist/: the library as modules with types, and the command line as bundles. `npm run build`. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { bundle } from './bundle.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const DIST = fileURLToPath(new URL('../dist/', import.meta.url));

rmSync(DIST, { recursive: true, force: true });
const tsc = fileURLToPath(import.meta.resolve('typescript/bin/tsc'));
const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: ROOT, stdio: 'inherit' });
if (status !== 0) process.exit(status ?? 1);
withoutComments();
await bundle(DIST);
// What draws charts and reads labels is bundled, so that the library can use it without packages of its own.
const shared = [
  ['report/html/drawing.js', '{ parseHTML, plot }', 'charts.cjs'],
  ['inputs/labelled/packages.js', '{ decode, LineCounter, parseDocument, xmlParser }', 'labelled.cjs'],
] as const;
for (const [module, names, bundled] of shared) {
  writeFileSync(`${DIST}${module}`, `export ${names} from '../../cli/${bundled}';\n`);
}

/** Writes the modules again without comments, a sixth of their bytes: what the library's functions do is told by the types beside them. */
function withoutComments(): void {
  const compilerOptions: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.ESNext,
    verbatimModuleSyntax: true,
    rewriteRelativeImportExtensions: true,
    removeComments: true,
  };
  for (const file of readdirSync(DIST, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.js')) continue;
    const source = readFileSync(join(ROOT, 'src', file.replace(/js$/, 'ts')), 'utf8');
    writeFileSync(join(DIST, file), ts.transpileModule(source, { compilerOptions }).outputText);
  }
}
