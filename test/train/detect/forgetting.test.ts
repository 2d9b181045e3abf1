import { expect } from 'chai';
import type { Example } from '../../../src/inputs/labelled/types.ts';
import { Random } from '../../../src/inputs/random.ts';
import { withClassNames } from '../../../src/measure/class-names.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import type { Model } from '../../../src/onnx/model.ts';
import { forgotten } from '../../../src/train/detect/forgetting.ts';
import { yolov8 } from '../../support/detectors.ts';
import { rejection } from '../../support/errors.ts';
import { line } from '../../support/training.ts';

const OLD = ['cat', 'dog', 'cow'];
const PIXELS = { boxUnit: 'pixels', boxFormat: 'cxcywh' } as const;
const SOURCE = withClassNames(yolov8(3), OLD);

function example(seed: number): Example {
  const random = new Random(seed);
  const data = Float32Array.from({ length: 3 * 64 * 64 }, () => random.normal());
  return { inputs: { x: { type: DataType.FLOAT, dims: [1, 3, 64, 64], data } }, target: { kind: 'boxes', boxes: [] } };
}

/** A model, and how many of its sessions are open. */
function watched(model: Model) {
  const open = { count: 0, ever: 0 };
  const load: Model['home']['load'] = async (it, asStored) => {
    const loaded = await model.home.load(it, asStored);
    open.count++;
    open.ever++;
    return {
      ...loaded,
      release: async () => {
        open.count--;
        await loaded.release();
      },
    };
  };
  return { model: { ...model, home: { ...model.home, load } }, open };
}

describe('train/detect/forgetting', () => {
  it('knows classes by their names, wherever those stand', async () => {
    const pictures = [example(3), example(4)];
    const same = await forgotten(SOURCE, SOURCE, pictures, PIXELS);
    // The same numbers, and each is another class now.
    const turned = withClassNames(yolov8(3), ['dog', 'cow', 'cat']);
    const others = await forgotten(SOURCE, turned, pictures, PIXELS);
    expect(others).to.deep.include({ boxes: same.boxes, gone: 0, pictures: 2 });
    expect(others.kept).to.be.below(same.kept);
    // Without names on one side, numbers are all that is known.
    expect(await forgotten(SOURCE, yolov8(3), pictures, PIXELS)).to.deep.equal(same);
    expect(await forgotten(yolov8(3), turned, pictures, PIXELS)).to.deep.equal(same);
    expect(await forgotten(yolov8(3), turned, pictures, PIXELS, OLD)).to.deep.equal(others);
    const fewer = await forgotten(SOURCE, withClassNames(yolov8(3), ['cat', 'x', 'y']), pictures, PIXELS);
    expect(fewer.kept + fewer.gone).to.equal(same.boxes);
    expect(fewer.gone).to.be.above(0);
  });

  it('opens nothing without pictures', async () => {
    const own = watched(SOURCE);
    const none = await forgotten(own.model, own.model, [], PIXELS);
    expect(none).to.deep.equal({ boxes: 0, kept: 0, gone: 0, others: 0, pictures: 0 });
    expect(own.open.ever).to.equal(0);
  });

  it('leaves no session open, whatever happens', async () => {
    const own = watched(SOURCE);
    await forgotten(own.model, own.model, [example(3)], PIXELS);
    expect(own.open.ever).to.be.above(2);
    expect(own.open.count).to.equal(0);
    // Not a detector: it can't be read.
    await rejection(forgotten(own.model, line(), [example(3)], PIXELS));
    expect(own.open.count).to.equal(0);
    async function* broken() {
      yield example(3);
      throw new RangeError('no more pictures');
    }
    const error = await forgotten(own.model, own.model, broken(), PIXELS).catch((it: Error) => it);
    expect((error as Error).message).to.equal('no more pictures');
    expect(own.open.count).to.equal(0);
  });
});
