import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { renderLines } from '../../bench/ocr/lines.ts';
import { MODELS } from '../../bench/ocr/models.ts';
import { writeNpz } from '../../src/inputs/write-npz.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { readModel } from '../../src/onnx/model.ts';
import { cli } from '../support/cli.ts';
import { countNorms } from '../support/model-parts.ts';
import { expectValidReport } from '../support/report-schema.ts';
import { useScratch } from '../support/scratch.ts';

/** Of PaddleOCR's recogniser, in the order of its graph. */
const CHANNELS = [16, 60, 120, 480, 60, 120];

interface Document {
  readonly results: readonly [
    {
      readonly sites: readonly { readonly groups: number; readonly form: string; readonly init: string }[];
      readonly verification: { readonly passed: boolean; readonly checks: readonly { name: string; status: string }[] };
    },
  ];
}

/** In all its forms that differ here, and solved from data. */
const CASES = [
  { norm: 'layer', tag: 'ln', form: 'auto', init: 'statistics', groups: CHANNELS.map(() => 1) },
  { norm: 'layer', tag: 'ln', form: 'auto', init: 'calibrate', groups: CHANNELS.map(() => 1) },
  { norm: 'instance', tag: 'in', form: 'auto', init: 'statistics', groups: CHANNELS },
  { norm: 'instance', tag: 'in', form: 'auto', init: 'calibrate', groups: CHANNELS },
  { norm: 'instance', tag: 'in', form: 'reduce', init: 'statistics', groups: CHANNELS },
] as const;

describe('gn-swap --to layer and instance on a recogniser', function () {
  this.timeout(60_000);
  const scratch = useScratch();

  for (const { norm, tag, form, init, groups } of CASES) {
    it(`${norm}, form ${form}, ${init}: every norm is replaced and verified, and check proves the file`, async () => {
      const model = scratch().write('rec.onnx', readFileSync(MODELS.recogniser));
      const { data, dims } = await renderLines({ count: 4, seed: 5, width: 96, turned: 0 });
      const x = { type: DataType.FLOAT, dims, data };
      const [{ name = '' } = {}] = readModel(readFileSync(MODELS.recogniser)).proto.graph.input;
      const lines = scratch().write('lines.npz', writeNpz(new Map([[name, x]])));
      const options = init === 'calibrate' ? ['--calibrate', lines] : [];
      const args = [model, '--to', norm, '--form', form, ...options, '--json'];
      const { status, stdout, stderr } = await cli(args);
      expect([status, stderr]).to.deep.equal([0, '']);
      const document: Document = JSON.parse(stdout);
      expectValidReport(document);
      const [{ sites, verification }] = document.results;
      expect(sites.map((it) => it.groups)).to.deep.equal(groups);
      expect(sites.map((it) => it.init)).to.deep.equal(sites.map(() => init));
      if (form === 'reduce') expect(sites.map((it) => it.form)).to.deep.equal(sites.map(() => form));
      expect(verification.passed).to.equal(true);
      // No limit is set for either.
      const unjudged = verification.checks.filter((it) => it.status !== 'passed').map((it) => it.name);
      expect(unjudged).to.deep.equal(['drift', 'kept']);

      const written = scratch().path(`rec.${tag}.onnx`);
      expect(countNorms(readModel(readFileSync(written)))).to.equal(0);
      const checked = await cli(['check', written, '--against', model]);
      expect([checked.status, checked.stderr]).to.deep.equal([0, '']);
      expect(checked.stdout).to.match(/^valid: .*rec\.(ln|in)\.onnx: 6 norms, against /m);
    });
  }
});
