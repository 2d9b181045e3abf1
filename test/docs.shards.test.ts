import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import { parseAllDocuments } from 'yaml';
import { writeNpy } from '../src/inputs/npy.ts';
import { Random } from '../src/inputs/random.ts';
import { DataType } from '../src/onnx/data-type.ts';
import { readModel } from '../src/onnx/model.ts';
import { type CommandName, optionsOf } from '../src/options/index.ts';
import { PROVENANCE_KEY } from '../src/rewrite/record.ts';
import { openSession } from '../src/runtime/session.ts';
import { countNorms } from './support/model-parts.ts';
import { type Scratch, useScratch } from './support/scratch.ts';
import { runCommand } from './support/shell.ts';

const pathOf = (name: string) => fileURLToPath(new URL(`../docs/${name}`, import.meta.url));
const textOf = (name: string) => readFileSync(pathOf(name), 'utf8');

const SLURM = 'shards/slurm-array.sh';
const KUBERNETES = 'shards/kubernetes-indexed-job.yaml';

interface Container {
  readonly command: readonly [string, ...string[]];
  readonly workingDir: string;
  readonly env?: readonly { readonly name: string; readonly value: string }[];
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
}

interface Job {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly completions?: number;
    readonly parallelism?: number;
    readonly suspend?: boolean;
    readonly template: {
      readonly spec: {
        readonly containers: readonly [Container];
        readonly volumes: readonly {
          readonly name: string;
          readonly persistentVolumeClaim: { readonly claimName: string };
        }[];
      };
    };
  };
}

function jobs(): [moments: Job, merge: Job] {
  const documents = parseAllDocuments(textOf(KUBERNETES), { strict: true, uniqueKeys: true });
  if (!Array.isArray(documents)) throw new Error('the file is empty');
  expect(documents.flatMap(({ errors, warnings }) => [...errors, ...warnings])).to.deep.equal([]);
  return documents.map((it) => it.toJS()) as [Job, Job];
}

const containerOf = ({ spec }: Job) => spec.template.spec.containers[0];

/**
 * The fields of a batch/v1 Job that the file uses, as Kubernetes' API reference has them, and no others: a misspelt field is an
 * error here, where Kubernetes' own OpenAPI schema allows any. The npm package that has those schemas, kubernetes-models,
 * brings 33 MB with what it needs; the file was held to it once.
 */
const object = (required: readonly string[], properties: Record<string, unknown>) => ({
  type: 'object',
  additionalProperties: false,
  required,
  properties,
});
const list = (items: unknown) => ({ type: 'array', minItems: 1, items });
/** An RFC 1123 label. */
const name = { type: 'string', pattern: '^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$' };
const count = { type: 'integer', minimum: 0 };
const quantity = { type: 'string', pattern: '^[0-9]+(m|[KMGT]i?)?$' };
const quantities = object([], { cpu: quantity, memory: quantity });
const path = { type: 'string', pattern: '^/' };
const container = object(['name', 'image'], {
  name,
  image: { type: 'string', pattern: '^[a-z0-9./-]+:[A-Za-z0-9._-]+$' },
  workingDir: path,
  command: list({ type: 'string' }),
  args: list({ type: 'string' }),
  env: list(object(['name', 'value'], { name: { type: 'string', pattern: '^[A-Z_]+$' }, value: { type: 'string' } })),
  resources: object([], { requests: quantities, limits: quantities }),
  volumeMounts: list(object(['name', 'mountPath'], { name, mountPath: path })),
});
const pod = object(['restartPolicy', 'containers'], {
  // Always is for what never ends.
  restartPolicy: { enum: ['Never', 'OnFailure'] },
  containers: list(container),
  volumes: list(
    object(['name', 'persistentVolumeClaim'], {
      name,
      persistentVolumeClaim: object(['claimName'], { claimName: name }),
    }),
  ),
});
const JOB = object(['apiVersion', 'kind', 'metadata', 'spec'], {
  apiVersion: { const: 'batch/v1' },
  kind: { const: 'Job' },
  metadata: object(['name'], { name }),
  spec: object(['template'], {
    completions: count,
    parallelism: count,
    backoffLimit: count,
    suspend: { type: 'boolean' },
    completionMode: { enum: ['NonIndexed', 'Indexed'] },
    template: object(['spec'], { spec: pod }),
  }),
});
const validate = new Ajv2020({ strict: true, allErrors: true }).compile(JOB);
const faultsOf = (job: unknown) => {
  validate(job);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
};

/** The command lines of gn-swap in a script or a page, words that the shell would make something of as they are. */
function commandsOf(text: string): string[][] {
  const lines = text.replace(/\\\n/g, ' ').split('\n');
  const found = lines.flatMap((line) => /^\s*(?:- )?gn-swap (.*)$/.exec(line)?.[1] ?? []);
  return found.map((line) =>
    line
      .replaceAll('"', '')
      .replace(/\$\(\([^)]*\)\)/g, '1')
      .trim()
      .split(/\s+/),
  );
}

/** Throws where a command does not have an option, or an option lacks its value. */
function checkOptions(words: readonly string[]): Record<string, unknown> {
  const command: CommandName = words[0] === 'moments' || words[0] === 'inspect' ? words[0] : 'swap';
  const options = optionsOf(command).map(([option, { type, alias, array = false }]) => {
    const own = { type: type === 'boolean' ? type : 'string', multiple: array } as const;
    return [option, alias === undefined ? own : { ...own, short: alias }] as const;
  });
  const args = command === 'swap' ? words : words.slice(1);
  return parseArgs({ args: [...args], options: Object.fromEntries(options), strict: true, allowPositionals: true })
    .values;
}

/** What the files call model.onnx and photos: 20 inputs, of which 16 are solved on. */
function putFiles(scratch: Scratch): void {
  scratch.fixture('dynamic-unnamed', 'model.onnx');
  mkdirSync(scratch.path('photos'));
  const random = new Random(1);
  for (let file = 0; file < 4; file++) {
    const data = Float32Array.from({ length: 5 * 3 * 36 }, () => random.normal());
    scratch.write(`photos/${file}.npy`, writeNpy({ type: DataType.FLOAT, dims: [5, 3, 6, 6], data }));
  }
}

/** What gn-swap was called with, in order. */
const callsIn = (scratch: Scratch) => scratch.read('.bin/calls').toString().trimEnd().split('\n');

/** Fails where there is no rewritten model that loads, solved from data; returns its bytes. */
async function expectMerged(scratch: Scratch): Promise<Uint8Array> {
  expect(scratch.list('shards')).to.deep.equal([1, 2, 3, 4].map((index) => `part-${index}.npz`));
  const bytes = scratch.read('model.gn.onnx');
  const model = readModel(bytes);
  expect(countNorms(model)).to.equal(0);
  const provenance = model.proto.metadataProps.find(({ key }) => key === PROVENANCE_KEY)?.value ?? '{}';
  expect(JSON.parse(provenance)).to.include({ init: 'calibrate' });
  await (await openSession(bytes)).close();
  return bytes;
}

/** sbatch, as far as the script calls it: what is submitted is run at once, each task of an array after the other. */
const SBATCH = `#!/usr/bin/env bash
set -eu
echo "$@" >> submitted
tasks=
while [[ $1 == --* ]]; do
  case $1 in
    --parsable) ;;
    --array=[1-9]*-[1-9]*) tasks=$(seq "$(cut -d= -f2 <<< "$1" | cut -d- -f1)" "$(cut -d- -f2 <<< "\${1#--}")") ;;
    --array=[1-9]) tasks=\${1#--array=} ;;
    --dependency=afterok:77) ;;
    *) echo "sbatch: unrecognized option '$1'" >&2; exit 1 ;;
  esac
  shift
done
if [ -z "$tasks" ]; then bash "$@" >&2; fi
for task in $tasks; do
  SLURM_ARRAY_TASK_ID=$task SLURM_ARRAY_TASK_COUNT=$(wc -w <<< "$tasks") bash "$@" >&2
done
echo "77;cluster"
`;

describe('docs/shards', () => {
  const scratch = useScratch();
  beforeEach(() => putFiles(scratch()));

  describe('has command lines whose options are right', () => {
    for (const [file, lines] of [
      [SLURM, 2],
      [KUBERNETES, 2],
      ['shards.md', 3],
    ] as const) {
      it(file, () => {
        const commands = commandsOf(textOf(file));
        expect(commands).to.have.length(lines);
        for (const words of commands) expect(checkOptions(words)).to.have.any.keys('shard', 'moments');
      });
    }

    it('and would find one that is wrong', () => {
      const [words = []] = commandsOf(textOf(SLURM));
      expect(() => checkOptions([...words, '--shards', '4'])).to.throw('--shards');
      expect(() => checkOptions([...words, '--samples'])).to.throw('--samples');
      expect(() => checkOptions(['model.onnx', '--shard', '1/4'])).to.throw('--shard');
    });
  });

  describe(SLURM, () => {
    const slurm = (argument: string, env = {}) =>
      runCommand(scratch(), ['bash', pathOf(SLURM), argument], { env, programs: { sbatch: SBATCH } });

    it('is a script that bash can read, with its directives before its first command', async () => {
      const { status, stderr } = await runCommand(scratch(), ['bash', '-n', pathOf(SLURM)]);
      expect([status, stderr]).to.deep.equal([0, '']);
      const lines = textOf(SLURM).split('\n');
      const directives = lines.flatMap((line, index) => (line.startsWith('#SBATCH') ? [index] : []));
      // Behind a command, sbatch takes them for comments.
      expect(Math.max(...directives)).to.be.below(lines.findIndex((line) => line !== '' && !line.startsWith('#')));
      for (const index of directives) {
        expect(lines[index]).to.match(/^#SBATCH --(job-name=\S+|cpus-per-task=\d+|mem=\d+G|time=\d\d:\d\d:\d\d)$/);
      }
    });

    it('submits an array and a job that waits for it, which make the model', async () => {
      const { status, stderr } = await slurm('submit');
      expect(status, stderr).to.equal(0);
      // Where the stand-in for sbatch sends what jobs print.
      expect(stderr).to.match(/wrote model\.gn\.onnx, .*: 1 site, verified/);
      expect(scratch().read('submitted').toString()).to.equal(
        `--parsable --array=1-4 ${pathOf(SLURM)} shard\n--dependency=afterok:77 ${pathOf(SLURM)} merge\n`,
      );
      const options = '--calibrate photos --samples 256 --memory 4GB';
      expect(callsIn(scratch())).to.deep.equal([
        ...[1, 2, 3, 4].map(
          (i) => `moments model.onnx ${options} --shard ${i}/4 --output shards/part-${i}.npz --force`,
        ),
        'model.onnx --memory 4GB --moments shards/part-1.npz shards/part-2.npz shards/part-3.npz shards/part-4.npz',
      ]);
      await expectMerged(scratch());
    });

    it('runs one shard again, of as many as there were', async () => {
      const env = { SHARDS: '2', SLURM_ARRAY_TASK_COUNT: '1', SLURM_ARRAY_TASK_ID: '2' };
      for (let time = 0; time < 2; time++) {
        const { status, stderr } = await slurm('shard', env);
        expect([status, stderr]).to.deep.equal([0, '']);
      }
      expect(callsIn(scratch())[1]).to.contain(' --shard 2/2 ');
      const merge = await slurm('merge');
      expect(merge.stderr).to.contain('shard 1 of 2 is missing');
      expect(merge.status).to.equal(2);
    });

    it('says how it is used', async () => {
      const { status, stderr } = await slurm('');
      expect([status, stderr]).to.deep.equal([64, `usage: ${pathOf(SLURM)} submit|shard|merge\n`]);
    });
  });

  describe(KUBERNETES, () => {
    it('is two Jobs with fields that Kubernetes knows', () => {
      expect(jobs().map(({ metadata }) => metadata.name)).to.deep.equal(['gn-swap-moments', 'gn-swap-merge']);
      for (const job of jobs()) expect(faultsOf(job)).to.deep.equal([]);
    });

    it('would be refused with a field that is misspelt, missing or of another type', () => {
      const [job] = jobs();
      const { template, ...spec } = job.spec;
      const container = containerOf(job);
      const withContainer = (changed: object) => ({
        ...job,
        spec: { ...spec, template: { spec: { ...template.spec, containers: [changed] } } },
      });
      for (const [damaged, fault] of [
        [{ ...job, spec: { ...job.spec, completionsMode: 'Indexed' } }, '/spec must NOT have additional properties'],
        [{ ...job, spec: { ...job.spec, completions: '4' } }, '/spec/completions must be integer'],
        [{ ...job, spec: { ...job.spec, completionMode: 'indexed' } }, '/spec/completionMode must be equal to one of'],
        [{ ...job, apiVersion: 'batch/v1beta1' }, '/apiVersion must be equal to constant'],
        [{ ...job, metadata: { name: 'gn_swap' } }, '/metadata/name must match pattern'],
        [withContainer({ ...container, image: undefined }), "containers/0 must have required property 'image'"],
        [withContainer({ ...container, env: [{ name: 'SHARDS', value: 4 }] }), 'env/0/value must be string'],
        [
          withContainer({ ...container, resources: { limits: { memory: '8 GB' } } }),
          'limits/memory must match pattern',
        ],
      ] as const) {
        expect(faultsOf(JSON.parse(JSON.stringify(damaged))).join('\n')).to.contain(fault);
      }
    });

    it('has one pod a shard, one volume for all, and a merge that is held back', () => {
      const [moments, merge] = jobs();
      const [container, merging] = [containerOf(moments), containerOf(merge)];
      const { completions, parallelism } = moments.spec;
      expect(container.env).to.deep.equal([{ name: 'SHARDS', value: String(completions) }]);
      expect(parallelism).to.equal(completions);
      expect(moments.spec).to.include({ completionMode: 'Indexed' }).and.not.have.property('suspend');
      expect(merge.spec).to.include({ suspend: true });
      expect(moments.spec.template.spec.volumes).to.deep.equal(merge.spec.template.spec.volumes);
      for (const { workingDir, volumeMounts } of [container, merging]) {
        expect(volumeMounts).to.deep.equal([
          { name: moments.spec.template.spec.volumes[0]?.name, mountPath: workingDir },
        ]);
      }
    });

    it('makes the model that Slurm makes', async () => {
      const [moments, merge] = jobs();
      const { command, env = [] } = containerOf(moments);
      const given = Object.fromEntries(env.map(({ name, value }) => [name, value]));
      for (let index = 0; index < (moments.spec.completions ?? 0); index++) {
        const indexed = { ...given, JOB_COMPLETION_INDEX: String(index) };
        const { status, stderr } = await runCommand(scratch(), command, { env: indexed });
        expect([status, stderr]).to.deep.equal([0, '']);
      }
      const { status, stdout, stderr } = await runCommand(scratch(), containerOf(merge).command);
      expect([status, stderr]).to.deep.equal([0, '']);
      expect(stdout).to.match(/wrote model\.gn\.onnx, .*: 1 site, verified/);
      const here = await expectMerged(scratch());
      rmSync(scratch().path('model.gn.onnx'));
      await runCommand(scratch(), ['bash', pathOf(SLURM), 'submit'], { programs: { sbatch: SBATCH } });
      expect(Buffer.compare(await expectMerged(scratch()), here)).to.equal(0);
    });
  });
});
