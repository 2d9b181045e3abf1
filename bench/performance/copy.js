/**
 * What a rewrite can't do without: reads a file and writes it, 1 MiB at a time, and waits for the disk once. The
 * measure for a rewrite that does the same and more.
 *
 *     node copy.js FROM TO
 */
import { closeSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';

const [from, to] = process.argv.slice(2).map((file, index) => openSync(file, index === 0 ? 'r' : 'wx'));
const buffer = Buffer.allocUnsafe(1 << 20);
for (let count = readSync(from, buffer); count > 0; count = readSync(from, buffer)) {
  for (let done = 0; done < count; ) done += writeSync(to, buffer, done, count - done);
}
fsyncSync(to);
closeSync(from);
closeSync(to);
