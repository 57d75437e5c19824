"""Training a wake word: which recordings serve as what, folds over voices, scores of held-out recordings."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from harken.metrics.detection import find_peaks, threshold_for_rate
from harken.train.activation.loudness import DECIBEL
from harken.train.activation.scenes import Frames, Source, add, random_noise
from harken.train.activation.spotting import SMOOTH, SpottingConfig, SpottingData, SpottingTask
from harken.train.activation.store import Clip, Store
from harken.train.activation.subband import STRIDE, SubbandConfig, SubbandNet
from harken.train.loop import LoopConfig, best_weights, fit

REFRACTORY = 50
"""Output frames (1 s) in which a word is not reported twice."""
UNHEARD = -10.0
"""Logit of what came before the stream began."""
_PADDING = 100  # frames of quiet before a recording is scored, as in the protocol


@dataclass(frozen=True, kw_only=True)
class Scores:
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
    data: SpottingData, held_back: SpottingData, config: SpottingConfig, loop: LoopConfig, run: Path
) -> SubbandNet:
    """Train in a run folder (or go on there) and return the best network."""
    torch.manual_seed(loop.seed)
    task = SpottingTask(data, held_back, config)
    fit(task, loop, run)
    return load_network(run, config.net)


def load_network(run: Path, config: SubbandConfig) -> SubbandNet:
    """The best network of a run folder."""
    net = SubbandNet(config)
    net.load_state_dict(best_weights(run))
    return net.eval()


def choose_threshold(scores: Sequence[Scores], *, rate: float, floor: float = 0.3) -> float:
    """Threshold with at most `rate` false accepts an hour on the pooled held-out recordings; at least `floor`."""
    peaks = [peak for part in scores for peak in part.peaks]
    return max(floor, threshold_for_rate(peaks, sum(part.hours for part in scores), rate))


def score_held_out(net: SubbandNet, data: SpottingData, *, rng: np.random.Generator) -> Scores:
    """Scores of every recording of `data` as a stream of its own."""
    clean, noisy, delays = [], [], []
    for source in data.positives:
        frames = source.crop(-_PADDING, source.clip.frames + 2 * _PADDING, rng)
        track = smooth_scores(net, frames)
        clean.append(float(track.max()))
        delays.append(float(track.argmax() * STRIDE - _PADDING - source.clip.last))
        noise = random_noise(data.noises, len(frames), source.clip.loudness - 10 * DECIBEL, rng)
        noisy.append(float(smooth_scores(net, add(frames, noise)).max()))
    peaks: list[float] = []
    seconds = 0.0
    for source in (*data.speech, *data.near, *data.noises):
        track = smooth_scores(net, source.crop(-_PADDING, source.clip.frames + 2 * _PADDING, rng))
        peaks += [float(track[place]) for place in find_peaks(track, apart=REFRACTORY, floor=0.05)]
        seconds += source.clip.frames / 100
    return Scores(positives=clean, noisy=noisy, peaks=peaks, hours=seconds / 3600, delays=delays)


def smooth_scores(net: SubbandNet, frames: Frames) -> NDArray[np.float64]:
    """Scores [T / 2] 0..1 of frames [T, bins], of logits averaged over the last `SMOOTH` outputs as at run time."""
    even = frames[: len(frames) // STRIDE * STRIDE]
    with torch.no_grad():
        logits: Tensor = net(torch.from_numpy(np.ascontiguousarray(even))[None], *net.states())[0]
    padded = np.concatenate([np.full(SMOOTH, UNHEARD), logits[0, :, 0].numpy().astype(np.float64)])
    total = np.cumsum(padded)
    return np.asarray(1 / (1 + np.exp(-(total[SMOOTH:] - total[:-SMOOTH]) / SMOOTH)))


def fold_of(clip: Clip, folds: int) -> int:
    """Fold of a recording: all of a speaker lie in one; where the speaker is unknown, recordings are spread."""
    key = clip.speaker or f"{clip.corpus}/{clip.start}"
    return zlib.crc32(f"{clip.corpus}/{key}".encode()) % folds


def pick(data: SpottingData, keep: Mapping[int, bool], folds: int) -> SpottingData:
    """The recordings whose fold is kept; noises are shared out as well, synthesised phrases stay where they are."""

    def kept(sources: Sequence[Source]) -> list[Source]:
        return [source for source in sources if keep[fold_of(source.clip, folds)]]

    near = [source for source in data.near if source.clip.corpus == "synthesised" or keep[fold_of(source.clip, folds)]]
    return SpottingData(
        positives=kept(data.positives), speech=kept(data.speech), near=near, noises=kept(data.noises) or data.noises
    )


def without_variants(data: SpottingData) -> SpottingData:
    """Only recordings as they are: what a score may be taken from."""

    def plain(sources: Sequence[Source]) -> list[Source]:
        return [source for source in sources if not source.clip.variant and source.clip.corpus != "synthesised"]

    return SpottingData(
        positives=plain(data.positives), speech=plain(data.speech), near=plain(data.near), noises=plain(data.noises)
    )


def sources_of(store: Store, split: str) -> list[Source]:
    """All recordings of a split, with their loudness."""
    return [Source(store=store, clip=clip) for clip in store.clips if clip.split == split]
