import { existsSync, readdirSync } from 'node:fs';
import { expect } from 'chai';
import { writeModel } from '../../src/onnx/model.ts';
import { openSession } from '../../src/runtime/session.ts';
import { limitThreads } from '../../src/runtime/threads.ts';
import { line } from '../support/training.ts';

/** Where Linux lists the threads of this process. */
const THREADS = '/proc/self/task';

describe('the limit of threads', () => {
  afterEach(() => limitThreads(undefined));

  it('is how many threads a session computes with, that of the caller among them', async function () {
    if (!existsSync(THREADS)) this.skip();
    const model = writeModel(line());
    // ONNX Runtime and Node start threads of their own when they are first wanted.
    await (await openSession(model)).close();
    for (const count of [1, 2, 5]) {
      limitThreads(count);
      const before = readdirSync(THREADS).length;
      const session = await openSession(model);
      expect(readdirSync(THREADS).length - before, `${count}`).to.equal(count - 1);
      await session.close();
    }
  });
});
