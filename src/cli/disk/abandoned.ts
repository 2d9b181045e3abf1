/** The folders that outputs are made in: their names, and what becomes of those that a killed run left. */
import * as fs from 'node:fs';
import { hostname } from 'node:os';
import * as path from 'node:path';
import { codeOf } from './errors.ts';

const PREFIX = '.gn-swap-';

/** Whoever runs for longer writes something in that time. */
const WEEK = 7 * 24 * 3600 * 1000;

/**
 * A process is known by its number in one place alone, and a folder may be shared by several: machines, and containers on one,
 * which have process numbers of their own.
 */
const PLACE = `${hostname()}_${namespace()}`.replace(/[^A-Za-z0-9]+/g, '_');

/** Linux's name of the set of process numbers that ours is of; empty elsewhere. */
function namespace(): string {
  try {
    return fs.readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

/** Name of a folder of this process; `index` tells those from each other that are in use at once. */
export function nameFor(index: number): string {
  return `${PREFIX}${PLACE}-${process.pid}-${index}-${Date.now().toString(36)}`;
}

/**
 * Removes what runs left that were killed.
 *
 * 1. The name tells the process, and it is no more: removed.
 * 2. It is our own number, but none of `ours`: a container that starts anew gives the same numbers. Removed.
 * 3. The process is there, or can't be known: removed where nothing changed for a week, else left.
 *
 * @param ours names of the folders that are in use by this process
 */
export function removeAbandoned(folder: string, ours: ReadonlySet<string>): void {
  let entries: string[];
  try {
    entries = fs.readdirSync(folder);
  } catch {
    return;
  }
  for (const entry of entries) {
    const [, place, pid] = /^\.gn-swap-(\w+)-(\d+)-\d+-[0-9a-z]+$/.exec(entry) ?? [];
    if (pid === undefined || ours.has(entry)) continue;
    const isInUse = place !== PLACE || (Number(pid) !== process.pid && isRunning(Number(pid)));
    const found = path.join(folder, entry);
    try {
      if (isInUse && Date.now() - fs.statSync(found).mtimeMs < WEEK) continue;
      fs.rmSync(found, { recursive: true, force: true });
    } catch {
      // Somebody else's: whoever may remove it will.
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Somebody else's process may not be asked, but it is there.
    return codeOf(error) === 'EPERM';
  }
}
