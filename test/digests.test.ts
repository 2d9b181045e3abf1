import { expect } from 'chai';
import { digestsOf, readDigests } from '../fixtures/digests.ts';
import { commandOf } from '../src/cli/commands/index.ts';
import { main } from '../src/cli/main.ts';
import { swap } from '../src/jobs/swap.ts';

const UNKNOWN_RANK = 'where the rank is unknown, Reshapes are computed from Shape(x), so that an empty batch passes';

/** Models of which other bytes are written on purpose since the digests were made, and why. */
const MEANT: Readonly<Record<string, string>> = {
  'sub-byte-weights': 'at opset 21 with an open batch, reduce instead of native, which fails on an empty one',
  'folded-spelled-out': 'Mul and Add per channel are a frozen norm, found as such and refused without data',
  'shared-everything': 'norms that share γ, β, μ and σ² keep one γ and one β',
  'spatial-0-rank-2': 'spatial=0 means the same as spatial=1 at rank 2, so it is swapped',
  'training-placeholders': 'statistics that were never trained are refused',
  'rank-unknown-input': UNKNOWN_RANK,
  'rank-unknown-reshape': UNKNOWN_RANK,
  'domain-foreign': UNKNOWN_RANK,
  'if-one-captures': UNKNOWN_RANK,
};

/** Options whose form names every dimension where one is open, so that an empty batch passes; and the models that have one. */
const OPEN = new Set(['{"form":"instance"}', '{"form":"instance-conv"}', '{"for":"onnxruntime"}']);
const OPEN_MODELS = new Set([
  'rank-2-gemm',
  'rank-2-four-channels',
  'rank-from-consumer',
  'dynamic-batch',
  'dynamic-height-width',
  'dynamic-unnamed',
  'dynamic-width',
  'all-unknown',
  'map-1x1',
  'depthwise',
  'folded-beside-bn',
  'linear-conv-groups',
  'linear-transpose',
  'linear-transpose-groups',
  'linear-gemm-factors',
  'linear-gemm-scalar',
  'linear-bias-computed',
  'linear-read-twice',
  'linear-shared-weight',
  'linear-dead-channels',
  'ch_PP-OCRv4_det_infer.onnx',
  'ch_PP-OCRv4_rec_infer.onnx',
  'ch_ppocr_mobile_v2.0_cls_infer.onnx',
]);

/** What onnx2torch does not import is refused since. */
const isUnread = (options: string, row: Readonly<Record<string, string>> = {}) =>
  options === '{"for":"pytorch"}' && row[options] === 'unsupported-model';

describe('the bytes that are written', () => {
  const { version, digests: stored } = readDigests();

  it(`are those of version ${version} for each fixture and real model, with every set of options`, async function () {
    // 7,000 swaps.
    this.timeout(600_000);
    const now = await digestsOf({ swap, main: (argv) => main(argv, commandOf) });
    const changed = Object.entries(stored).flatMap(([model, row]) => {
      const options = Object.keys(row).filter(
        (name) =>
          row[name] !== now[model]?.[name] &&
          !(OPEN.has(name) && OPEN_MODELS.has(model)) &&
          !isUnread(name, now[model]),
      );
      return options.length === 0 || model in MEANT ? [] : [`${model}: ${options.join(' ')}`];
    });
    expect(changed).to.deep.equal([]);
  });
});
