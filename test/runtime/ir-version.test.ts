import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { type Model, readModel, withGraph, writeModel } from '../../src/onnx/model.ts';
import { irNote } from '../../src/runtime/ir-version.ts';
import { keepSession, withSession } from '../../src/runtime/session.ts';
import { cli } from '../support/cli.ts';
import { rejection } from '../support/errors.ts';
import { useScratch } from '../support/scratch.ts';

/** A norm, in a file of that IR version. */
function ofVersion(irVersion: number): Model {
  const net = new Net({ opset: 17 });
  const model = net.output(net.bn(net.input('x', [1, 4, 3, 3]), 4), [1, 4, 3, 3]).model();
  return withGraph(model, model.proto.graph, { irVersion });
}

describe('runtime/ir-version', () => {
  const scratch = useScratch();

  it('runs a file of a newer IR version than the runtime reads, and the file stays as it is', async () => {
    const model = ofVersion(99);
    for (let time = 0; time < 2; time++) {
      const outputs = await withSession(model, async ({ outputs }) => outputs);
      expect(outputs).to.have.length(1);
    }
    expect(model.proto.irVersion).to.equal(99);
    expect(irNote()).to.match(/^IR version 99 is newer than ONNX Runtime reads here, which is up to (\d+)\. .* as \1,/);
  });

  it('blames nothing else on the IR version', async () => {
    const model = ofVersion(8);
    const node = model.proto.graph.node.map((it) => ({ ...it, opType: 'Nothing' }));
    const broken = withGraph(model, { ...model.proto.graph, node }, { irVersion: 99 });
    expect((await rejection(keepSession(broken))).message).to.include('Nothing');
  });

  it('tells where the runtime found fault in words alone', async () => {
    const { proto, home } = ofVersion(8);
    const late = { ...proto, opsetImport: proto.opsetImport.map((it) => ({ ...it, version: 99 })) };
    const { message, remedy } = await rejection(keepSession({ proto: late, home }));
    expect(message)
      .to.include('Opset 99')
      .and.not.match(/\.cc:\d+/);
    expect(remedy).to.match(/^Export it at opset (\d+), .*onnx\.load\('MODEL\.onnx'\), \1\), 'MODEL\.\1\.onnx'\)"$/);
  });

  it('is told of on the command line, once, and the written file keeps its version', async () => {
    const source = scratch().write('new.onnx', writeModel(ofVersion(99)));
    const target = scratch().path('new.gn.onnx');
    const { status, stderr } = await cli([source, '-o', target]);
    expect([status, stderr.match(/IR version/g)?.length]).to.deep.equal([0, 1]);
    expect(readModel(scratch().read('new.gn.onnx')).proto.irVersion).to.equal(99);
    expect((await cli(['check', target, '--quiet'])).stderr).to.equal('');
  });

  it('is told of in reports, and of no other model', async () => {
    const [newer, known] = [99, 8].map((version) =>
      scratch().write(`v${version}.onnx`, writeModel(ofVersion(version))),
    );
    const report = scratch().path('report.json');
    const page = scratch().path('report.md');
    const { status } = await cli([
      newer ?? '',
      known ?? '',
      '-o',
      scratch().path('out'),
      '--report',
      report,
      '--report',
      page,
    ]);
    expect(status).to.equal(0);
    const { results } = JSON.parse(scratch().read('report.json').toString());
    const models: { irVersion: number; ranAs?: number }[] = results.map((it: { model: object }) => it.model);
    expect(models.map(({ irVersion }) => irVersion)).to.deep.equal([99, 8]);
    expect(models[0]?.ranAs).to.be.a('number').below(99);
    expect(models[1]).not.to.have.property('ranAs');
    const lines = scratch()
      .read('report.md')
      .toString()
      .match(/IR version 99 is newer than .*/g);
    expect(lines).to.have.length(1);
  });
});
