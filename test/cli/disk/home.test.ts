import { existsSync, statSync } from 'node:fs';
import { expect } from 'chai';
import { Net } from '../../../fixtures/build.ts';
import { DiskHome } from '../../../src/cli/disk/index.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import { type Model, withGraph, writeModel } from '../../../src/onnx/model.ts';
import { type Session, withSession } from '../../../src/runtime/session.ts';
import { useScratch } from '../../support/scratch.ts';

describe('DiskHome', () => {
  const scratch = useScratch();

  /** [1, 4096] → MatMul by 17 MB of weights, on disk. */
  function large(): string {
    const net = new Net();
    const rows = 4096;
    net.weight('w', [rows, 1100]);
    net.output(net.node('MatMul', [net.input('x', [1, rows]), 'w'], {}, { outputs: ['y'] }), [1, 1100]);
    return scratch().write('large.onnx', writeModel(net.model()));
  }

  /** The same graph, which no file holds. */
  const remade = (model: Model): Model => withGraph(model, { ...model.proto.graph });

  it('hands the file itself over for the model that was read', async () => {
    const home = new DiskHome(scratch().fixture('rank-4'));
    expect((await home.load(home.model)).file).to.equal(scratch().path('rank-4.onnx'));
    home.close();
    expect(scratch().list()).to.deep.equal(['rank-4.onnx']);
  });

  it('leaves the weights of a large model in its file, where the runtime finds them', async () => {
    const home = new DiskHome(large());
    const made = remade(home.model);
    const loaded = await home.load(made);
    expect(statSync(loaded.file as string).size).to.be.below(1000);
    const data = Float32Array.from({ length: 4096 }, (_, i) => Math.sin(i));
    const feeds = { x: { type: DataType.FLOAT, dims: [1, 4096], data } };
    const run = (session: Session) => session.run(feeds);
    for (const settings of [{}, { optimize: false, keepMemory: false }]) {
      const expected = await withSession(home.model, run, settings);
      const answers = await withSession(made, run, settings);
      expect(answers.y?.data).to.deep.equal(expected.y?.data);
    }
    await loaded.release();
    expect(existsSync(loaded.file as string)).to.equal(false);
    home.close();
    expect(scratch().list()).to.deep.equal(['large.onnx']);
  });

  it('gives the bytes of a small model that was made', async () => {
    const home = new DiskHome(scratch().fixture('rank-4'));
    const made = remade(home.model);
    expect((await home.load(made)).file).to.deep.equal(writeModel(made));
    home.close();
  });

  it('brings external data beside a model that was made, and takes them away again', async () => {
    const home = new DiskHome(scratch().fixture('external-two-files'));
    const before = scratch().list();
    const inputs = await withSession(remade(home.model), async (session) => session.inputs);
    expect(inputs).to.deep.equal(['x']);
    expect(scratch().list()).to.have.length(before.length + 1);
    home.close();
    expect(scratch().list()).to.deep.equal(before);
  });

  it('lays what is made of a model beside its output, once that is begun', async () => {
    const home = new DiskHome(scratch().fixture('external-two-files'));
    const staging = home.stage(scratch().path('out.onnx'));
    const loaded = await home.load(remade(home.model));
    expect(loaded.file).to.match(/out\.onnx\.1$/);
    staging.discard();
    expect(existsSync(loaded.file as string)).to.equal(false);
    home.close();
  });

  it('counts the bytes of all files, and is large only with many', () => {
    const home = new DiskHome(scratch().fixture('external-two-files'));
    const files = scratch()
      .list()
      .map((name) => statSync(scratch().path(name)).size);
    expect(home.size).to.equal(files.reduce((sum, size) => sum + size, 0));
    expect(home.large).to.equal(false);
    home.close();
  });
});
