"""The comparison of teacher, students and bits: outputs on the folds that were not learned from, figures, changes.

Every figure comes from a network's packed file, run without torch as the product runs it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harken.activation.packing import read_header, read_weights, tensor_bytes
from harken.activation.sound_network import FILE, SoundNetwork, classified
from harken.bundle import Bundle
from harken.metrics.comparison import Estimate, SystemRun, by_unit, difference, mean_figure, ratio, relative_change
from harken.metrics.result import Result
from harken.train.activation.sound_events.arms import ALONE, DISTILLED, TEACHER, after_training, while_training
from harken.train.activation.sound_events.material import LABELS
from harken.train.activation.sound_events.scenes import Scaling, Sound

SET = "ESC-10, four folds"
_OUTPUTS, _FACTS = "outputs.npz", "outputs.json"
Logits = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Outputs:
    """What the networks of one training say about the fold that they have not heard."""

    seed: int
    fold: int
    sources: tuple[str, ...]
    """Field recording of each clip."""
    truth: NDArray[np.int64]
    """[clips] Index of its class."""
    logits: Mapping[str, Logits]
    """Network -> [clips, classes + 1], mean over the steps that hold sound."""
    sizes: Mapping[str, tuple[int, int, int]]
    """Network -> bytes of its file, bytes of its tensors of two or more axes in it, and parameters."""

    @classmethod
    def measure(
        cls, files: Mapping[str, bytes], tested: Sequence[Sound], scaling: Scaling, *, seed: int, fold: int
    ) -> Outputs:
        """Run the packed file of each network over the clips."""
        return cls(
            seed=seed, fold=fold, sources=tuple(sound.source for sound in tested),
            truth=np.asarray([LABELS.index(sound.event) for sound in tested]),
            logits={name: _run(file, tested, scaling) for name, file in files.items()},
            sizes={name: _sizes(file) for name, file in files.items()},
        )  # fmt: skip

    @staticmethod
    def is_written(folder: Path) -> bool:
        """Whether a folder holds outputs."""
        return (folder / _FACTS).is_file()

    def write(self, folder: Path) -> None:
        """Keep them."""
        np.savez_compressed(folder / _OUTPUTS, allow_pickle=False, truth=self.truth, **dict(self.logits))
        facts = {"seed": self.seed, "fold": self.fold, "sources": self.sources, "sizes": dict(self.sizes)}
        (folder / _FACTS).write_text(json.dumps(facts) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Outputs:
        """What was written."""
        facts = json.loads((folder / _FACTS).read_text(encoding="utf-8"))
        with np.load(folder / _OUTPUTS, allow_pickle=False) as arrays:
            logits = {name: arrays[name] for name in arrays.files if name != "truth"}
            truth = arrays["truth"]
        sizes = {name: tuple(row) for name, row in facts["sizes"].items()}
        return cls(
            seed=facts["seed"], fold=facts["fold"], sources=tuple(facts["sources"]), truth=truth, logits=logits,
            sizes=sizes,
        )  # fmt: skip

    def right(self, network: str) -> NDArray[np.bool_]:
        """[clips] Whether the highest of the ten classes is the clip's."""
        return np.asarray(self.logits[network][:, : len(LABELS)].argmax(axis=1) == self.truth)

    def accuracy(self, network: str) -> float:
        """Share of the clips that are right."""
        return float(self.right(network).mean())


def results_of(
    outputs: Sequence[Outputs], *, recipe: str, shipped: str, bundle: Bundle, rounds: int
) -> Iterator[Result]:
    """Accuracy of every network, changes between them, sizes.

    Args:
        outputs: of every seed and fold.
        recipe: name for the results.
        shipped: the network that ships.
        bundle: it, as it ships.
        rounds: of the bootstrap over field recordings.
    """
    seeds = tuple(sorted({one.seed for one in outputs}))
    right = _runs(outputs, wrong=False)
    clips = sum(len(one.truth) for one in outputs if one.seed == seeds[0])
    figures = _Figures(recipe=recipe, seeds=seeds, n=clips)
    names = tuple(outputs[0].logits)
    for name in names:
        rng = np.random.default_rng(0)
        value = mean_figure(right, name, statistic=ratio, rng=rng, rounds=rounds)
        by_fold = ", ".join(f"{100 * share:.1f}" for share in _by_fold(outputs, name))
        one = replace(figures, seeds=seeds[:1]) if name == TEACHER else figures
        yield one.sampled("accuracy", name, value, note=f"folds {by_fold} %")
    wrong = _runs(outputs, wrong=True)
    for method, baseline, condition in _error_changes(shipped):
        rng = np.random.default_rng(0)
        value = relative_change(wrong, method, baseline, statistic=ratio, rng=rng, rounds=rounds)
        yield figures.sampled("relative change of the error rate", condition, value)
    for method, baseline in _pairs(names):
        rng = np.random.default_rng(0)
        value = difference(right, method, baseline, statistic=ratio, rng=rng, rounds=rounds)
        yield figures.sampled("difference of accuracy", f"{method} against {baseline}", value, unit="points")
    yield from _size_results(outputs[0], figures, shipped=shipped, bundle=bundle)


def _error_changes(shipped: str) -> tuple[tuple[str, str, str], ...]:
    """(method, baseline, condition): the paper's claims by their own names, and the whole against the plain student."""
    return (
        (DISTILLED, ALONE, "distilled against trained alone"),
        (shipped, DISTILLED, "quantised student against full-precision student"),
        (shipped, ALONE, f"{shipped} against {ALONE}"),
    )


def _pairs(names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """What few bits cost, after and while learning, and which of the two costs less."""
    for base in (ALONE, DISTILLED):
        for bits in range(8, 1, -1):
            after, aware = after_training(base, bits), while_training(base, bits)
            if after in names:
                yield after, base
                yield aware, base
                yield aware, after


def _size_results(outputs: Outputs, figures: _Figures, *, shipped: str, bundle: Bundle) -> Iterator[Result]:
    for name, (file, _, parameters) in outputs.sizes.items():
        yield figures.counted("size of the weights' file", "bytes", file, condition=name,
                              note=f"{parameters} parameters")  # fmt: skip
    share = 100 * outputs.sizes[shipped][1] / outputs.sizes[DISTILLED][1]
    yield figures.counted("weights relative to the float student", "%", share, condition=shipped)
    actual = 100 * len(bundle.path(FILE).read_bytes()) / outputs.sizes[TEACHER][0]
    yield figures.counted(
        "size relative to the teacher", "%", actual, condition="quantised student against teacher", bundle=bundle
    )


@dataclass(frozen=True, kw_only=True)
class _Figures:
    """What all results share."""

    recipe: str
    seeds: tuple[int, ...]
    n: int

    def sampled(self, metric: str, condition: str, value: Estimate, *, unit: str = "%", note: str = "") -> Result:
        return Result(
            recipe=self.recipe, metric=metric, unit=unit, value=100 * value.value, low=100 * value.low,
            high=100 * value.high, n=self.n, set=SET, condition=condition, seeds=self.seeds, note=note,
            command=f"harken score {self.recipe} method",
        )  # fmt: skip

    def counted(
        self, metric: str, unit: str, value: float, *, condition: str, note: str = "", bundle: Bundle | None = None
    ) -> Result:
        return Result(
            recipe=self.recipe, metric=metric, unit=unit, value=value, n=1, set="files", condition=condition, note=note,
            bundles={bundle.name: bundle.hash} if bundle else {}, seeds=self.seeds[:1],
            command=f"harken score {self.recipe} method",
        )  # fmt: skip


def _runs(outputs: Sequence[Outputs], *, wrong: bool) -> list[SystemRun[tuple[float, float]]]:
    """One run for each network and seed, over all folds; a unit is a field recording."""
    runs = []
    for seed in sorted({one.seed for one in outputs}):
        of_seed = [one for one in outputs if one.seed == seed]
        for name in of_seed[0].logits:
            rows = [
                (source, float(right != wrong), 1.0)
                for one in of_seed
                for source, right in zip(one.sources, one.right(name), strict=True)
            ]
            runs.append(SystemRun(system=name, group=SET, seed=seed, units=by_unit(rows)))
    return runs


def _by_fold(outputs: Sequence[Outputs], name: str) -> list[float]:
    """Mean over the seeds, fold by fold."""
    folds = sorted({one.fold for one in outputs})
    return [float(np.mean([one.accuracy(name) for one in outputs if one.fold == fold])) for fold in folds]


def _run(file: bytes, tested: Sequence[Sound], scaling: Scaling) -> Logits:
    network = SoundNetwork(read_weights(file), scaling.centre, scaling.deviation)
    return np.stack([classified(network, sound.frames) for sound in tested])


def _sizes(file: bytes) -> tuple[int, int, int]:
    header = read_header(file)
    shapes = header.shapes.values()
    tensors = (tensor_bytes(shape, bits=header.bits, bucket=header.bucket) for shape in shapes if len(shape) > 1)
    return len(file), sum(tensors), sum(map(math.prod, shapes))
