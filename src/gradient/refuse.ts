/** Says why a gradient can't be taken. */
import { GnSwapError } from '../errors.ts';
import type { Obstacle } from './walk.ts';

const SHOWN = 5;

/**
 * Nothing, or one error that names every node in the way.
 *
 * @throws GnSwapError `unsupported-model`
 */
export function refuseObstacles(obstacles: readonly Obstacle[]): void {
  const [first] = obstacles;
  if (first === undefined) return;
  const named = obstacles.map(
    ({ node, reason }) => `${node.opType} ${JSON.stringify(node.name || node.output[0])}: ${reason}`,
  );
  const more = named.length > SHOWN ? `; and ${named.length - SHOWN} more` : '';
  throw new GnSwapError('unsupported-model', `the gradient can't pass ${named.slice(0, SHOWN).join('; ')}${more}`, {
    remedy: first.remedy ?? 'Train only what comes after these nodes: choose it with --wrt',
  });
}
