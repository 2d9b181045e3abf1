/**
 * Text lines as picture files, for the demo's second half.
 *
 *     tsx scripts/demo-lines.ts FOLDER
 */
import { mkdirSync } from 'node:fs';
import { writeLines } from '../bench/ocr/pictures.ts';

const [folder = 'out/lines'] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
await writeLines(folder, 64, 1);
