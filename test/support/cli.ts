/** gn-swap as a process of its own, built from today's sources whether or not `dist` is. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
let built: string | undefined;

/** Runs the command line from its sources. */
const SOURCES = `
import { register } from ${JSON.stringify(import.meta.resolve('tsx/esm/api'))};
register();
await import(${JSON.stringify(pathToFileURL(join(ROOT, 'src/cli/run.ts')).href)});
`;

/** Folder of the JavaScript, made when first asked for: each file for itself, as types are checked elsewhere. */
export function builtSources(): string {
  if (built !== undefined) return built;
  mkdirSync(join(ROOT, 'out'), { recursive: true });
  // In the package, so that its dependencies are found.
  const folder = mkdtempSync(join(ROOT, 'out', 'test-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const { ESNext } = ts.ModuleKind;
  const compilerOptions = { module: ESNext, target: ts.ScriptTarget.ES2023, rewriteRelativeImportExtensions: true };
  for (const file of readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts')) continue;
    const { outputText } = ts.transpileModule(readFileSync(join(ROOT, 'src', file), 'utf8'), { compilerOptions });
    const target = join(folder, file.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, outputText);
  }
  // So that coverage counts what the processes of tests run, too.
  if (process.env.NODE_V8_COVERAGE !== undefined) writeFileSync(join(folder, 'cli/run.js'), SOURCES);
  // What bin/gn-swap.js loads.
  writeFileSync(join(folder, 'cli/ask.cjs'), '');
  writeFileSync(join(folder, 'cli/run.cjs'), "import('./run.js');\n");
  built = folder;
  return folder;
}

export interface Ran {
  /** `null` where a signal ended it. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What comes on stdin, to its end. */
  readonly stdin?: Uint8Array;
  /** JavaScript that runs before the command line does. */
  readonly before?: string;
}

/** Starts gn-swap, for tests that do something to it while it runs. */
export function startCli(args: readonly string[], { cwd, env = {}, before, stdin }: CliOptions = {}): ChildProcess {
  const preload = before === undefined ? [] : ['--import', `data:text/javascript,${encodeURIComponent(before)}`];
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !UNSET.has(name)));
  const child = spawn(process.execPath, [...preload, join(builtSources(), 'cli/run.js'), ...args], {
    cwd,
    env: { ...clean, ...env },
    stdio: [stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  // Whoever is refused before it reads leaves the rest.
  child.stdin?.on('error', () => {}).end(stdin);
  return child;
}

/** What would change what gn-swap prints, or how Node runs it. */
const UNSET = new Set(['NO_COLOR', 'FORCE_COLOR', 'CI', 'NODE_OPTIONS']);

/** Runs gn-swap to its end. */
export function cli(args: readonly string[], options: CliOptions = {}): Promise<Ran> {
  return ended(startCli(args, options));
}

/** Runs gn-swap until it works in a folder of its own in `folder`, and interrupts it as Ctrl-C does. */
export async function interrupted(args: readonly string[], folder: string): Promise<Ran> {
  const child = startCli(args, { cwd: folder });
  const end = ended(child);
  const staged = new Promise<void>((resolve) => {
    const watcher = watch(folder, () => {
      if (!readdirSync(folder).some((name) => name.startsWith('.gn-swap-'))) return;
      watcher.close();
      resolve();
    });
  });
  await Promise.race([staged, end]);
  child.kill('SIGINT');
  return end;
}

/** Waits for the end of what {@link startCli} started. */
export function ended(child: ChildProcess): Promise<Ran> {
  let [stdout, stderr] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('close', (status) => resolve({ status, stdout, stderr }));
  });
}
