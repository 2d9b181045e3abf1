/** What runs on the thread of `record.ts`. */
import { parentPort, workerData } from 'node:worker_threads';
import { recordOfTexts } from '../graph/structure-texts.ts';

parentPort?.postMessage(recordOfTexts(workerData));
