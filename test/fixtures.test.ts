import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { FIXTURES } from '../fixtures/index.ts';
import { filesOf, MODELS } from '../fixtures/make.ts';
import { GnSwapError } from '../src/errors.ts';
import { requiredInputs } from '../src/graph/interface.ts';
import { generateInputs } from '../src/inputs/generated.ts';
import { openSession } from '../src/runtime/session.ts';

describe('fixtures', () => {
  it('have names of their own, in kebab case, and a reason each', () => {
    const names = FIXTURES.map(({ name }) => name);
    expect(new Set(names).size).to.equal(names.length);
    for (const { name, why } of FIXTURES) {
      expect(name).to.match(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      expect(why, name).to.match(/\S+ \S+/);
    }
  });

  it('are all in fixtures/models, and nothing else is', () => {
    const expected = FIXTURES.flatMap((fixture) => [...filesOf(fixture).keys()]);
    expect(readdirSync(MODELS).sort()).to.deep.equal(expected.sort());
  });

  it('stay small: below a megabyte in all', () => {
    const sizes = readdirSync(MODELS).map((name) => readFileSync(MODELS + name).length);
    expect(sizes.reduce((sum, size) => sum + size, 0)).to.be.below(1e6);
  });

  for (const fixture of FIXTURES) {
    it(`${fixture.name}: made again, has the committed bytes`, () => {
      for (const [name, bytes] of filesOf(fixture)) {
        expect(Buffer.compare(readFileSync(MODELS + name), bytes), name).to.equal(0);
      }
    });

    if (fixture.notRunnable === undefined) {
      it(`${fixture.name}: ONNX Runtime runs it`, async () => {
        const model = fixture.build();
        const session = await openSession(`${MODELS}${fixture.name}.onnx`);
        try {
          const feeds = fixture.inputs?.() ?? generateInputs(model, 1, 2, 8);
          expect(Object.keys(feeds)).to.have.members(requiredInputs(model).map(({ name }) => name));
          const results = await session.run(feeds);
          expect(Object.keys(results)).to.deep.equal(model.proto.graph.output.map(({ name }) => name));
        } finally {
          await session.close();
        }
      });
    } else {
      it(`${fixture.name}: ONNX Runtime does not load it (${fixture.notRunnable})`, async () => {
        const error = await openSession(`${MODELS}${fixture.name}.onnx`).catch((reason: unknown) => reason);
        expect(error).to.be.instanceOf(GnSwapError).with.property('code', 'runtime-failed');
      });
    }
  }
});
