/** Files after public reports, each with what must become of it. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { swap } from '../src/index.ts';
import { datasetOf } from '../src/inputs/dataset.ts';
import { readNpz } from '../src/inputs/npz.ts';
import { Random } from '../src/inputs/random.ts';
import { DataType } from '../src/onnx/data-type.ts';
import type { Value } from '../src/runtime/session.ts';

const fileOf = (name: string) => new Uint8Array(readFileSync(fileURLToPath(new URL(`cases/${name}`, import.meta.url))));

describe('cases from public reports', () => {
  it('W16: a batch stored as 0 is an open one, and nothing is proven on no samples', async () => {
    const { verification } = await swap(fileOf('W16.onnx'));
    expect(verification?.inputDims).to.deep.equal({ x: [2, 3, 16, 16] });
    expect(verification?.passed).to.equal(true);
    expect(verification?.drift[0]?.max).to.be.above(0);
  });

  it('W20: boxes behind NonMaxSuppression are matched, not compared row by row', async () => {
    const inputs = Object.fromEntries(readNpz(fileOf('W20.inputs.npz'), 'W20.inputs.npz'));
    const { verification } = await swap(fileOf('W20.onnx'), { inputs });
    const [task, ...others] = verification?.kept?.tasks ?? [];
    expect(others).to.deep.equal([]);
    expect(task?.task).to.equal('detect');
    expect(task?.outputs).to.have.members(['boxes', 'sel']);
    const { recall, precision, boxes, found } = task?.figures ?? {};
    expect(boxes).to.equal(18);
    // As many boxes of the one as of the other are in pairs.
    expect((recall ?? 0) * (boxes ?? 0)).to.be.closeTo((precision ?? 0) * (found ?? 0), 1e-9);
    expect(verification?.kept?.kept).to.equal(Math.min(recall ?? 0, precision ?? 0));
    // A limit can be met, and missed: before, rows of another number failed with any.
    for (const [minKept, passed] of [
      [0.1, true],
      [0.9, false],
    ] as const) {
      expect((await swap(fileOf('W20.onnx'), { inputs, minKept })).verification?.passed, `${minKept}`).to.equal(passed);
    }
    // Row by row, boxes have no drift: it failed with any limit, and says now what to use.
    expect(verification?.drift).to.deep.equal([]);
    const limited = await swap(fileOf('W20.onnx'), { inputs, maxDrift: 1e6 });
    expect(limited.verification?.checks.find(({ name }) => name === 'drift')?.detail).to.include('use --min-kept');
    const same = await swap(fileOf('W20.onnx'), { inputs, to: 'frozen' });
    expect(same.verification?.kept?.kept).to.equal(1);
  });

  it('W21: a picture without a batch axis is one sample, whatever its size', async () => {
    const random = new Random(4);
    const picture = (height: number, width: number): Value => ({
      type: DataType.UINT8,
      dims: [height, width, 3],
      data: Uint8Array.from({ length: height * width * 3 }, () => random.integer(256)),
    });
    const pictures = [picture(40, 56), picture(30, 30), picture(64, 20), picture(33, 47), picture(50, 50)];
    const data = {
      count: pictures.length,
      keyOf: (sample: number) => String(pictures[sample]?.dims),
      load: async (sample: number) => ({ image: pictures[sample] as Value }),
    };
    const { calibration, verification } = await swap(fileOf('W21.onnx'), { calibrate: data });
    expect([calibration?.solvedOn.length, calibration?.heldOut.length]).to.deep.equal([4, 1]);
    expect(verification?.passed).to.equal(true);
    expect(verification?.kept?.inputs).to.equal(1);
    const [held = 0] = calibration?.heldOut ?? [];
    expect(verification?.inputDims).to.deep.equal({ image: pictures[held]?.dims });
  });

  it('W21: a stack of pictures is as many samples', async () => {
    const image: Value = {
      type: DataType.UINT8,
      dims: [6, 20, 24, 3],
      data: new Uint8Array(6 * 20 * 24 * 3).map((_, i) => (i * i) % 255),
    };
    const { calibration, verification } = await swap(fileOf('W21.onnx'), { calibrate: datasetOf({ image }) });
    expect([calibration?.solvedOn.length, calibration?.heldOut.length]).to.deep.equal([5, 1]);
    expect(verification?.inputDims).to.deep.equal({ image: [20, 24, 3] });
  });
});
