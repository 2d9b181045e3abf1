import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import ts from 'typescript';
import { BEFORE, lossModel } from '../../src/gradient/loss.ts';
import { LOSSES, OPTIMIZERS } from '../../src/gradient/losses.ts';
import { writeOptimizer } from '../../src/gradient/optimizer.ts';
import { Writer } from '../../src/gradient/writer.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { Names } from '../../src/onnx/names.ts';
import type { TensorProto } from '../../src/onnx/schema.ts';
import { TRAINING } from '../../src/options/training.ts';
import { numbersIn, type Value } from '../../src/runtime/session.ts';
import { OPTIMIZERS as STEPS } from '../../src/train/optimizers/index.ts';
import { ROOT } from '../support/docs.ts';
import { runModel, valueNamed } from '../support/session.ts';

const floats = (dims: readonly number[], ...values: number[]): Value => ({
  type: DataType.FLOAT,
  dims,
  data: Float32Array.from(values),
});

describe('gradient/losses', () => {
  it('names every loss that is known, once', () => {
    expect(new Set(LOSSES).size).to.equal(LOSSES.length);
    expect(LOSSES).to.have.members(Object.keys(BEFORE));
  });

  it('names losses that tell a right prediction from a wrong one', async () => {
    const at = { type: DataType.FLOAT, dims: [2, 2], axis: 1, isProbability: false };
    for (const name of LOSSES) {
      const classes = name === 'cross-entropy';
      const target = classes
        ? { type: DataType.INT64, dims: [2], data: BigInt64Array.of(0n, 1n) }
        : floats([2, 2], 1, 0, 0, 1);
      // What is made a probability needs large values; what is compared as it is, the target itself.
      const size = name === 'mse' || name === 'l1' || name === 'huber' ? 1 : 9;
      const off = size === 1 ? 0 : -9;
      const lossOf = async (...prediction: number[]) => {
        const results = await runModel(lossModel(name, at), { prediction: floats([2, 2], ...prediction), target });
        return Number(numbersIn(valueNamed(results, 'loss'))[0]);
      };
      const [right, wrong] = [await lossOf(size, off, off, size), await lossOf(off, size, size, off)];
      expect(right, name).to.be.within(-1e-6, 1e-3);
      expect(wrong, name).to.be.above(0.4);
    }
  });

  it('names every optimizer whose step can be written, and taken in JavaScript', () => {
    expect(OPTIMIZERS).to.have.members(Object.keys(STEPS));
    for (const name of OPTIMIZERS) {
      const spaces = { values: new Names(['w', 'd/w']), nodes: new Names([]) };
      const writer = new Writer('optimizer', spaces, new Map<string, TensorProto>());
      const trained = new Map([
        ['w', { gradient: 'd/w', type: { type: DataType.FLOAT, dims: [2] }, decayed: undefined }],
      ]);
      const { updated } = writeOptimizer(writer, spaces, name, trained, {});
      // The parameter and what the optimizer remembers of it: as many vectors as the step in JavaScript keeps.
      expect(updated.length, name).to.equal(1 + STEPS[name].vectors);
    }
  });

  it('is what the options of the command line offer, in this order', () => {
    expect(TRAINING.loss.only.compare.choices).to.equal(LOSSES);
    expect(TRAINING.loss.describe).to.include(LOSSES.join(', '));
    expect(TRAINING.optimizer.choices).to.deep.equal(['none', ...OPTIMIZERS]);
  });

  it('is read without loading anything else', () => {
    const text = readFileSync(`${ROOT}src/gradient/losses.ts`, 'utf8');
    const { importedFiles } = ts.preProcessFile(text, true, true);
    expect(importedFiles).to.deep.equal([]);
    expect(ts.preProcessFile("export { a } from './a.ts';", true, true).importedFiles).to.have.length(1);
  });
});
