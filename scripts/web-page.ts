/** The last step of building the page: its policy, the headers for a server, and the service worker with its list of files. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { SCRIPT } from '../src/report/html/script.ts';
import { STYLE } from '../src/report/html/style.ts';
import { headersOf, policyOf } from '../src/web/page/policy.ts';
import { owner, withOwner } from './owner.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

/** What a server needs to know, and a browser does not. */
const NOT_CACHED: readonly string[] = ['sw.js', 'headers.json'];

/** Files that few visits need, and that are kept from the first that does: ONNX Runtime with WebGPU has 27 MB. */
const KEPT_LATER = /\.asyncify\./;

/**
 * Completes a folder that holds `index.html` and all that it loads.
 *
 * @param target of esbuild, as for the other bundles
 */
export async function finishPage(folder: string, target: string): Promise<void> {
  const policy = policyOf({ script: hashOf(SCRIPT), style: hashOf(STYLE) });
  const headers = headersOf(policy);
  const index = join(folder, 'index.html');
  writeFileSync(index, withOwner(withPolicy(readFileSync(index, 'utf8'), policy), owner()));
  writeFileSync(join(folder, 'headers.json'), `${JSON.stringify(headers, null, 2)}\n`);
  const files = filesIn(folder).filter((file) => !NOT_CACHED.includes(file) && !file.endsWith('.map'));
  await build({
    absWorkingDir: ROOT,
    entryPoints: { sw: 'src/web/page/sw.ts' },
    outdir: folder,
    bundle: true,
    minify: true,
    format: 'iife',
    target,
    define: {
      CACHED: JSON.stringify({
        version: versionOf(folder, files, headers),
        files: files.filter((file) => !KEPT_LATER.test(file)),
        later: files.filter((file) => KEPT_LATER.test(file)),
        headers,
      }),
    },
  });
}

/** Puts the policy where index.html has the strictest one, which would stop the page if this step were forgotten. */
function withPolicy(html: string, policy: string): string {
  const [before, after] = html.split(`content="default-src 'none'"`);
  if (before === undefined || after === undefined) throw new Error('index.html has no place for the policy');
  return `${before}content="${policy}"${after}`;
}

function filesIn(folder: string): string[] {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((it) => it.isFile());
  return found
    .map(({ parentPath, name }) => join(parentPath, name).slice(join(folder, '/').length).replaceAll('\\', '/'))
    .sort();
}

/** Changes with any file, so that a browser that has an older version takes all of the new one. */
function versionOf(folder: string, files: readonly string[], headers: Readonly<Record<string, string>>): string {
  const digest = createHash('sha256').update(JSON.stringify(headers));
  for (const file of files) digest.update(file).update(readFileSync(join(folder, file)));
  return digest.digest('hex').slice(0, 16);
}

/** Of a text, as a policy has it. */
function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
