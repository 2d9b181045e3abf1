/**
 * What the page lets in and out. The policy is in index.html, so that it holds on every server; a server may send it as a header too, and
 * the service worker adds it to all that it answers.
 */

/** Hashes of what stands inside an HTML report, such as `sha256-…`: a report in a frame is held to the policy of the page. */
export interface ReportHashes {
  readonly script: string;
  readonly style: string;
}

/**
 * Makes the Content-Security-Policy.
 *
 * 1. `'wasm-unsafe-eval'` compiles ONNX Runtime; no JavaScript is made from text.
 * 2. `connect-src 'self'`: the runtime fetches its own .wasm file. Nothing can be sent to another origin.
 * 3. `worker-src blob:`: the Worker is started from a blob that imports `worker.js`. Such a Worker is held to this policy even on a server
 *    that sends no headers; one that is started from its file is not.
 */
export function policyOf({ script, style }: ReportHashes): string {
  return [
    "default-src 'none'",
    `script-src 'self' 'wasm-unsafe-eval' '${script}'`,
    `style-src 'self' '${style}'`,
    "img-src 'self' data:",
    "connect-src 'self'",
    "worker-src 'self' blob:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

/** Headers that a server should send with every file: the policy, and what lets ONNX Runtime use threads. */
export function headersOf(policy: string): Readonly<Record<string, string>> {
  return {
    'Content-Security-Policy': `${policy}; frame-ancestors 'none'`,
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Embedder-Policy': 'require-corp',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
  };
}
