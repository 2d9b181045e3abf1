/** The GitHub Action and the pre-commit hook: read as their programs read them, and run with what they would be given. */
import { mkdirSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { parse } from 'yaml';
import { OPTIONS } from '../src/options/index.ts';
import { builtSources } from './support/cli.ts';
import { fencesOf, ROOT } from './support/docs.ts';
import { type Scratch, useScratch } from './support/scratch.ts';
import { runCommand } from './support/shell.ts';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly shell?: string;
  readonly env?: Readonly<Record<string, string>>;
}

const read = (file: string) => parse(readFileSync(ROOT + file, 'utf8'));
const action = read('action.yml');
const steps: readonly Step[] = action.runs.steps;
const check = steps.at(-1) as Required<Step>;

/** What the last step does for inputs of the action. */
async function runAction(scratch: Scratch, inputs: Readonly<Record<string, string>>) {
  mkdirSync(scratch.path('action', 'bin'), { recursive: true });
  const entry = JSON.stringify(pathToFileURL(`${builtSources()}/cli/run.js`).href);
  scratch.write('action/bin/gn-swap.js', `import(${entry});\n`);
  scratch.write('summary.md', '');
  const env: Record<string, string> = {};
  for (const [name, expression] of Object.entries(check.env)) {
    const input = /^\$\{\{ inputs\.([a-z-]+) \}\}$/.exec(expression)?.[1] ?? '';
    env[name] = inputs[input] ?? action.inputs[input].default ?? '';
  }
  const own = { GITHUB_ACTION_PATH: scratch.path('action'), GITHUB_STEP_SUMMARY: scratch.path('summary.md') };
  return runCommand(scratch, ['bash', '--noprofile', '--norc', '-eo', 'pipefail', '-c', check.run], {
    env: { ...env, ...own },
  });
}

describe('action.yml', () => {
  const scratch = useScratch();

  it('is a composite action whose inputs are described, and reach its script through the environment alone', () => {
    expect(action).to.include.keys('name', 'description', 'inputs', 'runs', 'branding');
    expect(action.runs.using).to.equal('composite');
    for (const [name, { description }] of Object.entries(action.inputs as Record<string, { description: string }>)) {
      expect(description, name).to.match(/^\S+ \S.*\.$/);
      expect(Object.values(check.env)).to.include(`\${{ inputs.${name} }}`);
      if (name !== 'files') expect(OPTIONS).to.have.property(name);
    }
    for (const { run, shell, uses } of steps) {
      if (run === undefined) expect(uses).to.match(/^[\w-]+\/[\w-]+@v\d+$/);
      else expect([shell, run.includes('${{')]).to.deep.equal(['bash', false]);
    }
  });

  it('checks the files that its globs name, and writes annotations and a summary', async () => {
    const folder = 'a b';
    mkdirSync(scratch().path(folder));
    scratch().fixture('opset-17', `${folder}/one.onnx`);
    scratch().fixture('opset-21', `${folder}/two.onnx`);
    scratch().fixture('rank-4', '-three.onnx');
    const inputs = { files: 'a b/*.onnx\n-three.onnx\n', sarif: 'out.sarif', 'require-record': 'false' };
    const ran = await runAction(scratch(), inputs);
    expect(ran.status, ran.stderr).to.equal(0);
    expect(ran.stdout.match(/^::notice /gm)).to.have.lengthOf(3);
    expect(String(scratch().read('summary.md')).match(/^### ✅ /gm)).to.have.lengthOf(3);
    expect(JSON.parse(String(scratch().read('out.sarif'))).version).to.equal('2.1.0');
  });

  it('fails where a check does, and where a glob finds nothing', async () => {
    scratch().write('bad.onnx', 'no model');
    expect((await runAction(scratch(), { files: 'bad.onnx' })).status).to.equal(1);
    const { status, stderr } = await runAction(scratch(), { files: 'gone/*.onnx' });
    expect([status, stderr]).to.deep.equal([2, 'gn-swap: no file matches gone/*.onnx\n']);
  });

  it('fails a model that was never swapped, unless it is told not to', async () => {
    const files = scratch().fixture('rank-4');
    const { status, stdout } = await runAction(scratch(), { files });
    expect(status).to.equal(1);
    expect(stdout).to.match(/^::error .*no record of a rewrite/m);
    expect((await runAction(scratch(), { files, 'require-record': 'false' })).status).to.equal(0);
  });

  it('takes nothing in an input for a command', async () => {
    const file = scratch().fixture('rank-4');
    const hostile = '$(touch hacked); `touch hacked`; "; touch hacked; "';
    const { status } = await runAction(scratch(), { files: `${file}\n`, against: hostile });
    expect(status).to.equal(2);
    await runAction(scratch(), { files: hostile });
    expect(scratch().list()).not.to.include('hacked');
  });
});

describe('.pre-commit-hooks.yaml', () => {
  const scratch = useScratch();
  const [hook] = read('.pre-commit-hooks.yaml');

  it('has what pre-commit demands', () => {
    expect(hook).to.include({ id: 'gn-swap-check', language: 'node', require_serial: true });
    for (const name of ['name', 'description', 'entry']) expect(hook[name]).to.match(/\S+ \S+/);
    for (const file of ['model.gn.onnx', 'a/b.ln.onnx', 'b.in.onnx']) expect(file).to.match(new RegExp(hook.files));
    for (const file of ['model.onnx', 'gn.onnx.md']) expect(file).not.to.match(new RegExp(hook.files));
  });

  it('runs on the files that it is given', async () => {
    const file = scratch().fixture('rank-4');
    const [program = '', ...args] = hook.entry.split(' ');
    expect((await runCommand(scratch(), [program, ...args, '--no-verify', file])).status).to.equal(0);
    scratch().write('bad.gn.onnx', 'no model');
    const { status, stderr } = await runCommand(scratch(), [program, ...args, file, 'bad.gn.onnx']);
    expect(status).to.equal(1);
    expect(stderr).to.match(/^gn-swap: bad.gn.onnx: [^\n]+\n$/);
  });
});

describe('docs/check.md', () => {
  it('uses the action and the hook as they are', () => {
    const [workflow, gitlab, preCommit] = fencesOf('docs/check.md')
      .filter(({ info }) => info === 'yaml')
      .map(({ code }) => parse(code));
    const used = workflow.jobs.check.steps.find(({ uses = '' }: Step) => uses.includes('gn-swap'));
    expect(action.inputs).to.include.keys(Object.keys(used.with));
    expect(workflow.permissions['security-events']).to.equal('write');
    expect(used.with.sarif).to.equal(workflow.jobs.check.steps.at(-1).with.sarif_file);
    expect(gitlab['check-models'].script.at(-1)).to.match(/^gn-swap check /);
    expect(preCommit.repos[0].hooks[0].id).to.equal(read('.pre-commit-hooks.yaml')[0].id);
  });
});
