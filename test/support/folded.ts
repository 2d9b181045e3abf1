/** Folded sites of fixtures, and what to calibrate them with. */
import { opset } from '../../fixtures/build.ts';
import { type Fixture, fixtureNamed } from '../../fixtures/index.ts';
import { findSites, type Search } from '../../src/find/index.ts';
import { type Dataset, datasetOf } from '../../src/inputs/dataset.ts';
import { Random } from '../../src/inputs/random.ts';
import { writeNpz } from '../../src/inputs/write-npz.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import type { Value } from '../../src/runtime/session.ts';
import type { Scratch } from './scratch.ts';
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
  return datasetOf({ x: imageValue(count, size) });
}

/** {@link images} as a file for `--calibrate`; returns its path. */
export function writeImages(scratch: Scratch, count: number): string {
  return scratch.write('images.npz', writeNpz(new Map([['x', imageValue(count, 8)]])));
}

export function imageValue(count: number, size: number): Value {
  const random = new Random(7);
  const area = 3 * size * size;
  const data = Float32Array.from(
    { length: count * area },
    (_, at) => 0.3 * Math.floor(at / area) - 1.5 + 2 * random.uniform(),
  );
  return { type: DataType.FLOAT, dims: [count, 3, size, size], data };
}
