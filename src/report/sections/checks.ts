/** What was proven, and on which inputs. */
import type { Check } from '../../verify/verification.ts';
import { proofOf } from '../proof.ts';
import { fedOn } from '../wording.ts';
import type { Section } from './types.ts';

export const checks: Section = {
  name: 'checks',
  title: 'Checks',
  wide: true,
  blocks(outcome) {
    const { calibration, check } = outcome;
    const verification = proofOf(outcome);
    const list: readonly (Pick<Check, 'status' | 'detail'> & { readonly name: string })[] =
      check?.checks ?? verification?.checks ?? [];
    if (list.length === 0) return [];
    const rows = list.map(({ name, status, detail }) => ({
      cells: [name, status, detail],
      ...(status === 'failed' ? { tone: 'bad' as const } : status === 'passed' ? { tone: 'good' as const } : {}),
    }));
    return [
      {
        kind: 'table',
        caption:
          verification === undefined ? 'Nothing was run' : `Run in ONNX Runtime on ${fedOn(verification, calibration)}`,
        columns: [{ label: 'check' }, { label: 'result' }, { label: 'what was found' }],
        rows,
      },
    ];
  },
};
