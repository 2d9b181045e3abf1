/**
 * How soon a new last layer for numbers learns: held-out variance explained, epoch by epoch, of targets in three units and, on PaddleOCR's classifier,
 * of the size of letters in pixels: `npx tsx bench/finetune/numbers.ts [--seeds 3] [ages prices thousandths letters]`.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { Net } from '../../fixtures/build.ts';
import { labelledOf } from '../../src/inputs/labelled/memory.ts';
import type { LabelledData } from '../../src/inputs/labelled/types.ts';
import { Random } from '../../src/inputs/random.ts';
import { finetune } from '../../src/jobs/finetune.ts';
import { makeAttribute } from '../../src/onnx/attributes.ts';
import { type Model, readModel, withGraph } from '../../src/onnx/model.ts';
import type { ValueInfoProto } from '../../src/onnx/schema.ts';
import { makeTensor } from '../../src/onnx/tensor.ts';
import { MODELS } from '../ocr/models.ts';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { seeds: { type: 'string' } } });

/** What a seed trains, and on what. */
interface Task {
  readonly epochs: number;
  readonly batch: number;
  model(seed: number): Model;
  samples(count: number, seed: number): Promise<LabelledData>;
  readonly count: number;
}

/** Eight numbers that are told by two hidden layers of 32. */
function table(unit: number, mean: number): Task {
  return {
    epochs: 8,
    batch: 8,
    count: 200,
    model(seed) {
      const net = new Net({ seed });
      const random = new Random(seed + 5);
      const layer = (x: string, [from, to]: readonly [number, number], name: string, outputs?: string[]) => {
        const weights = Array.from({ length: from * to }, () => random.normal() * Math.sqrt(2 / from));
        const stored = [net.weight(`${name}.w`, [from, to], weights), net.weight(`${name}.b`, [to], Array(to).fill(0))];
        return net.node('Gemm', [x, ...stored], {}, outputs === undefined ? {} : { outputs });
      };
      const first = net.relu(layer(net.input('x', ['N', 8]), [8, 32], 'first'));
      layer(net.relu(layer(first, [32, 32], 'second')), [32, 1], 'last', ['y']);
      return net.output('y', ['N', 1]).model();
    },
    async samples(count, seed) {
      const random = new Random(seed * 31 + 7);
      const rows = Array.from({ length: count }, () => Array.from({ length: 8 }, () => random.normal()));
      const targets = rows.map(([a = 0, b = 0, c = 0, d = 0]) => {
        return mean + unit * (a + 0.5 * b * c + 0.7 * Math.sin(2 * d) + 0.2 * random.normal());
      });
      return numbered(rows.flat(), [count, 8], targets);
    },
  };
}

/** PaddleOCR's classifier with a new last layer of one number. */
const letters: Task = {
  epochs: 4,
  batch: 1,
  count: 120,
  model(seed) {
    const model = readModel(readFileSync(MODELS.classifier));
    const { graph } = model.proto;
    const random = new Random(seed + 77);
    const weight = makeTensor(
      '',
      1,
      [200, 1],
      Float64Array.from({ length: 200 }, () => 0.01 * random.normal()),
    );
    const fresh = new Map([
      ['fc_0.w_0', weight],
      ['fc_0.b_0', makeTensor('', 1, [1], [0])],
    ]);
    const node = graph.node.flatMap((it) => {
      const tensor = it.opType === 'Constant' ? fresh.get(it.output[0] ?? '') : undefined;
      if (tensor !== undefined) return [{ ...it, attribute: [makeAttribute('value', tensor)] }];
      if (it.opType === 'Softmax') return [];
      return [it.output[0] === 'p2o.Add.87' ? { ...it, output: ['y'] } : it];
    });
    const initializer = graph.initializer.map((it) => {
      const tensor = fresh.get(it.name);
      return tensor === undefined ? it : { ...tensor, name: it.name };
    });
    const [output] = graph.output as [ValueInfoProto];
    const type = output.type?.tensorType;
    const dim = (type?.shape?.dim ?? []).map((it, axis) => (axis === 1 ? { ...it, dimValue: 1 } : it));
    const one = {
      ...output,
      name: 'y',
      type: { ...output.type, tensorType: { ...type, shape: { ...type?.shape, dim } } },
    };
    return withGraph(model, { ...graph, node, initializer, output: [one as ValueInfoProto], valueInfo: [] });
  },
  async samples(count, seed) {
    const random = new Random(seed * 131 + 1);
    const area = 48 * 192;
    const x = new Float32Array(count * 3 * area);
    const sizes: number[] = [];
    for (let sample = 0; sample < count; sample++) {
      const size = 12 + random.uniform() * 24;
      const word = Array.from({ length: 6 }, () => String.fromCharCode(97 + random.integer(26))).join('');
      const grey = 200 + random.integer(55);
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="192" height="48"><rect width="192" height="48" fill="rgb(${grey},${grey},230)"/>
        <text x="96" y="${24 + size / 3}" font-size="${size}" text-anchor="middle" font-family="DejaVu Sans">${word}</text></svg>`;
      const data = await sharp(Buffer.from(svg)).removeAlpha().raw().toBuffer();
      for (let at = 0; at < 3 * area; at++) {
        x[(sample * 3 + (at % 3)) * area + Math.floor(at / 3)] = (data[at] as number) / 127.5 - 1;
      }
      sizes.push(size);
    }
    return numbered(x, [count, 3, 48, 192], sizes);
  },
};

function numbered(x: ArrayLike<number>, dims: readonly number[], targets: readonly number[]): LabelledData {
  const y = { type: 1, dims: [targets.length, 1], data: Float32Array.from(targets) };
  return labelledOf({ x: { type: 1, dims, data: Float32Array.from(x) } }, { kind: 'values', values: { y } });
}

const TASKS = { ages: table(15, 50), prices: table(1e5, 3e5), thousandths: table(1e-3, 3e-3), letters };

console.log(
  '| task | seed | rate | held-out variance explained: the file; where training begins, and behind each epoch |',
);
console.log('| --- | ---: | ---: | --- |');
for (const [name, task] of Object.entries(TASKS)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  for (let seed = 1; seed <= Number(values.seeds ?? 3); seed++) {
    const data = await task.samples(task.count, seed);
    const held = await task.samples(100, seed + 50);
    const { epochs, batch } = task;
    const { facts } = await finetune(task.model(seed), data, {
      task: 'regress',
      held,
      epochs,
      batch,
      seed,
      patience: 99,
    });
    const scores = facts.history.map(({ score }) => score?.toFixed(2)).join(' ');
    console.log(`| ${name} | ${seed} | ${facts.rate} | ${facts.before?.value?.toFixed(2)}; ${scores} |`);
  }
}
