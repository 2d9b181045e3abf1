/** The figures and facts of a training run that are read first. */
import type { FinetuneFacts } from '../jobs/finetune.ts';
import { plural } from '../words.ts';
import type { Tiles } from './blocks.ts';
import { figure } from './figures.ts';
import { duration, grouped } from './format.ts';

/** The measure before and after, what it was measured on, and what was trained. */
export function trainingTiles({ before, after, measure, samples, trained }: FinetuneFacts): Tiles {
  const of = (value: number | undefined) => (value === undefined ? 'not measured' : value.toFixed(3));
  return {
    kind: 'tiles',
    items: [
      { label: `${measure}, before`, value: of(before?.value) },
      { label: `${measure}, after`, value: of(after?.value) },
      { label: 'Held-out samples', value: String(samples.heldOut) },
      { label: 'Numbers trained', value: grouped(trained) },
    ],
  };
}

/** What was learned, from what, and how. */
export function trainingFacts(facts: FinetuneFacts): [string, string][] {
  const { task, samples, pictures, steps, batch, accumulate, seconds, rate, tried, optimizer, augment, seed, after } =
    facts;
  const told: [string, string][] = [
    ['Task', task],
    ['Samples', `${samples.train} to train on, ${samples.heldOut} held out`],
  ];
  if (pictures !== null) told.push(['Pictures', `read as ${pictures}`]);
  told.push(
    ['Steps', `${steps} of ${plural(batch * accumulate, 'sample')} in ${duration(seconds * 1000)}`],
    ['Optimizer', `${optimizer}, rate ${figure(rate)}${tried.length > 0 ? ', found by trying' : ''}, seed ${seed}`],
    ['Varied by', augment.length === 0 ? 'nothing' : augment.join(', ')],
  );
  if (after !== null && after.detail !== '') told.push(['After', after.detail]);
  if (samples.heldOut > 0) {
    const chose = tried.length > 0 ? 'the rate and the epoch' : 'the epoch';
    told.push(['Selection', `held-out samples also chose ${chose}, so others may score a little less`]);
  }
  return told;
}
