/** Errors that are thrown on purpose. */
import { expect } from 'chai';
import { GnSwapError } from '../../src/errors.ts';

/** What a promise is rejected with, which must be a {@link GnSwapError}. */
export async function rejection(promise: Promise<unknown>): Promise<GnSwapError> {
  return known(
    await promise.then(
      () => undefined,
      (reason: unknown) => reason,
    ),
  );
}

/** What a function throws, which must be a {@link GnSwapError}. */
export function thrown(work: () => unknown): GnSwapError {
  try {
    work();
  } catch (error) {
    return known(error);
  }
  return known(undefined);
}

function known(error: unknown): GnSwapError {
  expect(error).to.be.instanceOf(GnSwapError);
  return error as GnSwapError;
}
