"""A name in the place of torchvision, where that is not installed. Import it before onnx2torch.

onnx2torch imports torchvision for NonMaxSuppression and RoiAlign alone, which no model here has. PyPI's torchvision does
not load beside a CPU build of torch ("operator torchvision::nms does not exist").
"""

import importlib.util
import sys
import types

if importlib.util.find_spec("torchvision") is None:
    torchvision = types.ModuleType("torchvision")
    torchvision.ops = types.ModuleType("torchvision.ops")
    torchvision.ops.roi_align = None
    sys.modules |= {"torchvision": torchvision, "torchvision.ops": torchvision.ops}
