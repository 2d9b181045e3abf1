/** Reports for tests: on what the command line would have done, on models with hostile names, and on large ones. */
import { Net } from '../../fixtures/build.ts';
import type { Outcome, Report } from '../../src/jobs/outcome.ts';
import { writeModel } from '../../src/onnx/model.ts';
import type { Scratch } from './scratch.ts';

/** A report on outcomes, of a fixed day. */
export function reportOn(...outcomes: readonly Outcome[]): Report {
  return {
    outcomes,
    call: {
      commandLine: ['model.onnx', '--report', 'report.html', '--exclude', "it's $HOME"],
      options: [
        ['to', 'group'],
        ['report', 'report.html'],
      ],
      versions: [['gn-swap', '1.2.3']],
      date: new Date(Date.UTC(2026, 0, 2)),
    },
  };
}

/** Ends a script, an attribute and an entity; turns the direction of writing, rings the bell, speaks Markdown. */
export const HOSTILE =
  '</script><img src=x onerror=alert(1)>"\'&amp;\u202egnp.\u0007\u001b[31m\n| `a` | **b** [c](http://d.invalid) @everyone <b>';

/** A model whose names are hostile, with one norm that is swapped and one that is not. */
export function hostileModel(scratch: Scratch): string {
  const net = new Net();
  const x = net.bn(net.input(`${HOSTILE}x`, [2, 32, 4, 4]), 32, { name: HOSTILE, outputs: [`${HOSTILE}y`] });
  const y = net.bn(x, 32, { name: `${HOSTILE}2`, scale: net.input(`${HOSTILE}s`, [32]), outputs: [`${HOSTILE}z`] });
  net.node('Relu', [y], {}, { outputs: [`${HOSTILE}out`] });
  const model = net.output(`${HOSTILE}out`, [2, 32, 4, 4]).model();
  return scratch.write('hostile.onnx', writeModel({ ...model, proto: { ...model.proto, producerName: HOSTILE } }));
}

/** An outcome on a model of one site, as if it had so many. */
export function manySites(outcome: Outcome, count: number): Outcome {
  const { plan, verification } = outcome;
  const [site] = plan?.sites ?? [];
  const [verified] = verification?.sites ?? [];
  const [seen] = verification?.observed?.sites ?? [];
  if (!plan || !verification?.observed || !site || !verified || !seen) throw new RangeError('it was not observed');
  const numbers = Array.from({ length: count }, (_, index) => index);
  const name = (index: number) => `backbone.layer${index % 7}.block${index}.norm/BatchNormalization`;
  const r2 = (index: number) => 0.5 + (index % 50) / 100;
  return {
    ...outcome,
    ...(outcome.shown === undefined ? {} : { shown: { ...outcome.shown, site: name(0) } }),
    plan: { ...plan, sites: numbers.map((it) => ({ ...site, site: { ...site.site, name: name(it) } })) },
    calibration: {
      path: 'photos',
      solvedOn: 8,
      heldOut: 2,
      measured: true,
      seed: 0,
      skipped: [],
      mismatch: { shift: 0, spread: 1 },
      fits: numbers.map((it) => ({ name: name(it), r2: r2(it), fallbacks: 0, channels: 32 })),
    },
    verification: {
      ...verification,
      sites: numbers.map((it) => ({ ...verified, name: name(it) })),
      observed: {
        ...verification.observed,
        sites: numbers.map((it) => ({ ...seen, name: name(it), relative: seen.relative * (1 + (it % 13) / 13) })),
      },
    },
  };
}
