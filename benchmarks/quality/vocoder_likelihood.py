"""Likelihoods of recordings under networks that heard one, six and many speakers, and how far the recordings lie from
what those heard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from sklearn.mixture import GaussianMixture

from benchmarks.quality.vocoder_sets import Item
from harken.audio.features import Frames
from harken.cli.recipes import open_recipe
from harken.metrics.comparison import SystemRun, difference, mean_figure
from harken.metrics.mixtures import Mixture, divergence
from harken.metrics.paired import holm, paired_t_test
from harken.metrics.result import Result, append_result
from harken.recipes.tts.universal_vocoder.material import LADDER, MANY, ONE, coded_folder
from harken.recipes.tts.universal_vocoder.recipe import METRIC, Config, load_net, networks
from harken.train.arrays import Arrays
from harken.train.tts.likelihood import code_losses
from harken.tts.mel_frames import MelAnalysis

CHANGE = f"difference of the {METRIC}"
DISTANCE = "divergence from the training set"
_COMPONENTS, _CEPSTRA, _FRAMES = 16, 20, 6000
"""Of the mixtures: Gaussians, cepstra of a frame, and most frames that they are fitted to."""


def report_likelihoods(sets: Mapping[str, Sequence[Item]], *, recipe: str, command: str, write: bool) -> None:
    """Print and write what the trained networks foresee, and the distances of their training sets."""
    opened = open_recipe(recipe, "method")
    config, run = opened.config, opened.run
    shared = {"recipe": recipe, "command": command, "seeds": config.seeds}
    losses = _losses(config, run, sets)
    for where, runs in losses.items():
        for speakers in config.speakers:
            found = mean_figure(runs, speakers, statistic=_mean, rng=np.random.default_rng(0))
            _tell(Result(metric=METRIC, unit="nats", value=found.value, low=found.low, high=found.high,
                         n=len(sets[where]), set=where, condition=speakers, **shared), write)  # fmt: skip
    _report_changes(losses, {where: len(items) for where, items in sets.items()}, shared, write)
    for where, items in sets.items():
        for speakers, distance in _distances(config.analysis, items).items():
            _tell(Result(metric=DISTANCE, unit="nats", value=distance, n=len(items), set=where, condition=speakers,
                         note="Kullback-Leibler, mixtures of 16 Gaussians over cepstra", **shared), write)  # fmt: skip


def _losses(
    config: Config, run: Path, sets: Mapping[str, Sequence[Item]]
) -> dict[str, list[SystemRun[float]]]:  # fmt: skip
    """Set -> nats per sample of its units, for each network; all sets go through a network at once."""
    found: dict[str, list[SystemRun[float]]] = {where: [] for where in sets}
    recordings = [item.samples for items in sets.values() for item in items]
    for speakers, seed, folder in networks(config, run):
        values = iter(code_losses(load_net(config, folder), recordings, config.analysis, config.coding))
        for where, items in sets.items():
            kept: dict[str, list[float]] = {}
            for item in items:
                kept.setdefault(item.unit, []).append(next(values))
            units = {unit: float(np.mean(own)) for unit, own in kept.items()}
            found[where].append(SystemRun(system=speakers, group="", seed=seed, units=units))
    return found


def _report_changes(
    losses: Mapping[str, list[SystemRun[float]]], counts: Mapping[str, int], shared: Mapping[str, object], write: bool
) -> None:
    """Many speakers against one on every set, tested together."""
    pairs = {where: [_of(runs, name) for name in (MANY, ONE)] for where, runs in losses.items()}
    chances = holm([paired_t_test(*pair).p for pair in pairs.values()])
    for (where, runs), p in zip(losses.items(), chances, strict=True):
        change = difference(runs, MANY, ONE, statistic=_mean, rng=np.random.default_rng(0))
        _tell(Result(metric=CHANGE, unit="nats", value=change.value, low=change.low, high=change.high, n=counts[where],
                     set=where, condition=f"{MANY} against {ONE}", note=f"paired t-test, Holm: p = {p:.2g}", **shared),
              write)  # fmt: skip


def _of(runs: Sequence[SystemRun[float]], system: str) -> list[float]:
    """Mean over the seeds for each unit."""
    tables = [run.units for run in runs if run.system == system]
    return [float(np.mean([table[unit] for table in tables])) for unit in sorted(tables[0])]


def _distances(analysis: MelAnalysis, items: Sequence[Item]) -> dict[str, float]:
    """Training set -> divergence of its frames' mixture from that of the recordings."""
    here = _fit(np.concatenate([analysis.frames(item.samples) for item in items]))
    theirs = {name: _fit(Arrays(coded_folder(name, analysis), "frames")["frames"]) for name in LADDER}
    return {name: divergence(here, one, rng=np.random.default_rng(0)) for name, one in theirs.items()}


def _fit(frames: Frames) -> Mixture:
    """A mixture over the cepstra 1..20 of the frames with sound."""
    frames = np.asarray(frames, np.float32)
    heard = frames[frames.max(1) > np.quantile(frames.max(1), 0.3)]
    chosen = heard[np.linspace(0, len(heard) - 1, min(_FRAMES, len(heard))).astype(int)]
    bands = frames.shape[1]
    angles = np.pi / bands * np.outer(np.arange(1, _CEPSTRA + 1), np.arange(bands) + 0.5)
    fitted = GaussianMixture(_COMPONENTS, covariance_type="diag", random_state=0, reg_covar=1e-3, max_iter=50)
    fitted.fit(chosen @ np.cos(angles).T / bands)
    return Mixture(fitted.weights_, fitted.means_, fitted.covariances_)


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))


def _tell(result: Result, write: bool) -> None:
    print(f"{result.set:22s} {result.condition:34s} {result.metric}: {result.figure} {result.note}", flush=True)
    if write:
        append_result(result)
