"""onnxruntime-training trains `reduce` at batch 1: γ′, β′ and Conv weights, and what it exports loads and runs."""

import os
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from onnx import ModelProto, TensorProto
from onnx.checker import ValidationError
from onnx.shape_inference import InferenceError
from onnxruntime.training import artifacts
from onnxruntime.training.api import CheckpointState, Module, Optimizer

from feeds import feeds_for
from graphs import initializers
from models import Rewrite, load, norm_rewrite_named, rewrite_named, rewrites_in
from precision import relative_error, tolerance
from preparation import fix_sizes, lift_constants, raise_opset, spell_hard_sigmoid
from runtime import run

FORM = "reduce"
LAST_OPSET = 17
STEPS = 10

NOT_IN_MAIN_GRAPH = "is not found in the graph"
NOT_FLOAT32 = "bound to different types|inconsistent type"
NO_SHAPE = "'shape' of 'type' is required"
LISTED = "in initializer but not in graph input"

# What it does not train, by the start of the source's name, the first that fits; none of it is about a norm.
REFUSED = {
    # The graph of its loss is in float32.
    "type-float": NOT_FLOAT32,
    "type-bfloat16": NOT_FLOAT32,
    "type-mixed-statistics": NOT_FLOAT32,
    "type-mixed-affine": NOT_FLOAT32,
    # It wants a shape for every input and output, if only its rank.
    "rank-unknown": NO_SHAPE,
    "rank-from-consumer": NO_SHAPE,
    "channels-unknown": NO_SHAPE,
    "all-unknown": NO_SHAPE,
    # It adds initializers and lists none as an input, as IR 3 demands; and trains none that is listed.
    "opset-07": LISTED,
    "opset-08": LISTED,
    "spatial-1": LISTED,
    "if-ir3": LISTED,
    "parameters-overridable": "Duplicate definition-site",
    # It looks for parameters in the main graph alone.
    "if-": NOT_IN_MAIN_GRAPH,
    "loop-": NOT_IN_MAIN_GRAPH,
    "scan": NOT_IN_MAIN_GRAPH,
    "function-in-branch": NOT_IN_MAIN_GRAPH,
    "function-without-norm": "gradient builder has not been registered: Double",
    # Its loss is of the first output alone.
    "bn-dead": "unreachable from the output node",
    "bn-after-mean": "unreachable from the output node",
    "domain-ai-onnx": "No opset import for domain ''",
    "domain-foreign": "com.example",
    "metadata-foreign": "duplicate keys in metadata_props",
}
# Where not all moves: at a rate that suits the steepest gradient, 1/√ε for a group that is constant, the others change too little
# to be seen; and a factor of 0 before the last norm leaves a gradient to its β alone.
HARDLY_MOVED = {"group-constant", "affine-not-absorbable"}


def refusal(name: str) -> str | None:
    return next((reason for start, reason in REFUSED.items() if name.startswith(start)), None)


# The CPU build has no kernel for its gradient: see the detector below.
CONV_TRANSPOSE = "linear-transpose"

FIXTURES = [
    it
    for it in rewrites_in(FORM, real=False, last_opset=LAST_OPSET)
    if not it.source.name.startswith(CONV_TRANSPOSE)
]
TRAINED = [pytest.param(it, id=it.name) for it in FIXTURES if refusal(it.source.name) is None]
NOT_TRAINED = [pytest.param(it, id=it.name) for it in FIXTURES if refusal(it.source.name) is not None]


@contextmanager
def quiet():
    """Its C++ side logs every optimiser that it tries, straight to the standard error."""
    kept = os.dup(2)
    sink = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(sink, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(sink)


def affine_names(rewrite: Rewrite) -> list[str]:
    """γ′ and β′, where the norm has them as they are."""
    return [name for site in rewrite.sites for name in (site.scale, site.bias) if name]


def length_and_direction_names(model: ModelProto) -> list[str]:
    """g and v of weight norm."""
    known = initializers(model.graph)
    squared = [node.input[0] for node in model.graph.node if node.name.endswith("/weight/Square")]
    return [name for name in known if name.endswith("/weight/gain") or name in squared]


def weight_names(model: ModelProto) -> list[str]:
    """Weights of layers that are initializers."""
    known = {name for name, it in initializers(model.graph).items() if it.data_type == TensorProto.FLOAT}
    layers = ("Conv", "ConvTranspose", "Gemm", "MatMul")
    return sorted({node.input[1] for node in model.graph.node if node.op_type in layers} & known)


def generate(model: ModelProto, rewrite: Rewrite, folder: Path) -> list[str]:
    """Writes the training artifacts. Returns what is trained."""
    trained = [*affine_names(rewrite), *length_and_direction_names(model)]
    trained += [it for it in weight_names(model) if it not in trained]
    artifacts.generate_artifacts(
        model,
        requires_grad=trained,
        frozen_params=[name for name in initializers(model.graph) if name not in trained],
        loss=artifacts.LossType.MSELoss,
        loss_input_names=[model.graph.output[0].name],
        optimizer=artifacts.OptimType.SGD,
        artifact_directory=folder,
    )
    return trained


class Training:
    """Ten steps at batch 1 towards a target that is the model's own answer, disturbed."""

    def __init__(self, model: ModelProto, rewrite: Rewrite, folder: Path, feeds: dict[str, np.ndarray]):
        self.trained = generate(model, rewrite, folder)
        self.folder, self.feeds = folder, feeds
        self.state = CheckpointState.load_checkpoint(str(folder / "checkpoint"))
        self.module = Module(str(folder / "training_model.onnx"), self.state, str(folder / "eval_model.onnx"))
        self.optimizer = Optimizer(str(folder / "optimizer_model.onnx"), self.module)
        self.outputs = [it.name for it in model.graph.output]
        answer = run(model, feeds)[0]
        noise = np.random.default_rng(1).standard_normal(answer.shape)
        self.target = (answer + noise * np.abs(answer).max() / 10).astype(np.float32)

    def arguments(self) -> list[np.ndarray]:
        return [self.feeds.get(name, self.target) for name in self.module.input_names()]

    def parameters(self) -> dict[str, np.ndarray]:
        return {name: np.array(self.state.parameters[name].data) for name in self.trained}

    def step(self, rate: float) -> float:
        """One step of SGD. Returns the loss before it."""
        self.module.train()
        self.optimizer.set_learning_rate(rate)
        loss = self.module(*self.arguments())
        self.optimizer.step()
        self.module.lazy_reset_grad()
        return float(loss)

    def loss(self) -> float:
        self.module.eval()
        return float(self.module(*self.arguments()))

    def export(self) -> dict[str, np.ndarray]:
        path = self.folder / "trained.onnx"
        self.module.export_model_for_inferencing(str(path), self.outputs)
        return dict(zip(self.outputs, run(path, self.feeds), strict=True))


# Down a right gradient the loss falls for every rate that is small enough. Those of the fixtures span 12 orders of magnitude;
# the real models end in a softmax, whose mean squared error is small and flat.
RATES = {False: (1e-2, 1e-4, 1e-6, 1e-8, 1e-10), True: (1e2, 1, 1e-2)}


def assert_trains(model: ModelProto, rewrite: Rewrite, folder: Path, feeds: dict[str, np.ndarray]) -> None:
    """At one of the rates ten steps lower the loss, and move all that is trained."""
    for rate in RATES[rewrite.source.real]:
        with quiet():
            training = Training(ModelProto.FromString(model.SerializeToString()), rewrite, folder, feeds)
            before = training.parameters()
            losses = [training.step(rate) for _ in range(STEPS)] + [training.loss()]
        after = training.parameters()
        still = {name for name in after if (after[name] == before[name]).all()}
        if losses[-1] < losses[0] and (not still or rewrite.source.name in HARDLY_MOVED):
            break
    else:
        pytest.fail(f"the loss goes from {losses[0]} to {losses[-1]}, and {sorted(still)} did not move")
    exported = training.export()
    # The loss of what it exports is the loss that it reports.
    error = np.mean((exported[training.outputs[0]].astype(np.float64) - training.target) ** 2)
    assert abs(error - losses[-1]) <= 1e-5 * losses[-1]


@pytest.mark.parametrize("rewrite", TRAINED)
def test_trains_at_batch_1(rewrite: Rewrite, tmp_path: Path):
    model = load(rewrite.path)
    assert_trains(model, rewrite, tmp_path, feeds_for(rewrite.source, model, batch=1))


@pytest.mark.parametrize("rewrite", NOT_TRAINED)
def test_does_not_train(rewrite: Rewrite, tmp_path: Path):
    with pytest.raises((RuntimeError, ValidationError, InferenceError), match=refusal(rewrite.source.name)), quiet():
        generate(load(rewrite.path), rewrite, tmp_path)


@pytest.mark.parametrize("form", ["instance", "instance-conv"])
def test_other_forms_do_not_train(form: str, tmp_path: Path):
    """Why `reduce`: InstanceNormalization has no gradient."""
    rewrite = rewrite_named(f"opset-17.{form}")
    with pytest.raises(RuntimeError, match="has not been registered: InstanceNormalization"), quiet():
        generate(load(rewrite.path), rewrite, tmp_path)


OTHER_NORMS = [
    "rank-2-gemm.layer.native-trainable",
    "opset-17.layer.reduce",
    "opset-17.instance.reduce",
    "opset-17.frozen.auto",
    "opset-17.frozen.fold",
    "opset-17.weight.auto",
    "opset-17.batch-renorm.auto",
]


@pytest.mark.parametrize("name", OTHER_NORMS)
def test_other_norms_train(name: str, tmp_path: Path):
    rewrite = norm_rewrite_named(name)
    model = load(rewrite.path)
    assert_trains(model, rewrite, tmp_path, feeds_for(rewrite.source, model, batch=1))


def stepped(name: str, folder: Path) -> dict[str, np.ndarray]:
    """The parameters after a step down the gradient, as lists."""
    rewrite = norm_rewrite_named(name)
    model = load(rewrite.path)
    folder.mkdir()
    with quiet():
        training = Training(model, rewrite, folder, feeds_for(rewrite.source, model, batch=1))
        training.step(1e-2)
    return {name: values.reshape(-1).astype(np.float64) for name, values in training.parameters().items()}


def test_gradient_of_layer_normalization_is_that_of_reduce(tmp_path: Path):
    native, spelled = (stepped(f"rank-2-gemm.layer.{it}", tmp_path / it) for it in ("native-trainable", "reduce"))
    assert native.keys() == spelled.keys()
    for name, values in native.items():
        # Two kernels in float32, sums of 32 terms.
        assert np.abs(values - spelled[name]).max() <= 1e-5 * np.abs(values).max()


def test_layer_normalization_needs_its_further_outputs(tmp_path: Path):
    """Why `native-trainable`."""
    rewrite = norm_rewrite_named("rank-2-gemm.layer.native-trainable")
    model = load(rewrite.path)
    [node] = [it for it in model.graph.node if it.op_type == "LayerNormalization"]
    del node.output[1:]
    with pytest.raises(Exception), quiet():  # noqa: B017, it is an assertion of its C++ side
        Training(model, rewrite, tmp_path, feeds_for(rewrite.source, model, batch=1)).step(1e-2)


def test_native_does_not_train(tmp_path: Path):
    """Nor does GroupNormalization."""
    rewrite = rewrite_named("opset-21.native")
    with pytest.raises(RuntimeError, match="has not been registered: GroupNormalization"), quiet():
        generate(load(rewrite.path), rewrite, tmp_path)


def prepared(rewrite: Rewrite, feeds, without: str | None = None) -> ModelProto:
    """PaddleOCR's models need beside `--for ort-training`: an opset that the gradients are written in (LessOrEqual of 12), no
    HardSigmoid, and fixed sizes, which the gradients of pooling read from the file."""
    model = load(rewrite.path)
    if without != "opset":
        # The converter makes Constant nodes of its own.
        model = lift_constants(raise_opset(model, 13))
    if without != "hard sigmoid":
        model = spell_hard_sigmoid(model)
    if without != "sizes":
        names = [it.name for it in model.graph.output]
        model = fix_sizes(model, feeds, dict(zip(names, run(rewrite.path, feeds))))
    return model


def real(role: str) -> tuple[Rewrite, dict[str, np.ndarray]]:
    rewrite = rewrite_named(f"paddleocr-{role}.for-ort-training")
    return rewrite, feeds_for(rewrite.source, load(rewrite.path), batch=1)


@pytest.mark.parametrize("role", ["classifier", "recogniser"])
def test_real_model_trains_when_prepared(role: str, tmp_path: Path):
    rewrite, feeds = real(role)
    model = prepared(rewrite, feeds)
    assert relative_error(run(model, feeds)[0], run(rewrite.path, feeds)[0]) <= tolerance(True, np.dtype(np.float32))
    assert_trains(model, rewrite, tmp_path, feeds)


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        ("opset", "has input size 2 not in range"),
        ("hard sigmoid", "has not been registered: HardSigmoid"),
        ("sizes", "Can broadcast 0 by 0 or 1"),
    ],
)
def test_each_step_is_needed(step: str, reason: str, tmp_path: Path):
    rewrite, feeds = real("classifier")
    with pytest.raises(RuntimeError, match=reason), quiet():
        Training(prepared(rewrite, feeds, without=step), rewrite, tmp_path, feeds).step(1e-3)


def test_weights_are_lifted():
    """Why `--for ort-training`: in a Constant node no weight can be trained."""
    assert weight_names(load(rewrite_named(f"paddleocr-classifier.{FORM}").path)) == []
    assert len(weight_names(load(real("classifier")[0].path))) == 54


def test_detector_does_not_train(tmp_path: Path):
    """Whatever is done before: the CPU build has no gradient for ConvTranspose."""
    rewrite, feeds = real("detector")
    with pytest.raises(RuntimeError, match=r"Could not find an implementation for ConvTransposeGrad"), quiet():
        Training(prepared(rewrite, feeds), rewrite, tmp_path, feeds)


def test_uphill_is_noticed(monkeypatch, tmp_path: Path):
    """The check is one that can fail: against the gradient the loss does not fall."""
    rewrite = rewrite_named(f"opset-17.{FORM}")
    model = load(rewrite.path)
    monkeypatch.setitem(RATES, False, (-1e-2, -1e-4))
    with pytest.raises(pytest.fail.Exception, match="the loss goes from"):
        assert_trains(model, rewrite, tmp_path, feeds_for(rewrite.source, model, batch=1))
