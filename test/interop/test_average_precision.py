"""AP50 and AP75 as training reports them, computed again by pycocotools."""

import contextlib
import io
import json
from pathlib import Path

import numpy as np
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

SCENES = json.loads((Path(__file__).parents[2] / "out" / "interop" / "average-precision.json").read_text())


def sides(box: list[float]) -> list[float]:
    left, top, right, bottom = box
    return [left, top, right - left, bottom - top]


def evaluated(pictures: list[dict]) -> np.ndarray:
    """Precision by overlap, recall and class, of all sizes and at most 100 detections."""
    labels = sorted({it["label"] for picture in pictures for it in picture["objects"] + picture["found"]})
    annotations, found = [], []
    for image, picture in enumerate(pictures, 1):
        for it in picture["objects"]:
            box = sides(it["box"])
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": image,
                    "category_id": it["label"] + 1,
                    "bbox": box,
                    "area": box[2] * box[3],
                    "iscrowd": 0,
                }
            )
        for it in picture["found"]:
            found.append(
                {"image_id": image, "category_id": it["label"] + 1, "bbox": sides(it["box"]), "score": it["score"]}
            )
    truth = COCO()
    truth.dataset = {
        "info": {},
        "images": [{"id": image, "width": 300, "height": 300} for image in range(1, len(pictures) + 1)],
        "categories": [{"id": label + 1, "name": str(label)} for label in labels],
        "annotations": annotations,
    }
    with contextlib.redirect_stdout(io.StringIO()):
        truth.createIndex()
        evaluation = COCOeval(truth, truth.loadRes(found), "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
    precision = evaluation.eval["precision"][:, :, :, 0, -1]
    return {label: precision[:, :, index] for index, label in enumerate(labels)}


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: f"seed {scene['seed']}")
def test_average_precision(scene: dict):
    if not any(picture["found"] for picture in scene["pictures"]):
        assert all(it["ap50"] == 0 for it in scene["figures"])
        return
    precision = evaluated(scene["pictures"])
    for own in scene["figures"]:
        of = precision[own["label"]]
        # The same counts divided in the same order: float64 rounding alone. Overlaps of 0.5 and 0.75 are the rows 0 and 5.
        assert own["ap50"] == pytest.approx(of[0].mean(), abs=1e-12)
        assert own["ap75"] == pytest.approx(of[5].mean(), abs=1e-12)
        np.testing.assert_allclose(own["curve"], of[0], rtol=0, atol=1e-12)
    with_objects = {it["label"] for it in scene["figures"]}
    assert all((of == -1).all() for label, of in precision.items() if label not in with_objects)


def test_scenes_tell():
    """Figures of all sizes, so that agreement is not that of zeros and ones."""
    values = [it["ap50"] for scene in SCENES for it in scene["figures"]]
    assert sum(0.05 < value < 0.95 for value in values) > 50
