/** Folded sites of fixtures, and what to calibrate them with. */
import { opset } from '../../fixtures/build.ts';
import { type Fixture, fixtureNamed } from '../../fixtures/index.ts';
import { type Dataset, datasetOf } from '../../src/calibrate/dataset.ts';
import { findSites, type Search } from '../../src/find/index.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { Random } from '../../src/verify/random.ts';
import { modelOf } from './swapped.ts';

/** Every fixture that has a folded site, and how many. */
export const FOLDED: readonly (readonly [fixture: Fixture, sites: number])[] = [
  [fixtureNamed('folded-conv'), 1],
  [fixtureNamed('folded-mobile'), 3],
  [fixtureNamed('folded-bias-added'), 1],
  [fixtureNamed('folded-transpose'), 1],
  [fixtureNamed('folded-two-readers'), 2],
  [fixtureNamed('folded-beside-bn'), 1],
];

/** The folded sites of a fixture, whose operators are the same at every opset from 17 on. */
export function foldedSites(fixture: Fixture, version = 17): Search {
  const model = modelOf(fixture);
  const proto = { ...model.proto, irVersion: 10, opsetImport: [opset('', version)] };
  return findSites({ ...model, proto }, undefined, 'folded');
}

/** `count` made-up images for the input `x` [N, 3, size, size] of those fixtures, each of its own brightness. */
export function images(count: number, size = 8): Dataset {
  const random = new Random(7);
  const data = Float32Array.from({ length: count * 3 * size * size }, (_, at) => {
    const sample = Math.floor(at / (3 * size * size));
    return 0.3 * sample - 0.5 + (2 * random.uniform() - 1);
  });
  return datasetOf({ x: { type: DataType.FLOAT, dims: [count, 3, size, size], data } });
}
