/** All norms on a file: opened, compared in memory, and freed. */

import { GnSwapError } from '../errors.ts';
import { asMeant } from '../find/assume-spatial.ts';
import { compareNorms } from '../jobs/compare.ts';
import type { Outcome } from '../jobs/outcome.ts';
import { findAllSites } from '../jobs/swap.ts';
import { externalLocations } from '../onnx/external-data.ts';
import { inMemory } from '../runtime/materialize.ts';
import type { CallOptions } from './arguments.ts';
import { Staging } from './disk/index.ts';
import { type OnProgress, openCalibration, throughDisk, withModel } from './session.ts';

/** Compares all norms. What goes wrong is in the outcome, not thrown. */
export function compareFile(file: string, call: CallOptions, onProgress: OnProgress): Promise<Outcome> {
  return withModel(file, 'compare', async (draft, { source, external, model: given, lap }) => {
    const { model } = asMeant(given, file, call.swap);
    if (call.calibrate === undefined) {
      throw new GnSwapError('invalid-arguments', 'there are no inputs to compare norms on', {
        remedy: 'Give them with --calibrate',
      });
    }
    const search = await findAllSites(model, { ...call.swap, run: true });
    lap('find');
    const { data } = await openCalibration(call, call.calibrate, model);
    const locations = externalLocations(search.model.proto);
    // ONNX Runtime finds external data beside a model on disk alone; what is made for it goes again.
    const staging = locations.length > 0 ? new Staging(file) : undefined;
    try {
      staging?.carry(locations, external, true);
      const materialize = staging === undefined ? inMemory : throughDisk(staging, true);
      const { include, exclude, seed, memory, tasks } = call.swap;
      const options = { data, materialize, include, exclude, seed, memory, tasks, onProgress };
      draft.comparison = await compareNorms(search, source, options);
      lap('compare');
    } finally {
      staging?.discard();
    }
  });
}
