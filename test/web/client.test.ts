/** The client beside a stand-in for the Worker, which answers what a test tells it to. */
import { expect } from 'chai';
import { Client, WorkerProblem } from '../../src/web/client.ts';
import type { Answer, ModelFacts, Request, RunResult } from '../../src/web/messages.ts';

const FACTS: ModelFacts = {
  name: 'a.onnx',
  bytes: 3,
  irVersion: 8,
  opset: 17,
  producer: '',
  inputs: [],
  outputs: [],
  external: [],
  missing: [],
};
const RESULT: RunResult = {
  run: 2,
  status: 'ok',
  problem: undefined,
  verdict: [],
  sections: [],
  text: '',
  json: '{}',
  output: undefined,
  command: 'gn-swap a.onnx',
};

class Stand {
  readonly heard: Request[] = [];
  isEnded = false;
  onmessage: ((event: { data: Answer }) => void) | undefined;
  onerror: ((event: { message: string; preventDefault(): void }) => void) | undefined;

  postMessage(request: Request): void {
    this.heard.push(request);
    if (request.kind === 'open') this.say({ kind: 'opened', id: request.id, facts: FACTS });
  }

  say(answer: Answer): void {
    queueMicrotask(() => this.onmessage?.({ data: answer }));
  }

  terminate(): void {
    this.isEnded = true;
  }
}

/** A client, and the Workers that it started. */
function makeClient(): { client: Client; workers: Stand[] } {
  const workers: Stand[] = [];
  const start = () => {
    const stand = new Stand();
    workers.push(stand);
    return stand as object as Worker;
  };
  return { client: new Client(start), workers };
}

const FILE = new File(['abc'], 'a.onnx');

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.fail('it did not fail'),
    (error: unknown) => error,
  );
}

/** Lets posted answers arrive. */
const settle = () => new Promise((resolve) => setTimeout(resolve));

describe('the client of the Worker', () => {
  it('starts a Worker when something is first asked, and opens a model', async () => {
    const { client, workers } = makeClient();
    expect(workers).to.have.length(0);
    const { facts } = await client.open(FILE);
    expect(facts).to.deep.equal(FACTS);
    expect(workers).to.have.length(1);
    expect(workers[0]?.heard).to.deep.equal([{ kind: 'open', id: 1, model: { file: FILE, external: [] } }]);
  });

  it('hands over progress and the result of a run', async () => {
    const { client, workers } = makeClient();
    const model = await client.open(FILE);
    const steps: string[] = [];
    const running = model.run('swap', { to: 'layer' }, {}, { onProgress: ({ step }) => steps.push(step) });
    const [worker] = workers;
    expect(worker?.heard[1]).to.deep.include({ kind: 'run', task: 'swap', options: { to: 'layer' } });
    worker?.say({ kind: 'progress', id: 2, progress: { step: 'verifying', done: 1, of: 2 } });
    worker?.say({ kind: 'done', id: 2, result: RESULT });
    expect(await running).to.equal(RESULT);
    expect(steps).to.deep.equal(['verifying']);
  });

  it('refuses a second run at once, and takes one after the first', async () => {
    const { client, workers } = makeClient();
    const model = await client.open(FILE);
    const first = model.run('inspect');
    const error = await failure(model.run('inspect'));
    expect(error).to.be.instanceOf(WorkerProblem);
    expect((error as WorkerProblem).problem).to.include({ code: 'invalid-arguments' });
    expect((error as WorkerProblem).message).to.equal('another run is under way');
    workers[0]?.say({ kind: 'done', id: 2, result: RESULT });
    await first;
    const again = model.run('inspect');
    workers[0]?.say({ kind: 'done', id: 3, result: RESULT });
    expect(await again).to.equal(RESULT);
  });

  it('ends the Worker when a run is cancelled, and the model can be run in the next one', async () => {
    const { client, workers } = makeClient();
    const model = await client.open(FILE);
    const abort = new AbortController();
    const running = model.run('swap', {}, {}, { signal: abort.signal });
    abort.abort();
    expect(await failure(running)).to.have.property('name', 'AbortError');
    expect(workers[0]?.isEnded).to.equal(true);
    const again = model.run('swap');
    expect(workers).to.have.length(2);
    workers[1]?.say({ kind: 'done', id: 3, result: RESULT });
    expect(await again).to.equal(RESULT);
  });

  it('tells the Worker to finish a training run, and waits for its result', async () => {
    const { client, workers } = makeClient();
    const model = await client.open(FILE);
    const finish = new AbortController();
    const running = model.run('finetune', {}, {}, { finish: finish.signal });
    finish.abort();
    expect(workers[0]?.heard.at(-1)).to.deep.equal({ kind: 'finish', run: 2 });
    workers[0]?.say({ kind: 'done', id: 2, result: RESULT });
    expect(await running).to.equal(RESULT);
  });

  it('says so if the Worker dies, and starts another', async () => {
    const { client, workers } = makeClient();
    const model = await client.open(FILE);
    const running = model.run('swap');
    let prevented = false;
    workers[0]?.onerror?.({ message: 'out of memory', preventDefault: () => (prevented = true) });
    const error = await failure(running);
    expect(error).to.be.instanceOf(WorkerProblem);
    expect((error as WorkerProblem).message).to.equal('the Worker ended: out of memory');
    expect(prevented).to.equal(true);
    await client.open(FILE);
    expect(workers).to.have.length(2);
  });

  it('starts another Worker if the runtime failed, as it may be left half done', async () => {
    const { client, workers } = makeClient();
    const model = await client.open(FILE);
    for (const [index, code] of (['runtime-failed', 'refused'] as const).entries()) {
      const running = model.run('swap');
      const problem = { code, message: '', file: undefined, node: undefined, remedy: undefined, next: undefined };
      workers[index]?.say({ kind: 'done', id: index + 2, result: { ...RESULT, status: 'error', problem } });
      expect((await running).problem?.code).to.equal(code);
    }
    expect(workers.map(({ isEnded }) => isEnded)).to.deep.equal([true, false]);
  });

  it('throws what the Worker says is wrong with a file', async () => {
    const { client, workers } = makeClient();
    await client.open(FILE);
    const asked = client.report(RESULT);
    await settle();
    const problem = {
      code: 'invalid-arguments' as const,
      message: 'gone',
      file: undefined,
      node: undefined,
      remedy: undefined,
      next: undefined,
    };
    workers[0]?.say({ kind: 'problem', id: 2, problem });
    expect(((await failure(asked)) as WorkerProblem).problem).to.equal(problem);
  });
});
