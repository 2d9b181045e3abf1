/** Detectors of two stages (Faster, Mask and Keypoint R-CNN, arXiv:1506.01497) → a refusal. */
import { GnSwapError } from '../../errors.ts';
import { viewOf } from '../../graph/view.ts';
import type { Model } from '../../onnx/model.ts';

/** RoiAlign, MaxRoiPool, and the same as operators of other domains. */
const REGIONS = /roi_?(align|pool)/i;

/**
 * Refuses a detector that reads its features again in regions that it chose before: how many rows its last layers have, and what they are of,
 * is decided by NonMaxSuppression, and each class of a row has a box of its own. Without this its first stage would be taken for all of it.
 *
 * @throws GnSwapError `unsupported-model` naming the node
 */
export function refuseTwoStages(model: Model): void {
  const node = viewOf(model)
    .scopes.flatMap(({ graph }) => graph.node)
    .find(({ opType }) => REGIONS.test(opType));
  if (node === undefined) return;
  throw new GnSwapError(
    'unsupported-model',
    `${node.opType} reads regions that this model chooses itself: a detector of two stages, as Faster R-CNN is. Its last layers give a box for each class of each region, and no loss is known here for that`,
    {
      node: node.name,
      remedy: 'Train it where it was made, or fine-tune a detector of one stage: YOLO, SSD, RetinaNet, FCOS, DETR',
    },
  );
}
