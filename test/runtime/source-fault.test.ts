import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { fixtureNamed } from '../../fixtures/index.ts';
import { fixture } from '../../fixtures/types.ts';
import { GnSwapError } from '../../src/errors.ts';
import { findSites } from '../../src/find/index.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { withSession } from '../../src/runtime/session.ts';
import { remedyFor, sourceFault } from '../../src/runtime/source-fault.ts';
import { calibrateSearch } from '../support/calibration.ts';
import { rejection } from '../support/errors.ts';
import { failedChecks, verifyFixture } from '../support/verified.ts';

/** A Conv of bfloat16 and a norm behind it. */
function bfloat16(opset: number) {
  const net = new Net({ opset, type: DataType.BFLOAT16 });
  const y = net.relu(net.bn(net.conv(net.input('x', ['n', 4, 5, 5]), 4, 8), 8));
  const model = net.output(y, ['n', 8, 5, 5]).model();
  return fixture('bfloat16', 'a Conv of bfloat16', 1, () => model);
}

describe('sourceFault', () => {
  it('says from which opset on an operator takes bfloat16, and there it does', async () => {
    const error = await rejection(verifyFixture(bfloat16(21)));
    expect(error.code).to.equal('runtime-failed');
    expect(error.message).to.match(/^the source itself fails: /);
    expect(error.remedy).to.match(
      /^Conv supports bfloat16 from opset 22 on: export .*, or use --no-verify to only rewrite the model$/,
    );
    expect(failedChecks(await verifyFixture(bfloat16(22)))).to.deep.equal([]);
  });

  it('does not ask to mend a model that only ONNX Runtime does not know', async () => {
    const { remedy } = await rejection(verifyFixture(fixtureNamed('domain-foreign')));
    expect(remedy).to.match(/^Use a model without com\.example:\w+, .*, or use --no-verify to only rewrite the model$/);
  });

  it('is told whoever opens a session of such a model, as training does', async () => {
    const { message, remedy } = await rejection(withSession(fixtureNamed('domain-foreign').build(), async () => {}));
    expect(message).to.match(/^ONNX Runtime does not load the model: .*com\.example/);
    expect(remedy).to.match(
      /^Use a model without com\.example:\w+, which ONNX Runtime does not have: .*extract_model$/,
    );
  });

  it('tells a device whose libraries are not there from a model that does not load', () => {
    const said = 'OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library';
    expect(remedyFor(said)).to.match(/^Install the libraries of that device .*, or leave --device out/);
    expect(remedyFor('Invalid model')).to.equal(undefined);
  });

  it('says how nodes of one name are mended', async () => {
    const { remedy } = await rejection(verifyFixture(fixtureNamed('names-twice')));
    expect(remedy).to.match(/^Give each node of the source a unique name, or no name, or /);
  });

  it('blames the source, not its inputs, for a bias that has not one number for each channel', async () => {
    const net = new Net({ opset: 20 });
    const conv = net.node('Conv', [
      net.input('x', ['n', 4, 5, 5]),
      net.weight('w', [8, 4, 3, 3]),
      net.relu(net.weight('b', [8, 2])),
    ]);
    const model = net.output(net.relu(net.bn(conv, 8)), ['n', 8, 3, 3]).model();
    const bias = fixture('bias-2d', 'a bias of two dimensions', 1, () => model);
    for (const failing of [verifyFixture(bias), calibrateSearch(findSites(model), 4)]) {
      const { message, remedy } = await rejection(failing);
      expect(message).to.match(/^the source itself fails: ONNX Runtime does not run the model: .*bias must be/);
      expect(remedy).to.match(/^The bias of that Conv has not one number .* with optimize=True or dynamo=False, or /);
    }
  });

  it('asks to mend the source where it knows no better', () => {
    const cause = new GnSwapError('runtime-failed', 'no way');
    const error = sourceFault(cause, 'leave it');
    expect(error).to.include({
      message: 'the source itself fails: no way',
      remedy: 'Fix the source model, or leave it',
      cause,
    });
  });
});
