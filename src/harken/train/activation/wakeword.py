"""Trains a wake word: two networks in turn, folds over voices, scores of held-out recordings, threshold, bundle."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from harken.activation.wakeword import KIND, STRIDE, UNHEARD
from harken.audio.features import FRAME_SHIFT, FRAMES_PER_SECOND, Frames
from harken.bundle import Bundle, write_bundle
from harken.metrics.detection import find_peaks, threshold_for_rate
from harken.train.activation.compact import export_network
from harken.train.activation.configs import SpottingConfig, SubbandConfig
from harken.train.activation.loudness import DECIBEL
from harken.train.activation.scenes import StoredClip, mix, random_noise
from harken.train.activation.spotting import SMOOTH, SpottingData, SpottingTask
from harken.train.activation.store import Clip
from harken.train.activation.subband import SubbandNet
from harken.train.loop import best_weights, fit
from harken.train.schedule import LoopConfig

REFRACTORY = 50
"""Output frames (1 s) within which a word is not reported twice."""
_PADDING = 100  # frames of quiet before a recording is scored, as in the protocol


@dataclass(frozen=True, kw_only=True)
class HeldOutScores:
    """Scores of held-out recordings."""

    positives: Sequence[float]
    """Highest score of each recording with the word, clean."""
    noisy: Sequence[float]
    """The same with noise at 10 dB."""
    peaks: Sequence[float]
    """All separate peaks in recordings without the word."""
    hours: float
    """Hours of sound without the word."""
    delays: Sequence[float]
    """Frames from the word's end to the highest score."""


def train_network(
    data: SpottingData, held_back: SpottingData, config: SpottingConfig, loop: LoopConfig, run: Path, *,
    progress: Callable[[float], None] | None = None,
) -> SubbandNet:  # fmt: skip
    """Train twice in a run folder (or continue there) and return the second network.

    The first network learns from random windows; the second starts from it and also sees what the first one
    mistook for the word. Two runs of `loop.steps` each. `progress` is called with the share 0..1 of both that is done.
    """
    tell = progress or (lambda _: None)
    torch.manual_seed(loop.seed)
    fit(SpottingTask(data, held_back, config), loop, run / "first", progress=lambda share: tell(share / 2))
    first = load_network(run / "first", config.net)
    mistaken = find_mistaken(first, [*data.speech, *data.near, *data.noises], rng=np.random.default_rng(loop.seed))
    task = SpottingTask(replace(data, mistaken=mistaken), held_back, config)
    task.net.load_state_dict(first.state_dict())
    fit(task, replace(loop, lr=loop.lr / 2), run / "second", progress=lambda share: tell((1 + share) / 2))
    return load_network(run / "second", config.net)


def find_mistaken(
    net: SubbandNet, sources: Sequence[StoredClip], *, rng: np.random.Generator, hours: float = 6.0, most: int = 3000
) -> list[tuple[StoredClip, int]]:
    """Where a network hears the word in recordings without it, worst first.

    Args:
        net: the network.
        sources: recordings without the word.
        rng: draws the recordings that are searched.
        hours: of sound to search at most.
        most: places to return.
    """
    mistakes: list[tuple[float, int, int]] = []
    left = hours * 3600 * FRAMES_PER_SECOND
    for index in rng.permutation(len(sources)):
        source = sources[index]
        track = smooth_scores(net, source.store.of(source.clip)) if source.clip.frames >= 2 * STRIDE else np.zeros(0)
        peaks = find_peaks(track, apart=REFRACTORY, floor=0.1)
        mistakes += [(float(track[place]), int(index), place * STRIDE) for place in peaks]
        left -= source.clip.frames
        if left < 0:
            break
    return [(sources[index], place) for _, index, place in sorted(mistakes, reverse=True)[:most]]


def load_network(run: Path, config: SubbandConfig) -> SubbandNet:
    """The best network of a run folder."""
    net = SubbandNet(config)
    net.load_state_dict(best_weights(run))
    return net.eval()


def choose_threshold(scores: Sequence[HeldOutScores], *, rate: float, floor: float = 0.3) -> float:
    """Threshold with at most `rate` false accepts an hour on the pooled held-out recordings; at least `floor`."""
    peaks = [peak for part in scores for peak in part.peaks]
    return max(floor, threshold_for_rate(peaks, sum(part.hours for part in scores), rate))


def score_held_out(net: SubbandNet, data: SpottingData, *, rng: np.random.Generator) -> HeldOutScores:
    """Scores of every recording of `data` as a stream of its own."""
    clean, noisy, delays = [], [], []
    for source in data.positives:
        frames = source.crop(-_PADDING, source.clip.frames + 2 * _PADDING, rng)
        track = smooth_scores(net, frames)
        clean.append(float(track.max()))
        delays.append(float(track.argmax() * STRIDE - _PADDING - source.clip.last))
        noise = random_noise(data.noises, len(frames), source.clip.loudness - 10 * DECIBEL, rng)
        noisy.append(float(smooth_scores(net, mix(frames, noise)).max()))
    peaks: list[float] = []
    seconds = 0.0
    for source in (*data.speech, *data.near, *data.noises):
        track = smooth_scores(net, source.crop(-_PADDING, source.clip.frames + 2 * _PADDING, rng))
        peaks += [float(track[place]) for place in find_peaks(track, apart=REFRACTORY, floor=0.05)]
        seconds += source.clip.frames / FRAMES_PER_SECOND
    return HeldOutScores(positives=clean, noisy=noisy, peaks=peaks, hours=seconds / 3600, delays=delays)


@dataclass(frozen=True, kw_only=True)
class Timing:
    """Where a word is, relative to the moment at which its score reaches the threshold; samples at 16 kHz."""

    delay: int
    """From the word's end to that moment."""
    length: int
    """From the word's beginning to its end."""


def measure_timing(
    net: SubbandNet, positives: Sequence[StoredClip], threshold: float, *, rng: np.random.Generator
) -> Timing:
    """Medians over recordings of the word."""
    delays = []
    for source in positives:
        track = smooth_scores(net, source.crop(-_PADDING, source.clip.frames + 2 * _PADDING, rng))
        above = np.flatnonzero(track >= threshold)
        if len(above):
            delays.append(int(above[0]) * STRIDE - _PADDING - source.clip.last)
    lengths = [source.clip.last - source.clip.first for source in positives]
    delay = float(np.median(delays)) if delays else 0.0
    return Timing(delay=round(delay) * FRAME_SHIFT, length=round(float(np.median(lengths))) * FRAME_SHIFT)


def write_wakeword(
    folder: Path,
    net: SubbandNet,
    *,
    word: str,
    threshold: float,
    timing: Timing,
    probe: Frames,
    card: str,
    origin: Mapping[str, object],
    scores: Mapping[str, object],
) -> Bundle:
    """Write the bundle of a wake word; `probe` [T, bins] are real frames for the parity checks.

    Raises:
        ExportError: network and graph differ.
    """
    graph, change = export_network(net, probe=torch.from_numpy(probe[: len(probe) // 8 * 8]))
    features = {
        "word": word, "bins": net.config.bins, "threshold": round(threshold, 4), "smooth": SMOOTH,
        "refractory": REFRACTORY * STRIDE * FRAME_SHIFT, "delay": timing.delay, "length": timing.length,
    }  # fmt: skip
    return write_bundle(
        folder, name=folder.name, kind=KIND, files={"model.onnx": graph}, card=card, features=features,
        labels=[word], origin=origin, scores={**scores, "logit_change_by_eight_bits": round(change, 4)},
    )  # fmt: skip


def smooth_scores(net: SubbandNet, frames: Frames) -> NDArray[np.float64]:
    """Scores [T / 2] 0..1 of frames [T, bins], of logits averaged over the last `SMOOTH` outputs as at run time."""
    even = frames[: len(frames) // STRIDE * STRIDE]
    with torch.no_grad():
        logits: Tensor = net(torch.from_numpy(np.ascontiguousarray(even))[None], *net.states())[0]
    padded = np.concatenate([np.full(SMOOTH, UNHEARD), logits[0, :, 0].numpy().astype(np.float64)])
    total = np.cumsum(padded)
    return np.asarray(1 / (1 + np.exp(-(total[SMOOTH:] - total[:-SMOOTH]) / SMOOTH)))


def fold_of(clip: Clip, folds: int) -> int:
    """Fold of a recording: all recordings of a speaker are in one fold; those of unknown speakers are spread."""
    key = clip.speaker or f"{clip.corpus}/{clip.start}"
    return zlib.crc32(f"{clip.corpus}/{key}".encode()) % folds


def pick_folds(data: SpottingData, keep: Mapping[int, bool], folds: int) -> SpottingData:
    """The recordings whose fold is kept; noises are divided as well, synthesised phrases are always included."""

    def kept(sources: Sequence[StoredClip]) -> list[StoredClip]:
        return [source for source in sources if keep[fold_of(source.clip, folds)]]

    near = [source for source in data.near if source.clip.corpus == "synthesised" or keep[fold_of(source.clip, folds)]]
    return SpottingData(
        positives=kept(data.positives), speech=kept(data.speech), near=near, noises=kept(data.noises) or data.noises
    )


def without_variants(data: SpottingData, *, synthesised: bool = False) -> SpottingData:
    """Only unchanged recordings, on which scores are measured; synthesised ones only on request."""

    def plain(sources: Sequence[StoredClip]) -> list[StoredClip]:
        return [s for s in sources if not s.clip.variant and (synthesised or s.clip.corpus != "synthesised")]

    return SpottingData(
        positives=plain(data.positives), speech=plain(data.speech), near=plain(data.near), noises=plain(data.noises)
    )
