/**
 * Text lines as picture files, for the demo: print to calibrate on, and handwriting in bad light, upright and turned, to learn.
 *
 *     tsx scripts/demo-lines.ts FOLDER LABELLED-FOLDER
 */
import { mkdirSync } from 'node:fs';
import { writeLines } from '../bench/ocr/pictures.ts';
import { NOTES } from '../bench/ocr/styles.ts';

const [folder = 'out/lines', labelled = 'out/handwriting'] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
await writeLines(folder, 64, 1);
await writeLines(labelled, 320, 2, { style: NOTES, labelled: true });
