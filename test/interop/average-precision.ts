/** Writes scenes of objects and detections with the figures that training reports, for pycocotools to compute again. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '../../src/inputs/random.ts';
import type { Box, Detection } from '../../src/measure/boxes/box.ts';
import { figuresOf, type Judged } from '../../src/train/detect/precision.ts';

const SCENES = 40;
const SIDE = 300;

/** A box that lies somewhere. */
function boxIn(random: Random): Box {
  const [width, height] = [8 + 90 * random.uniform(), 8 + 90 * random.uniform()];
  const [left, top] = [random.uniform() * (SIDE - width), random.uniform() * (SIDE - height)];
  return [left, top, left + width, top + height];
}

/** Objects, and detections: some near an object, some of another class, some twice, some out of nothing. */
function pictureOf(random: Random, classes: number, crowded: boolean): Judged {
  const objects = Array.from({ length: random.integer(crowded ? 30 : 6) }, () => {
    return { box: boxIn(random), label: random.integer(classes) };
  });
  const found: Detection[] = [];
  const add = (box: Box, label: number) => found.push({ box, label, score: random.uniform(), place: found.length });
  for (const { box, label } of objects) {
    for (let times = random.integer(3); times > 0; times--) {
      const shake = () => 12 * random.normal() * random.uniform();
      const [left, top] = [box[0] + shake(), box[1] + shake()];
      const moved: Box = [left, top, Math.max(left + 1, box[2] + shake()), Math.max(top + 1, box[3] + shake())];
      add(moved, random.uniform() < 0.85 ? label : random.integer(classes));
    }
  }
  for (let more = random.integer(crowded ? 150 : 5); more > 0; more--) add(boxIn(random), random.integer(classes));
  return { objects, found };
}

const [folder = 'out/interop'] = process.argv.slice(2);
const scenes = Array.from({ length: SCENES }, (_, seed) => {
  const random = new Random(seed + 1);
  const classes = 1 + random.integer(4);
  const crowded = seed % 5 === 4;
  const pictures = Array.from({ length: 1 + random.integer(12) }, () => pictureOf(random, classes, crowded));
  return { seed, pictures, figures: figuresOf(pictures) };
});
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'average-precision.json'), JSON.stringify(scenes));
