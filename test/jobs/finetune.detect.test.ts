import { expect } from 'chai';
import picocolors from 'picocolors';
import type { Example, LabelledData } from '../../src/inputs/labelled/types.ts';
import { Random } from '../../src/inputs/random.ts';
import { finetune } from '../../src/jobs/finetune.ts';
import { classNames, withClassNames } from '../../src/measure/class-names.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { readModel, writeModel } from '../../src/onnx/model.ts';
import { finetuneLines } from '../../src/report/finetune.ts';
import { suppressed, yolov8 } from '../support/detectors.ts';

/** Pictures of noise with a bright square each. */
function squares(count: number, classes: readonly string[], isLabelled = true): LabelledData {
  const load = async (sample: number): Promise<Example> => {
    const random = new Random(sample + 1);
    const data = Float32Array.from({ length: 3 * 64 * 64 }, () => 0.1 * random.normal());
    const [left, top, side] = [random.integer(32), random.integer(32), 16 + random.integer(16)];
    for (let c = 0; c < 3; c++) {
      for (let y = top; y < top + side; y++) data.fill(2, (c * 64 + y) * 64 + left, (c * 64 + y) * 64 + left + side);
    }
    const box = { label: 0, left, top, right: left + side, bottom: top + side };
    return {
      inputs: { x: { type: DataType.FLOAT, dims: [1, 3, 64, 64], data } },
      target: isLabelled ? { kind: 'boxes', boxes: [box] } : { kind: 'none' },
    };
  };
  const names = Array.from({ length: count }, (_, sample) => `${sample}.png`);
  return { count, names, strata: names.map(() => 0), classes, skipped: [], image: undefined, keyOf: () => '', load };
}

const STEPS = { task: 'detect', rate: 1e-2, epochs: 2, patience: 9, seed: 1 } as const;

describe('finetune, detect', () => {
  it('rebuilds the head for the classes of the data, and beside those of the file where these are kept', async () => {
    const source = withClassNames(yolov8(2), ['cat', 'dog']);
    const detection = { boxUnit: 'pixels', boxFormat: 'cxcywh' } as const;
    const { model, facts } = await finetune(source, squares(4, ['square']), { ...STEPS, detection });
    expect(facts.measure).to.equal('AP50');
    expect(facts.notes.join(' ')).to.include('1 new (square)').and.to.include('Boxes and scores');
    expect(facts.notes.join(' ')).to.match(/slope of the loss/);
    expect(model && classNames(model)).to.deep.equal(['square']);
    const keep = squares(2, [], false);
    const kept = await finetune(source, squares(4, ['square']), { ...STEPS, detection, keep });
    expect(kept.model && classNames(kept.model)).to.deep.equal(['cat', 'dog', 'square']);
    expect(kept.facts.steps).to.equal(16);
    expect(facts.notes.join(' ')).to.match(
      /Of \d+ box(es)? that the source finds in 4 pictures, the trained model finds 0; classes that it does not have any more: \d+\./,
    );
    expect(kept.facts.notes.join(' ')).to.match(
      /finds in 2 pictures, the trained model finds \d+, and \d+ that the source does not find\./,
    );
  }).timeout(60_000);

  it('counts what is kept in pictures that were not trained on, if there are enough', async () => {
    const source = withClassNames(yolov8(2), ['cat', 'dog']);
    const detection = { boxUnit: 'pixels', boxFormat: 'cxcywh' } as const;
    const keep = squares(20, [], false);
    const { facts } = await finetune(source, squares(4, ['square']), { ...STEPS, epochs: 1, detection, keep });
    // Four with labels, and sixteen to keep.
    expect(facts.steps).to.equal(20);
    expect(facts.notes.join(' ')).to.match(/finds in 4 pictures of --keep that were not trained on, the trained model/);
  }).timeout(60_000);

  it('trains a file that suppresses its own boxes, and delivers all of it', async () => {
    const source = suppressed(1);
    const written = async (trained: Parameters<typeof writeModel>[0]) => readModel(writeModel(trained));
    const options = { ...STEPS, held: squares(2, ['square']) } as const;
    const { model, facts } = await finetune(source, squares(4, ['square']), options, written);
    const nodes = (of: typeof source) => of.proto.graph.node.map(({ opType }) => opType);
    // Whatever the score was, a model that is delivered is the whole file, and answered as the trainer did.
    if (model !== undefined) {
      expect(nodes(model)).to.deep.equal(nodes(source));
      expect(facts.proof?.difference).to.be.below(2e-3);
    }
    expect(facts.history.at(-1)?.trainLoss).to.be.below(facts.history[1]?.trainLoss as number);
    const text = finetuneLines(facts, { colors: picocolors.createColors(false), verbose: false }).join('\n');
    expect(text).to.match(/\nbefore: AP75 [\d.]+; at a score of 0.25, recall [\d.]+, precision [\d.–]+\n/);
    expect(text).to.match(
      /\nclass +objects +AP50 +AP75 +recall +precision\nsquare +2 +[\d.]+ +[\d.]+ +[\d.]+ +[\d.–]+\n/,
    );
  }).timeout(60_000);
});
