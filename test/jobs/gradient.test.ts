import { expect } from 'chai';
import { gradientJob } from '../../src/jobs/gradient.ts';
import { readModel } from '../../src/onnx/model.ts';
import { numbersIn } from '../../src/runtime/session.ts';
import { floats } from '../support/answers.ts';
import { runModel } from '../support/session.ts';
import { line } from '../support/training.ts';

const joined = ({ parts }: { readonly parts: readonly Uint8Array[] }) =>
  Uint8Array.from(parts.flatMap((it) => [...it]));

describe('jobs/gradient', () => {
  it('tells what the written model holds, and what it gives is the gradient worked out by hand', async () => {
    const { gradient, init, facts } = await gradientJob(
      line(),
      { loss: 'mse', wrt: ['all', 'inputs'], batch: 2 },
      'mse',
    );
    const model = readModel(joined(gradient as never));
    const { graph, opsetImport } = model.proto;
    expect(facts.inputs).to.deep.equal(graph.input.map(({ name }) => name));
    expect(facts.outputs).to.deep.equal(graph.output.map(({ name }) => name));
    expect([facts.nodes, facts.opset]).to.deep.equal([graph.node.length, Number(opsetImport[0]?.version)]);
    expect(facts).to.deep.include({ loss: 'mse', optimizer: 'none', byInputs: ['x'], proof: null });
    expect(facts.parameters.filter(({ taken }) => taken).map(({ name }) => name)).to.have.members(['w', 'b']);
    const first = await runModel(readModel(joined(init as never)), {});
    expect(Array.from(numbersIn(first.w))).to.deep.equal([0.5, -1]);
    // y = x·w + b = (1, −4.25), targets (0, 0): 2/2 Σ y xᵀ.
    const target = facts.inputs.find((name) => !['x', 'w', 'b'].includes(name)) ?? '';
    const x = [2, 0.25, -3, 3];
    const results = await runModel(model, { x: floats([2, 2], x), [target]: floats([2, 1], [0, 0]), ...first });
    const y = [2 * 0.5 - 0.25 + 0.25, -3 * 0.5 - 3 + 0.25];
    const expected = [0, 1].map((at) => y.reduce((sum, own, row) => sum + own * (x[2 * row + at] as number), 0));
    const given = Object.entries(results).find(([, { dims }]) => dims.join() === '2,1' && dims.length === 2);
    const all = Object.values(results).map((it) => Array.from(numbersIn(it)));
    expect(given).to.not.equal(undefined);
    expect(
      all.some((own) => own.length === 2 && own.every((it, at) => Math.abs(it - (expected[at] as number)) < 1e-5)),
    ).to.equal(true);
  });

  it('names the loss as the caller does, and says that outputs take their gradients where there is none', async () => {
    const { facts } = await gradientJob(line(), { optimizer: 'none' }, 'none');
    expect(facts.loss).to.equal('none');
    expect(facts.inputs.length).to.be.above(3);
    const checked = await gradientJob(line(), { loss: 'mse', verify: true, batch: 2 }, 'my loss.onnx');
    expect(checked.facts.loss).to.equal('my loss.onnx');
    expect(checked.facts.proof?.outputs).to.be.a('number');
  });
});
