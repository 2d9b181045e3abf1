import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { type Scratch, useScratch } from '../support/scratch.ts';

const COMPILED = fileURLToPath(new URL('../../bin/compiled.js', import.meta.url));

describe('bundles that V8 compiled before', () => {
  const scratch = useScratch();

  /** Says at its end whether V8 took what was stored. */
  const run = (at: Scratch, ...args: string[]) => {
    at.write(
      'start.cjs',
      `const vm = require('node:vm');
      vm.Script = class extends vm.Script {
        constructor(...all) {
          super(...all);
          process.on('exit', () => console.log(this.cachedDataRejected === false ? 'taken' : 'compiled'));
        }
      };
      console.log(require(${JSON.stringify(COMPILED)}).load(__dirname + '/bundle.cjs').answer);`,
    );
    const { stdout, stderr, status } = spawnSync(process.execPath, [at.path('start.cjs'), ...args], {
      encoding: 'utf8',
    });
    return { said: stdout.trim().split('\n'), stderr, status };
  };
  const stored = (at: Scratch) => at.list('compiled').filter((name) => /^bundle\.cjs-.*-\d+$/.test(name));
  const BUNDLE = "'use strict'; exports.answer = require('./beside.cjs') + ' ' + __filename.slice(-10);";

  beforeEach(() => {
    scratch().write('bundle.cjs', BUNDLE);
    scratch().write('beside.cjs', "module.exports = 'one';");
  });

  it('compiles at the first start, and takes it from the second on', () => {
    expect(run(scratch())).to.deep.equal({ said: ['one bundle.cjs', 'compiled'], stderr: '', status: 0 });
    expect(stored(scratch())).to.have.length(1);
    expect(run(scratch())).to.deep.equal({ said: ['one bundle.cjs', 'taken'], stderr: '', status: 0 });
    expect(stored(scratch())).to.have.length(1);
  });

  it('runs the code that is there, if other code of the same length was compiled before', () => {
    run(scratch());
    scratch().write('bundle.cjs', BUNDLE.replace('-10', '-3.'));
    expect(run(scratch()).said).to.deep.equal(['one cjs', 'compiled']);
    expect(run(scratch()).said).to.deep.equal(['one cjs', 'taken']);
  });

  it('compiles again, and mends it, where what is stored is damaged', () => {
    run(scratch());
    const [name = ''] = stored(scratch());
    const whole = readFileSync(scratch().path('compiled', name));
    const other = Buffer.from(whole);
    other.fill(0xff, 0, 16);
    for (const damaged of [Buffer.alloc(0), Buffer.from('nothing that V8 wrote'), whole.subarray(0, 200), other]) {
      scratch().write(`compiled/${name}`, damaged);
      expect(run(scratch())).to.deep.equal({ said: ['one bundle.cjs', 'compiled'], stderr: '', status: 0 });
      expect(run(scratch()).said[1]).to.equal('taken');
    }
  });

  it('runs as ever where nothing can be stored, and leaves nothing', () => {
    scratch().write('compiled', 'no folder');
    for (let start = 0; start < 2; start++) {
      expect(run(scratch())).to.deep.equal({ said: ['one bundle.cjs', 'compiled'], stderr: '', status: 0 });
    }
    expect(scratch().list()).to.deep.equal(['beside.cjs', 'bundle.cjs', 'compiled', 'start.cjs']);
  });

  it('stores nothing of a run that complained, and all that a run compiled whose verdict is bad', () => {
    scratch().write('bundle.cjs', `${BUNDLE} process.exitCode = Number(process.argv[2]);`);
    expect(run(scratch(), '2').status).to.equal(2);
    expect(scratch().list()).not.to.include('compiled');
    expect(run(scratch(), '1').status).to.equal(1);
    expect(run(scratch(), '2').said[1]).to.equal('taken');
  });

  const MORE = Array.from(
    { length: 9 },
    (_, at) => `function more${at}() { return [1, 2].map((it) => it * ${at}); } more${at}();`,
  ).join(' ');
  const FOR_LONG = 'for (const end = Date.now() + 1600; Date.now() < end; );';

  it('stores more after the first run that asks for something else, short as it is, and after no second one', () => {
    const sizes = [['a.onnx'], ['a.onnx', '--data=1'], ['b.onnx', '--data=2'], ['inspect'], ['--data', '-o']].map(
      (args) => {
        run(scratch(), ...args);
        const [name = ''] = stored(scratch());
        return scratch().read(`compiled/${name}`).length;
      },
    );
    expect(new Set(sizes).size).to.equal(1);
    const [name = ''] = stored(scratch());
    expect(scratch().read(`compiled/${name}-kinds`).toString()).to.equal('\n--data\ninspect\n--data -o');
    scratch().write('bundle.cjs', `${BUNDLE} if (process.argv.includes('--more')) { ${MORE} }`);
    run(scratch());
    const own = stored(scratch()).find((it) => it !== name) ?? '';
    const before = scratch().read(`compiled/${own}`).length;
    run(scratch(), '--more');
    expect(scratch().read(`compiled/${own}`).length).to.be.above(before);
    expect(run(scratch(), '--more').said[1]).to.equal('taken');
    expect(
      scratch()
        .list('compiled')
        .filter((it) => it.startsWith(own)),
    ).to.deep.equal([own, `${own}-kinds`]);
  });

  it('stores more after a long run that compiled more', () => {
    scratch().write('bundle.cjs', `${BUNDLE} if (process.argv[2] === './more') { ${MORE} } ${FOR_LONG}`);
    run(scratch());
    const [name = ''] = stored(scratch());
    const before = scratch().read(`compiled/${name}`);
    run(scratch());
    expect(scratch().read(`compiled/${name}`).equals(before)).to.equal(true);
    expect(scratch().list('compiled')).to.deep.equal([name, `${name}-kinds`]);
    // No option, and no command: another file.
    run(scratch(), './more');
    expect(scratch().read(`compiled/${name}`).length).to.be.above(1.05 * before.length);
    expect(run(scratch()).said[1]).to.equal('taken');
  });
});
