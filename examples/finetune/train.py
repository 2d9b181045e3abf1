"""Fine-tunes one task's models by every method and batch, and writes a row a run.

    python train.py FOLDER TASK RESULTS.tsv [--batches 1 2 …] [--rates R …] [--seeds N] [--methods M …] [--passes N]

FOLDER/TASK has source.onnx, copy.onnx, statistics.onnx, calibrate.onnx, and train, validation, test .npz with x and target.
Every run sees every training sample --passes times, so a batch of 16 takes a sixteenth of the steps of a batch of 1. For each method
and batch, each rate, times √batch, is tried with seed 0; the one that is best on the validation data is then run with the other
seeds, and scored on the test data.
"""

import argparse
import multiprocessing
import time
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from nets import load, train_mode
from tasks import TASKS, Samples, read


@dataclass(frozen=True)
class Method:
    file: str
    frozen: bool = False


METHODS = {
    "bn": Method("source"),
    "bn-frozen": Method("source", frozen=True),
    "copy": Method("copy"),
    "statistics": Method("statistics"),
    "calibrate": Method("calibrate"),
}
COLUMNS = ("method", "batch", "rate", "seed", "before", "validation", "test", "by_batch")
# Of an evaluation; no method's answer depends on it.
EVALUATED = 16


def main() -> None:
    options = arguments()
    jobs = [(options, method, batch) for batch in sorted(options.batches) for method in options.methods]
    started = time.time()
    found = {}
    with multiprocessing.get_context("spawn").Pool(options.processes) as pool:
        for key, rows in pool.imap_unordered(cell, jobs):
            found[key] = rows
            write(options.results, jobs, found)
            print(f"[{time.time() - started:.0f} s] {len(found)}/{len(jobs)} {' '.join(map(str, rows[-1]))}", flush=True)


def write(path: Path, jobs, found) -> None:
    """What is known so far, in the order of the jobs, so that an interruption loses little."""
    rows = [row for _, method, batch in jobs for row in found.get((method, batch), [])]
    lines = ["\t".join(map(str, row)) for row in (COLUMNS, *rows)]
    path.write_text("\n".join(lines) + "\n", "utf-8")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("task", choices=TASKS)
    parser.add_argument("results", type=Path)
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 2, 4, 8, 16])
    parser.add_argument("--rates", type=float, nargs="+", default=[3e-5, 1e-4, 3e-4, 1e-3])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=list(METHODS))
    parser.add_argument("--passes", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    return parser.parse_args()


def cell(job) -> tuple[tuple[str, int], list[tuple]]:
    """The search of the rate, and the runs with the best: rows of COLUMNS. - is what is not known: test where a rate was not the best,
    by_batch where there is no BatchNormalization in training mode."""
    options, name, batch = job
    # One process a core is faster than one operator on two cores: most are small.
    torch.set_num_threads(1)
    folder, task, method = options.folder / options.task, TASKS[options.task], METHODS[name]
    train, validation, test = (read(folder / f"{part}.npz") for part in ("train", "validation", "test"))
    path = folder / f"{method.file}.onnx"
    before = evaluate(load(path), task, test)

    def run(rate: float, seed: int) -> tuple[float, nn.Module]:
        net = load(path)
        fine_tune(net, task, train, method.frozen, batch, rate * batch**0.5, options.passes, seed)
        return evaluate(net, task, validation), net

    def row(rate: float, seed: int, quality: float, net: nn.Module | None) -> tuple:
        scores = [None, None] if net is None else [evaluate(net, task, test), None]
        if net is not None and name == "bn":
            scores[1] = evaluate(net, task, test, batch)
        shown = ["-" if value is None else f"{value:.4f}" for value in (before, quality, *scores)]
        return (name, batch, f"{rate * batch**0.5:.3g}", seed, *shown)

    searched = [(rate, *run(rate, 0)) for rate in options.rates]
    best = max(searched, key=lambda it: it[1])[0]
    rows = [row(rate, 0, quality, net if rate == best else None) for rate, quality, net in searched]
    rows += [row(best, seed, *run(best, seed)) for seed in range(1, options.seeds)]
    return (name, batch), rows


def fine_tune(net, task, data: Samples, frozen: bool, batch: int, rate: float, passes: int, seed: int) -> None:
    """Adam over all parameters, its rate falling to 0 along a cosine. The order of the samples hangs on the seed alone."""
    train_mode(net, frozen)
    optimiser = torch.optim.Adam(net.parameters(), lr=rate, foreach=True)
    steps = len(data) // batch
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, passes * steps)
    generator = torch.Generator().manual_seed(seed)
    for _ in range(passes):
        order = torch.randperm(len(data), generator=generator)
        for chosen in order[: steps * batch].split(batch):
            loss = task.loss(net(data.inputs[chosen]), data.targets[chosen])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()


def evaluate(net: nn.Module, task, data: Samples, by_batch: int | None = None) -> float:
    """Mean quality in evaluation mode, BatchNormalization by its running statistics; or by those of batches of a size."""
    net.train(by_batch is not None)
    size = by_batch or EVALUATED
    with torch.no_grad():
        scores = [task.score(net(x), y) for x, y in zip(data.inputs.split(size), data.targets.split(size))]
    return float(torch.cat(scores).mean())


if __name__ == "__main__":
    main()
