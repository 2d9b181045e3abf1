/**
 * Trains small networks with GroupNormalization for several epochs, and writes what each began and ended with: trained.json, and NAME.onnx and
 * NAME.npz. `node --import tsx test/interop/gradient/trained.ts FOLDER`; see test_trained.py
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Net } from '../../../fixtures/build.ts';
import { labelledOf } from '../../../src/inputs/labelled/memory.ts';
import { Random } from '../../../src/inputs/random.ts';
import { writeNpz } from '../../../src/inputs/write-npz.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import { type Model, writeModel } from '../../../src/onnx/model.ts';
import type { Value } from '../../../src/runtime/session.ts';
import { samplesOf, seedOf, stepsOf } from '../../../src/train/batches.ts';
import { runEpochs } from '../../../src/train/fit.ts';
import { setUp } from '../../../src/train/setup.ts';
import { Trainer } from '../../../src/train/trainer.ts';

const [, , folder = '.'] = process.argv;

const [COUNT, SIDE, SEED] = [26, 6, 4];
/** 26 samples: the last step of an epoch has two. 12 epochs are 84 steps, of which four warm up. */
const EPOCHS = 12;

function network(task: 'classify' | 'segment'): Model {
  const net = new Net({ opset: 21, seed: 7 });
  const x = net.input('x', ['N', 3, SIDE, SIDE]);
  const norm = (value: string, name: string) =>
    net.node('GroupNormalization', [value, net.weight(`${name}.w`, [8]), net.weight(`${name}.b`, [8])], {
      num_groups: 2,
    });
  const maps = net.node('Tanh', [norm(net.conv(x, 3, 8, { kernel: 3 }), 'first')]);
  const more = net.node('Tanh', [norm(net.conv(maps, 8, 8, { kernel: 3 }), 'second')]);
  const shape = task === 'segment' ? ['N', 3, SIDE, SIDE] : ['N', 3];
  const last =
    task === 'segment'
      ? net.conv(more, 8, 3, { kernel: 1 })
      : net.node('Gemm', [
          net.node('Flatten', [net.node('GlobalAveragePool', [more])]),
          net.weight('head.w', [8, 3]),
          net.weight('head.b', [3]),
        ]);
  return net.output(net.node('Identity', [last], {}, { outputs: ['y'] }), shape).model();
}

/** Noise, and classes: of some pixels none, and of all pixels of one sample. */
function dataFor(task: 'classify' | 'segment'): { x: Value; target: Value } {
  const random = new Random(SEED);
  const area = SIDE * SIDE;
  const data = Float32Array.from({ length: COUNT * 3 * area }, () => random.normal());
  const each = task === 'segment' ? area : 1;
  const labels = BigInt64Array.from({ length: COUNT * each }, (_, at) => {
    const sample = Math.floor(at / each);
    const isDrawn = each === 1 || (sample !== 3 && at % area >= sample % 30);
    return isDrawn ? BigInt(random.integer(3)) : -1n;
  });
  const dims = task === 'segment' ? [COUNT, SIDE, SIDE] : [COUNT];
  return {
    x: { type: DataType.FLOAT, dims: [COUNT, 3, SIDE, SIDE], data },
    target: { type: DataType.INT64, dims, data: labels },
  };
}

const HOW = { weightDecay: 0.1, clip: 10, batch: 4, accumulate: 1 } as const;
const CASES = [
  { ...HOW, name: 'adamw', task: 'classify', optimizer: 'adamw', rate: 0.01 },
  { ...HOW, name: 'adamw-accumulated', task: 'classify', optimizer: 'adamw', rate: 0.01, batch: 1, accumulate: 4 },
  { ...HOW, name: 'sgd', task: 'classify', optimizer: 'sgd', rate: 0.1 },
  { ...HOW, name: 'sgd-clipped', task: 'classify', optimizer: 'sgd', rate: 0.1, clip: 0.05 },
  { ...HOW, name: 'sgd-accumulated', task: 'classify', optimizer: 'sgd', rate: 0.1, batch: 2, accumulate: 2 },
  { ...HOW, name: 'maps', task: 'segment', optimizer: 'sgd', rate: 0.1 },
  { ...HOW, name: 'maps-accumulated', task: 'segment', optimizer: 'sgd', rate: 0.1, batch: 1, accumulate: 4 },
] as const;

const written = [];
for (const { name, task, optimizer, rate, weightDecay, clip, batch, accumulate } of CASES) {
  const model = network(task);
  const { x, target } = dataFor(task);
  const labels =
    task === 'segment'
      ? ({ kind: 'map', labels: target } as const)
      : ({ kind: 'class', labels: Array.from(target.data, Number) } as const);
  const data = labelledOf({ x }, labels);
  const { task: prepared, example } = await setUp(model, data, { task });
  const trainer = await Trainer.open(model, prepared.objective, example, { optimizer, weightDecay, clip });
  const first = trainer.parametersNow();
  const sizes = { batch, accumulate };
  const { steps } = await runEpochs(trainer, prepared, data, {
    ...sizes,
    epochs: EPOCHS,
    rate,
    patience: EPOCHS,
    seed: SEED,
    held: undefined,
  });
  const theta = trainer.parametersNow();
  const orders = Array.from({ length: EPOCHS }, (_, epoch) =>
    stepsOf(data, samplesOf(data), sizes, seedOf(SEED, epoch + 1)).map((runs) => runs.flat()),
  );
  const parameters = trainer.layout.parts.map(({ name: parameter, dims, offset }) => {
    const count = dims.reduce((product, dim) => product * dim, 1);
    const numbers = (of: Float32Array) => Array.from(of.subarray(offset, offset + count));
    return { name: parameter, dims, first: numbers(first), last: numbers(theta) };
  });
  writeFileSync(join(folder, `trained-${name}.onnx`), writeModel(model));
  writeFileSync(join(folder, `trained-${name}.npz`), writeNpz(new Map(Object.entries({ x, target }))));
  written.push({ name, optimizer, rate, weightDecay, clip, steps, orders: orders.flat(), parameters });
  await trainer.close();
  console.log(`trained-${name}: ${steps} steps`);
}
writeFileSync(join(folder, 'trained.json'), JSON.stringify(written));
