/** Makes the record of a large model on a thread of its own, so that the graph is encoded meanwhile. */
import * as path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { AsciiTexts } from '../graph/ascii-list.ts';
import type { StructureRecord, StructureTexts } from '../graph/structure-texts.ts';

/** Hands the texts over, so that nothing is copied. */
export function recordApart(texts: StructureTexts): Promise<StructureRecord> {
  const { dir, ext } = path.parse(import.meta.filename);
  return new Promise((resolve, reject) => {
    const worker = new Worker(path.join(dir, `record-worker${ext}`), {
      workerData: texts,
      transferList: buffersOf(texts),
    });
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('the thread ended without a record')));
  });
}

function buffersOf({ groups, runs, tags }: StructureTexts): ArrayBuffer[] {
  const ofTexts = ({ bytes, ends }: AsciiTexts) => [bytes.buffer, ends.buffer];
  const ofRuns = runs.flatMap(({ names, places }) => [...ofTexts(names), places.buffer]);
  return [...groups.flatMap(({ texts }) => ofTexts(texts)), ...ofRuns, tags.buffer];
}
