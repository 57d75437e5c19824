"""Your own wake word, from recordings, or from its spelling alone and a synthesiser.

    bundle = train_wakeword("hey robin")

Takes a few minutes on two cores and needs no corpus. With `HARKEN_DATA` set, its recordings serve as further
negatives; so do your own recordings.
"""

from __future__ import annotations

import hashlib
import logging
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from harken import paths
from harken.activation.wakeword import bundle_name
from harken.audio.files import read_audio
from harken.bundle import Bundle
from harken.data.voices import DebianVoice, MissingProgram, training_voices
from harken.errors import AudioError, DataError
from harken.events import SAMPLE_RATE, Samples
from harken.train.activation import sources
from harken.train.activation.configs import SpottingConfig
from harken.train.activation.phrases import EVERYDAY, near_phrases
from harken.train.activation.scenes import StoredClip
from harken.train.activation.spotting import SpottingData
from harken.train.activation.store import Clip, ClipStore, write_clips
from harken.train.activation.wakeword import (
    choose_threshold,
    fold_of,
    measure_timing,
    score_held_out,
    train_network,
    without_variants,
    write_wakeword,
)
from harken.train.arrays import is_written
from harken.train.schedule import LoopConfig
from harken.workshop.wake_words import checked_word

log = logging.getLogger(__name__)

ENDINGS = (".wav", ".flac", ".ogg", ".opus", ".mp3", ".m4a", ".webm", ".aac")
WORD = "(the word)"
"""Label of recordings of the word, whatever it is."""
_PIECE = 30 * SAMPLE_RATE
FEWEST = 5
"""Fewest recordings of the word: with fewer, training would only memorise them."""


@dataclass(frozen=True, kw_only=True)
class PersonalConfig:
    """How much is synthesised and learned; the defaults take about two minutes on one free core."""

    spoken: int = 320
    """Renderings of the word; half as many when there are recordings."""
    near_each: int = 3
    """Renderings of each near-sounding phrase."""
    everyday_each: int = 3
    """Renderings of each everyday sentence."""
    copies: int = 8
    """Variants of each recording of the word."""
    per_corpus: int = 120
    """Recordings of each corpus of the data root, when there is one."""
    rate: float = 0.5
    """False accepts per hour on held-out sound at which the threshold is set."""
    seed: int = 0
    spotting: SpottingConfig = field(default_factory=SpottingConfig)
    loop: LoopConfig = field(
        default_factory=lambda: LoopConfig(steps=160, lr=4e-3, average=0.98, validate_every=80, checkpoint_seconds=10.0)
    )


def train_wakeword(
    word: str,
    *,
    positives: Path | None = None,
    negatives: Path | None = None,
    folder: Path | None = None,
    config: PersonalConfig | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> Bundle:
    """Train a wake word and register it for the user.

    Args:
        word: one to four words, as they are spelt.
        positives: folder of recordings, each with the word said once; synthesised when there is none.
        negatives: folder of other recordings: speech without the word, sounds of the house.
        folder: of the bundle; by default where the assistant looks, under HARKEN_HOME.
        config: how much is synthesised and learned.
        progress: called with 'speak' (examples are synthesised), 'learn' or 'measure', and the share 0..1 of it that is
            done.

    Returns:
        The bundle; its `scores` hold misses and false accepts on held-out sound.

    Raises:
        ConfigError: a word that cannot be one.
        DataError: too few recordings.
        MissingProgram: nothing to learn from: no recordings, and espeak-ng is not installed.
    """
    config, tell = config or PersonalConfig(), progress or (lambda step, share: None)
    word = checked_word(word)
    run = paths.runs() / bundle_name(word)
    _start_afresh_if_changed(run, word, positives, negatives, config)
    if not is_written(run / "sounds"):
        _gather(run / "sounds", word, positives, negatives, config, lambda share: tell("speak", share))
    learned, held_back = _material(ClipStore(run / "sounds"))
    net = train_network(
        learned, held_back, config.spotting, config.loop, run, progress=lambda share: tell("learn", share)
    )
    tell("measure", 0.0)
    rng = np.random.default_rng(config.seed)
    held_out = score_held_out(net, without_variants(held_back, synthesised=True), rng=rng)
    threshold = choose_threshold([held_out], rate=config.rate)
    scores = {
        "held_out_recordings": len(held_out.positives), "hours_without_the_word": round(held_out.hours, 3),
        "missed": sum(score < threshold for score in held_out.positives),
        "missed_in_noise_10_dB": sum(score < threshold for score in held_out.noisy),
        "false_accepts": sum(peak >= threshold for peak in held_out.peaks),
    }  # fmt: skip
    origin = {"trained_by": "harken train wakeword", "date": datetime.now(UTC).date().isoformat(), "seed": config.seed}
    bundle = write_wakeword(
        folder or paths.home() / "bundles" / bundle_name(word), net, word=word, threshold=threshold,
        timing=measure_timing(net, learned.positives[:200], threshold, rng=rng), probe=_probe(learned),
        card=_card(word), origin=origin, scores=scores,
    )  # fmt: skip
    (run / "done").touch()
    tell("measure", 1.0)
    return bundle


def _start_afresh_if_changed(
    run: Path, word: str, positives: Path | None, negatives: Path | None, config: PersonalConfig
) -> None:
    """A killed run continues where it was; a different word, other recordings or settings start a new one."""
    files = [path for folder in (positives, negatives) if folder for path in _recordings(folder)]
    facts = [word, repr(config), str(paths.data_if_any()), *(f"{p} {p.stat().st_mtime_ns}" for p in files)]
    wanted = hashlib.sha256("\n".join(facts).encode()).hexdigest()
    mark = run / "made-from"
    if mark.is_file() and mark.read_text(encoding="utf-8") == wanted and not (run / "done").exists():
        return
    shutil.rmtree(run, ignore_errors=True)
    run.mkdir(parents=True)
    mark.write_text(wanted, encoding="utf-8")


def _gather(
    folder: Path, word: str, positives: Path | None, negatives: Path | None, config: PersonalConfig,
    tell: Callable[[float], None],
) -> None:  # fmt: skip
    rng = np.random.default_rng(config.seed)
    parts: list[Iterator[tuple[Clip, Samples]]] = [_noises(rng)]
    if positives is not None:
        parts.append(sources.varied(_own(positives, WORD, fewest=FEWEST), copies=config.copies, rng=rng))
    if negatives is not None:
        parts.append(iter(_own(negatives, "speech", fewest=1)))
    try:
        voices = training_voices()
    except MissingProgram:
        if positives is None:
            raise
        log.warning("espeak-ng is not installed: training uses recordings only")
    else:
        share = 1.0 if positives is None else 0.5
        parts.append(_synthesised(word, voices, config, share, rng, tell))
    if paths.data_if_any() is not None:
        parts.append(_without(word, sources.recordings(room_share=0.15, rng=rng, limit_per_corpus=config.per_corpus)))
    write_clips(folder, (pair for part in parts for pair in part))


def _synthesised(
    word: str, voices: Sequence[DebianVoice], config: PersonalConfig, share: float, rng: np.random.Generator,
    tell: Callable[[float], None],
) -> Iterator[tuple[Clip, Samples]]:  # fmt: skip
    """The word, phrases that sound like it, and phrases that do not."""
    each = [(word, WORD, round(share * config.spoken))]
    each += [(text, "near", config.near_each) for text in near_phrases(word)]
    each += [(text, "speech", config.everyday_each) for text in EVERYDAY]
    phrases = [(text, label) for text, label, count in each for _ in range(count)]
    spoken = sources.spoken(phrases, voices, each=1, rng=rng)
    for number, pair in enumerate(track(spoken, "speak", total=len(phrases), console=Console(stderr=True)), 1):
        tell(number / len(phrases))
        yield pair


def _without(word: str, pairs: Iterator[tuple[Clip, Samples]]) -> Iterator[tuple[Clip, Samples]]:
    plain = sources.plain(word)
    return (pair for pair in pairs if plain not in sources.plain(pair[0].label))


def _own(folder: Path, label: str, *, fewest: int) -> list[tuple[Clip, Samples]]:
    """The recordings of a folder; unreadable ones are named and left out."""
    pieces = []
    for path in _recordings(folder):
        try:
            samples = read_audio(path)
        except AudioError as error:
            log.warning("left out: %s", error)
            continue
        for start in range(0, len(samples), _PIECE):
            clip = Clip(corpus="own", split="train", speaker=path.name, label=label)
            pieces.append((clip, samples[start : start + _PIECE]))
    if len(pieces) < fewest:
        raise DataError(
            f"{folder} holds {len(pieces)} readable recordings ({', '.join(ENDINGS)}); at least {fewest} are needed: "
            "record some more, by several people if you can"
        )
    return pieces


def _recordings(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise DataError(f"{folder} is not a folder; give one that contains recordings")
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in ENDINGS)


def _noises(rng: np.random.Generator) -> Iterator[tuple[Clip, Samples]]:
    """Hiss, rumble, hum and knocks, for machines without recorded noises."""
    length = 20 * SAMPLE_RATE
    frequency = np.fft.rfftfreq(length, 1 / SAMPLE_RATE) + 20
    for number in range(24):
        shape = frequency ** -rng.uniform(0, 1.2)
        noise = np.fft.irfft(np.fft.rfft(rng.standard_normal(length)) * shape, length)
        if number % 3 == 1:
            swell = np.interp(np.arange(length), np.linspace(0, length, 41), rng.uniform(-3, 0, 41))
            noise *= np.exp(swell)
        if number % 3 == 2:
            knocks = np.zeros(length)
            knocks[rng.integers(0, length, 40)] = rng.exponential(30, 40)
            noise += np.convolve(knocks, np.exp(-np.arange(1600) / rng.uniform(40, 400)), mode="same") * noise.std()
        samples = (0.1 * noise / np.abs(noise).max()).astype(np.float32)
        yield Clip(corpus=sources.NOISE, split="train", label="made", speaker=f"noise{number}"), samples


def _material(store: ClipStore) -> tuple[SpottingData, SpottingData]:
    """What is learned from, and the fifth of the voices that is held back."""
    return _part(store, held=False), _part(store, held=True)


def _part(store: ClipStore, *, held: bool) -> SpottingData:
    chosen = [StoredClip(store=store, clip=clip) for clip in store.clips if (fold_of(clip, 5) == 0) == held]
    noises = [source for source in chosen if source.clip.corpus == sources.NOISE]
    others = [source for source in chosen if source.clip.corpus != sources.NOISE and source.clip.label != WORD]
    positives = [source for source in chosen if source.clip.label == WORD]
    if not positives:
        raise DataError("all recordings of the word ended up in the same part; record a few more, under other names")
    return SpottingData(
        positives=positives, speech=others, near=[s for s in others if s.clip.label == "near"], noises=noises
    )


def _probe(data: SpottingData) -> NDArray[np.float32]:
    return np.concatenate([source.store.of(source.clip) for source in (*data.positives[:4], *data.speech[:8])])


def _card(word: str) -> str:
    return f"""# Wake word "{word}"

Trained on this machine by `harken train wakeword`. The figures in bundle.json are from a fifth of the voices, which the
network did not learn from; synthesised voices among them are easier than people.
"""
