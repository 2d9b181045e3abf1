/** What every part of the benchmark is handed. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Measured, measure } from './measure.ts';

export interface Sizes {
  /** Whether these are the sizes that promises were made for. */
  readonly promised: boolean;
  /** Of the large model in one file, in bytes. */
  readonly single: number;
  /** Of the model with external data, in bytes. */
  readonly external: number;
  /** Of the models that the Python peer rewrites too, in bytes. A file of protocol buffers has less than 2 GiB. */
  readonly peer: readonly number[];
  /** Nodes of the growing model. */
  readonly nodes: readonly number[];
  /** How often large things are run, and small ones. */
  readonly runs: number;
  /** Milliseconds between two runs that write so much. */
  readonly rest: number;
  readonly starts: number;
}

export const FULL: Sizes = {
  promised: true,
  single: 400e6,
  external: 3e9,
  peer: [1e6, 10e6, 100e6, 400e6, 2e9],
  nodes: [1e3, 1e4, 1e5],
  runs: 7,
  rest: 2000,
  starts: 10,
};
export const QUICK: Sizes = {
  promised: false,
  single: 40e6,
  external: 80e6,
  peer: [1e6, 40e6],
  nodes: [1e2, 1e3, 1e4],
  runs: 2,
  rest: 0,
  starts: 3,
};

export interface Setting extends Sizes {
  /** A folder of its own, removed when all is done. */
  readonly folder: string;
  log(message: string): void;
}

/** The command line as it ships. */
export const GN_SWAP = fileURLToPath(new URL('../../bin/gn-swap.js', import.meta.url));
const COPY = fileURLToPath(new URL('copy.js', import.meta.url));

/** Measures a swap, and removes what it wrote: outputs would fill the disk. `output` may be in another folder. */
export async function swapOf(file: string, output: string, ...options: string[]): Promise<Measured> {
  try {
    return await measure([GN_SWAP, file, '--output', output, ...options]);
  } finally {
    rmSync(output, { force: true });
  }
}

/** Measures the plain copy of a file. */
export async function copyOf(file: string): Promise<Measured> {
  const copy = `${file}.copy`;
  try {
    return await measure([COPY, file, copy]);
  } finally {
    rmSync(copy, { force: true });
  }
}

/** Makes a folder's worth of files, uses them, removes them. */
export async function within<T>(setting: Setting, name: string, use: (folder: string) => Promise<T>): Promise<T> {
  const folder = join(setting.folder, name);
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
