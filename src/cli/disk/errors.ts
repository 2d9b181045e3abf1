/** What went wrong on the disk, in words. */
import type { BigIntStats } from 'node:fs';
import { GnSwapError } from '../../errors.ts';
import { nearPath } from './near.ts';

/** Codes of `fs` in words. */
export const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EFBIG: 'the file would be too large',
  EDQUOT: 'the disk quota is used up',
  ENOTDIR: 'part of the path is not a folder',
  EISDIR: 'it is a folder',
  EMFILE: 'too many files are open',
  ENAMETOOLONG: 'its name is too long',
  ELOOP: 'too many symbolic links',
  EEXIST: 'the name is taken',
};

/** Why a call of `fs` failed. */
export function reasonOf(cause: unknown): string {
  return REASONS[codeOf(cause)] ?? (cause instanceof Error ? cause.message : String(cause));
}

/** The code of an error of `fs`, such as `ENOENT`; empty where it is none of those. */
export function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : '';
}

/** What it is, where it is no file. */
export function whatIsNoFile(found: Pick<BigIntStats, 'isDirectory'>): string {
  return found.isDirectory() ? 'it is a folder, not a file' : 'it is not a regular file';
}

const DENIED = ['EACCES', 'EPERM'];

/** For what can't be read; errors that are ours already stay as they are. */
export function unreadable(file: string, cause: unknown): GnSwapError {
  if (cause instanceof GnSwapError) return cause;
  const near = codeOf(cause) === 'ENOENT' ? nearPath(file) : undefined;
  const check = DENIED.includes(codeOf(cause)) ? 'Check its permissions' : 'Check the path';
  return new GnSwapError('unreadable', reasonOf(cause), {
    file,
    remedy: near === undefined ? check : `${check}: there is ${near}`,
    ...(near === undefined ? {} : { next: { paths: { [file]: near } } }),
    cause,
  });
}

/** As {@link unreadable}, for what can't be written. */
export function unwritable(file: string, cause: unknown): GnSwapError {
  if (cause instanceof GnSwapError) return cause;
  const makeIt = codeOf(cause) === 'ENOENT' ? 'Create the folder first, or c' : 'C';
  return new GnSwapError('unwritable', `cannot write the file: ${reasonOf(cause)}`, {
    file,
    remedy: `${makeIt}hoose another place with --output`,
    cause,
  });
}

/** For an output that would replace something. */
export function outputExists(file: string): GnSwapError {
  return new GnSwapError('output-exists', 'the file exists already', {
    file,
    remedy: 'Use --force to replace it, or another name with --output',
    next: { set: { force: '' } },
  });
}
