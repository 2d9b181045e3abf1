/** Damage at random: a check finds it or not, but never fails in a way that nobody foresaw. */
import { expect } from 'chai';
import { fixtureNamed } from '../../fixtures/index.ts';
import { checkModel } from '../../src/check/index.ts';
import { GnSwapError } from '../../src/errors.ts';
import { Random } from '../../src/inputs/random.ts';
import { readModel, writeModel } from '../../src/onnx/model.ts';
import { madeOf } from '../support/checked.ts';

const NAMES = [
  'opset-17',
  'opset-21',
  'rank-unknown-input',
  'if-same-names',
  'type-float16',
  'names-odd',
  'function-nested',
];
const ROUNDS = 60;

describe('checkModel, of bytes changed at random', () => {
  for (const name of NAMES) {
    it(`ends with findings or a known error: ${name}`, async () => {
      const { model, source } = await madeOf(fixtureNamed(name), { groups: 2 });
      const bytes = writeModel(model);
      const random = new Random(4);
      const ended = { found: 0, nothing: 0, refused: 0 };
      for (let round = 0; round < ROUNDS; round++) {
        const copy = bytes.slice();
        for (let i = random.integer(4); i >= 0; i--) copy[random.integer(copy.length)] = random.integer(256);
        try {
          const written = readModel(copy);
          const { passed } = await checkModel({ written, source, run: false });
          ended[passed ? 'nothing' : 'found']++;
        } catch (error) {
          expect(error).to.be.instanceOf(GnSwapError);
          expect((error as GnSwapError).code).to.equal('invalid-model');
          ended.refused++;
        }
      }
      expect(ended.found + ended.nothing + ended.refused).to.equal(ROUNDS);
      expect(ended.found + ended.refused).to.be.above(ROUNDS / 4);
    });
  }
});
