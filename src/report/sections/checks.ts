/** What was proven, and on which inputs. */
import { fedOn } from '../wording.ts';
import type { Section } from './types.ts';

export const checks: Section = {
  name: 'checks',
  title: 'Checks',
  wide: true,
  blocks({ verification, calibration }) {
    if (verification === undefined) return [];
    const rows = verification.checks.map(({ name, status, detail }) => ({
      cells: [name, status, detail],
      ...(status === 'failed' ? { tone: 'bad' as const } : status === 'passed' ? { tone: 'good' as const } : {}),
    }));
    return [
      {
        kind: 'table',
        caption: `Verified in ONNX Runtime on ${fedOn(verification, calibration)}`,
        columns: [{ label: 'check' }, { label: 'result' }, { label: 'what was found' }],
        rows,
      },
    ];
  },
};
