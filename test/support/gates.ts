/** Reports for CI on a hostile model, and on one of each status. */
import type { Finding } from '../../src/check/types.ts';
import type { Gate } from '../../src/report/gate/gate.ts';

/** Names that mean something to terminals, XML, HTML, Markdown, SARIF or GitHub Actions. */
export const HOSTILE: readonly string[] = [
  'a\n::error::fake',
  '::add-mask::x',
  '##[error]x',
  '\u001b[31mred\u001b[0m',
  '</failure><failure>',
  '"/><script>alert(1)</script>',
  ']]>&amp;<!--',
  '| a | b |\n| - | - |',
  '[link](https://example.org)',
  '![i](x) **b** `c` $m$ @someone #1',
  'www.example.org https://example.org',
  '{0} {1} \\u{7} %0A %25 , : ;',
  '\u202eright to left\u202c',
  '\u0000\u0008\ufffe\uffff\ud800',
  'ünï código 名前 🙂',
  '',
  'x'.repeat(300),
];

/** A file whose every text is the one given. */
export function hostileGate(text: string): Gate {
  const finding: Finding = {
    rule: 'node-changed',
    severity: 'error',
    node: text,
    site: text,
    message: text,
    remedy: text,
  };
  return {
    file: text || 'model.onnx',
    status: 'failed',
    verdict: [],
    error: undefined,
    checks: [
      { name: 'sites', status: 'failed', detail: text, findings: [finding], sites: [text] },
      { name: 'structure', status: 'failed', detail: text, findings: [{ ...finding, site: undefined }], sites: [] },
      { name: 'drift', status: 'skipped', detail: text, findings: [], sites: [] },
    ],
  };
}

/** One file that is fine, one that is not, and one that could not be looked at. */
export const GATES: readonly Gate[] = [
  {
    file: 'models/fine.onnx',
    status: 'ok',
    verdict: [],
    error: undefined,
    checks: [
      {
        name: 'record',
        status: 'passed',
        detail: 'no record',
        sites: [],
        findings: [
          { rule: 'no-record', severity: 'note', node: '', message: 'it has none', remedy: 'Give the source' },
        ],
      },
      { name: 'reference', status: 'passed', detail: 'within bounds', findings: [], sites: ['a', 'b'] },
    ],
  },
  {
    file: './bad model.onnx',
    status: 'failed',
    verdict: [],
    error: undefined,
    checks: [
      {
        name: 'reference',
        status: 'failed',
        detail: 'b: too far',
        sites: ['a', 'b'],
        findings: [
          {
            rule: 'reference',
            severity: 'error',
            node: 'b',
            site: 'b',
            message: 'too far',
            remedy: 'Restore the file',
          },
        ],
      },
      {
        name: 'weights',
        status: 'passed',
        detail: '1 infinity',
        sites: [],
        findings: [
          {
            rule: 'weight-not-finite',
            severity: 'warning',
            node: 'w',
            message: 'it is infinite',
            remedy: 'Train again',
          },
        ],
      },
      { name: 'drift', status: 'skipped', detail: 'needs the original model: --against FILE', findings: [], sites: [] },
    ],
  },
  {
    file: '/tmp/gone.onnx',
    status: 'error',
    verdict: [],
    checks: [],
    error: { message: 'there is no such file', remedy: 'Give another' },
  },
];
