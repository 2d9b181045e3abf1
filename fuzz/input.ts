/** Seed → a damaged model: the corpus is every fixture that is one file. */
import { FIXTURES } from '../fixtures/index.ts';
import { filesOf } from '../fixtures/make.ts';
import { Random } from '../src/inputs/random.ts';
import { damageBytes } from './damage-bytes.ts';
import { damageGraph } from './damage-graph.ts';

const CORPUS = FIXTURES.filter(({ files }) => files === undefined).map(
  (fixture) => filesOf(fixture).get(`${fixture.name}.onnx`) as Uint8Array,
);

/** A fixture, damaged in its bytes, its graph, or both; which and how, the seed tells. */
export function inputOf(seed: number): Uint8Array {
  const random = new Random(seed);
  const base = () => CORPUS[random.integer(CORPUS.length)] as Uint8Array;
  const kind = random.integer(5);
  const bytes = kind < 2 ? base() : damageGraph(base(), random, base());
  return kind < 3 && kind !== 2 ? damageBytes(bytes, random) : bytes;
}
