/** One shard's statistics on disk. */

import type { CallOptions } from '../call/arguments.ts';
import { GnSwapError } from '../errors.ts';
import type { OnProgress } from '../jobs/job.ts';
import { gatherMoments } from '../jobs/moments.ts';
import type { Outcome } from '../jobs/outcome.ts';
import { checkTarget, type Staging } from './disk/index.ts';
import { dataOpener, withModel } from './session.ts';

/** Gathers the statistics of a shard. What goes wrong is in the outcome, not thrown. */
export function momentsFile(file: string, target: string, call: CallOptions, onProgress: OnProgress): Promise<Outcome> {
  return withModel(file, 'moments', onProgress, async (job, home) => {
    const openData = dataOpener(call);
    if (openData === undefined) {
      throw new GnSwapError('invalid-arguments', 'moments needs inputs', {
        remedy: 'Use --calibrate DIR with a few inputs',
        next: { set: { calibrate: 'DIR' } },
      });
    }
    checkTarget(target, file, call.force);
    let staging: Staging | undefined;
    const begin = () => {
      staging = home.stage(target);
    };
    const { shard, images } = call;
    const bytes = await gatherMoments(job, home.model, call.swap, { shard, images, openData, begin });
    await staging?.write({ length: bytes.length, parts: [bytes] });
    staging?.commitAlone(call.force);
    job.draft.output = target;
    job.draft.outputBytes = bytes.length;
  });
}
