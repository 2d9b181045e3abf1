/** Detectors of two stages (Faster, Mask and Keypoint R-CNN, arXiv:1506.01497) → a refusal. */
import { GnSwapError } from '../../errors.ts';
import { viewOf } from '../../graph/view.ts';
import type { Model } from '../../onnx/model.ts';

/** RoiAlign, MaxRoiPool, and the same as operators of other domains. */
const REGIONS = /roi_?(align|pool)/i;

/**
 * Refuses a detector that chooses regions first and reads its features again in them. NonMaxSuppression decides the rows of its last layers,
 * and each class of a row has its own box. Without this refusal, the first stage would be trained as if it were the whole detector.
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
