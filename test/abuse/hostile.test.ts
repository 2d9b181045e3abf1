/** Models made to do harm: each ends in a line that says what is wrong, or is rewritten, in bounded time and memory. */
import { execFileSync } from 'node:child_process';
import { symlinkSync, truncateSync } from 'node:fs';
import { expect } from 'chai';
import { block, LOCAL, Net, opset } from '../../fixtures/build.ts';
import { GnSwapError } from '../../src/errors.ts';
import { swap } from '../../src/jobs/swap.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { type Model, readModel, writeModel } from '../../src/onnx/model.ts';
import { create, type FunctionProto, type GraphProto, type TensorProto } from '../../src/onnx/schema.ts';
import { cli } from '../support/cli.ts';
import { countNorms } from '../support/model-parts.ts';
import { useScratch } from '../support/scratch.ts';

/** The error's description, or how many sites were rewritten. */
async function outcomeOf(model: Model): Promise<string | number> {
  try {
    return (await swap(writeModel(model), { verify: false })).plan.sites.length;
  } catch (error) {
    if (error instanceof GnSwapError && error.code !== 'internal') return error.describe();
    throw error;
  }
}

/** A block whose norm's γ is another tensor. */
function withScale(change: (scale: TensorProto) => TensorProto): Model {
  const { proto, home } = block().model();
  const initializer = proto.graph.initializer.map((it) => (it.name.endsWith('.weight') ? change(it) : it));
  return { proto: { ...proto, graph: { ...proto.graph, initializer } }, home };
}

describe('tensors that lie about their size', () => {
  const cases: Readonly<Record<string, (scale: TensorProto) => TensorProto>> = {
    'more numbers than there are bytes': (it) => ({ ...it, dims: [1e6] }),
    'fewer numbers than there are bytes': (it) => ({ ...it, dims: [31] }),
    'a negative dimension': (it) => ({ ...it, dims: [-32] }),
    'more numbers than a computer has': (it) => ({ ...it, dims: [2 ** 31, 2 ** 31] }),
    'dimensions whose product overflows': (it) => ({ ...it, dims: [2 ** 32, 2 ** 32, 2 ** 32, 2 ** 32] }),
    'a type that there is not': (it) => ({ ...it, dataType: 99 }),
    'no bytes at all': ({ rawData: _, ...it }) => create('TensorProto', { ...it, dims: [2 ** 40] }),
  };
  for (const [what, change] of Object.entries(cases)) {
    it(`${what}: refused, and named`, async () => {
      expect(await outcomeOf(withScale(change)))
        .to.be.a('string')
        .and.match(/BatchNormalization_1|bn1\.weight/);
    });
  }
});

describe('graphs that never end', () => {
  it('a circle of nodes around a norm', async () => {
    const net = new Net();
    const x = net.bn(net.node('Add', [net.input('x', [2, 4, 3, 3]), 'round']), 4);
    net.node('Relu', [x], {}, { outputs: ['round'] });
    net.output('round', [2, 4, 3, 3]);
    const { model: rewritten } = await swap(writeModel(net.model()), { verify: false });
    expect(countNorms(readModel(rewritten))).to.equal(0);
  });

  it('a norm whose parameters come from itself', async () => {
    const net = new Net();
    const y = net.bn(net.input('x', [2, 4, 3, 3]), 4, { scale: 'self' });
    net.node('Identity', [y], {}, { outputs: ['self'] });
    net.output(y, [2, 4, 3, 3]);
    expect(await outcomeOf(net.model())).to.be.a('string');
  });

  it('functions that call each other', async () => {
    const functions = ['f', 'g'].map((name, i) => {
      const body = new Net({ prefix: name });
      body.node(i === 0 ? 'g' : 'f', ['a'], {}, { outputs: ['t'], domain: LOCAL });
      body.node('BatchNormalization', ['t', 's', 's', 's', 's'], {}, { outputs: ['r'] });
      return body.asFunction(name, ['a'], ['r'], { opsetImport: [opset('', 17), opset(LOCAL, 1)] });
    });
    const net = new Net();
    net.output(net.node('f', [net.input('x', [2, 4, 3, 3])], {}, { domain: LOCAL }), [2, 4, 3, 3]);
    const imports = [opset('', 17), opset(LOCAL, 1)];
    expect(await outcomeOf(net.model({ functions, opsetImport: imports }))).to.match(/it calls itself/);
  });

  it('functions that unfold to more than fits anywhere', async () => {
    const names = ['a', 's', 'b', 'm', 'v'];
    const imports = [opset('', 17), opset(LOCAL, 1)];
    const leaf = new Net({ prefix: 'f0' });
    leaf.node('BatchNormalization', names, {}, { outputs: ['r'] });
    const functions: FunctionProto[] = [leaf.asFunction('f0', names, ['r'])];
    for (let depth = 1; depth <= 40; depth++) {
      const body = new Net({ prefix: `f${depth}` });
      const called = `f${depth - 1}`;
      body.node(called, names, {}, { outputs: ['t'], domain: LOCAL });
      body.node(called, ['t', ...names.slice(1)], {}, { outputs: ['r'], domain: LOCAL });
      functions.push(body.asFunction(`f${depth}`, names, ['r'], { opsetImport: imports }));
    }
    const net = new Net();
    const parameters = names.slice(1).map((name) => net.weight(name, [4], [1, 1, 1, 1]));
    net.output(net.node('f40', [net.input('x', [2, 4, 3, 3]), ...parameters], {}, { domain: LOCAL }), [2, 4, 3, 3]);
    expect(await outcomeOf(net.model({ functions, opsetImport: imports }))).to.match(/unfold to \d+ nodes/);
  });

  it('subgraphs in subgraphs, deeper than a stack', async () => {
    let inner: GraphProto = block({ prefix: 'deep' }).graph();
    for (let depth = 0; depth < 30; depth++) {
      const net = new Net({ prefix: `d${depth}_` });
      net.node('If', ['condition'], { then_branch: { graph: inner } }, { outputs: [`d${depth}_y`] });
      inner = net.output(`d${depth}_y`).graph();
    }
    const net = new Net();
    net.input('condition', [], DataType.BOOL);
    net.node('If', ['condition'], { then_branch: { graph: inner } }, { outputs: ['y'] });
    net.output('y');
    expect(await outcomeOf(net.model())).to.satisfy((it: unknown) => typeof it === 'string' || it === 1);
  });
});

describe('names that are bombs', () => {
  it('of a megabyte do not multiply', async () => {
    const { proto, home } = block({}, { name: 'n'.repeat(1e6) }).model();
    const { model } = await swap(writeModel({ proto, home }), { verify: false });
    // Nodes and values bear it as a prefix; what else there is, is small.
    expect(model.length).to.be.below(60e6);
  });

  it('2,000 nodes of one name are told apart', async () => {
    const net = new Net();
    let x = net.input('x', [1, 2, 2, 2]);
    const parameters = ['s', 'b', 'm', 'v'].map((name) => net.weight(name, [2], [1, 1]));
    for (let i = 0; i < 2000; i++) {
      x = net.node('BatchNormalization', [x, ...parameters], {}, { name: 'same', outputs: [`y${i}`] });
    }
    net.output(x, [1, 2, 2, 2]);
    const { model, plan } = await swap(writeModel(net.model()), { verify: false });
    expect(plan.sites).to.have.length(2000);
    const names = readModel(model).proto.graph.node.map(({ name }) => name);
    expect(new Set(names).size).to.equal(names.length);
  });
});

describe('external data that would harm', () => {
  const scratch = useScratch();

  /** A block that keeps γ, of 128 bytes, where the entries say. */
  function writeExternal(entries: Readonly<Record<string, string>>): void {
    const externalData = Object.entries(entries).map(([key, value]) =>
      create('StringStringEntryProto', { key, value }),
    );
    const model = withScale(({ rawData: _, ...it }) => create('TensorProto', { ...it, dataLocation: 1, externalData }));
    scratch().write('model.onnx', writeModel(model));
  }

  it('pipes, devices, folders, offsets beyond everything: a line, without waiting, and nothing left', async () => {
    scratch().write('w', new Uint8Array(128));
    execFileSync('mkfifo', [scratch().path('pipe')]);
    symlinkSync('/dev/zero', scratch().path('zero'));
    scratch().write('huge', '');
    truncateSync(scratch().path('huge'), 2 ** 40);
    const cases: readonly (readonly [Readonly<Record<string, string>>, RegExp])[] = [
      [{ location: 'pipe' }, /"pipe" cannot be read: it is not a regular file/],
      [{ location: 'zero' }, /is a link/],
      [{ location: '/dev/zero' }, /which is an absolute path/],
      [{ location: 'C:\\w' }, /which is an absolute path/],
      [{ location: '..\\w' }, /leaves the model's folder/],
      [{ location: 'w/../../w' }, /leaves the model's folder/],
      [{ location: 'w\u0000' }, /contains a zero byte/],
      [{ location: '\u001b[2J' }, /its data file "\\u001b\[2J" cannot be read: no such file or folder/],
      [{ location: 'x'.repeat(5000) }, /its name is too long/],
      [{ location: 'w', offset: '4' }, /ends at byte 132 of "w", which has only 128/],
      [{ location: 'w', offset: String(2 ** 53 - 1) }, /of "w", which has only 128/],
      [{ location: 'w', offset: '18446744073709551615' }, /has the offset or length "18446744073709551615"/],
      [{ location: 'w', offset: '-1' }, /has the offset or length "-1"/],
      [{ location: 'w', length: '1e99' }, /has the offset or length "1e99"/],
      [
        { location: 'huge', length: String(2 ** 40) },
        /has 1099511627776 bytes of data; its type float32 and dimensions \[32\] need 128/,
      ],
    ];
    const before = [...scratch().list(), 'model.onnx'].sort();
    for (const [entries, message] of cases) {
      writeExternal(entries);
      const { status, stdout, stderr } = await cli(['model.onnx', '--no-verify'], { cwd: scratch().folder });
      expect([status, stdout], JSON.stringify(entries)).to.deep.equal([2, '']);
      expect(stderr)
        .to.match(message)
        .and.match(/^gn-swap: [^\n]+\n$/);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      expect(stderr).not.to.match(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
      expect(stderr.length).to.be.below(1500);
      expect(scratch().list()).to.deep.equal(before);
    }
  });
});
