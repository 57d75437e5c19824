"""Speech that the acoustic model did not learn from, or that is degraded, as the recogniser hears it: tables."""

from __future__ import annotations

import hashlib
import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from harken.asr.acoustic.model import AcousticModel
from harken.asr.ngram.model import NgramModel
from harken.asr.ngram.table import load_ngram
from harken.asr.passes.confidence import ANSWER, FREE
from harken.asr.passes.record import HeardStretch
from harken.asr.passes.rescoring import Rescoring
from harken.asr.recognizer import Recognizer
from harken.asr.search.heard import HeardSentence
from harken.asr.search.source import load_space
from harken.bundle import load_bundle
from harken.data.mixing import SILENT, apply_gain, cut_noise, level, mix_at_snr
from harken.data.rooms import convolve, draw_room, simulate_room
from harken.data.utterances import Utterance, read_corpus
from harken.errors import ConfigError
from harken.events import Interpretation, Samples
from harken.languages.loading import load_locale
from harken.nlu.interpreter import Interpreter
from harken.nlu.shipped import read_shipped_skills
from harken.nlu.spoken_requests import grammar_of_all
from harken.recipes.asr.confidence.tables import Table, TableWriter
from harken.text.words import normalize_words
from harken.train.asr.kept import is_kept

LANGUAGE_MODEL = "ngram-en"
PART = 50
"""Recordings that are kept together: what is lost when the work is interrupted."""
ALL, KEPT, LEARNED = "all", "kept", "learned"
"""Speakers of a source: all, those kept from the acoustic model, the others."""
TRAIN, DEV, CALIBRATION, TEST = "train", "dev", "calibration", "test"
"""What the speech of a speaker serves for."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """Recordings of one kind."""

    corpus: str
    split: str
    speakers: str = ALL
    """`ALL`, `KEPT` or `LEARNED`."""
    degraded: bool = False
    """In noise and rooms, louder or softer."""
    space: str = FREE
    """`FREE`, `GRAMMAR` for the requests of the shipped skills beside the general model, or `ANSWER` for these while a
    yes-or-no question is open. With a grammar, sentences count by their meaning, and those without one not at all."""
    limit: int = 0
    """At most this many recordings, a seeded sample; 0: all."""
    copy: int = 0
    """Number of a further degraded copy."""

    @property
    def name(self) -> str:
        """For files and figures."""
        kind = f" degraded {self.copy}" if self.degraded else ""
        return f"{self.corpus} {self.split} {self.speakers}{kind} {self.space} {self.limit}"


@dataclass(frozen=True, kw_only=True)
class NoiseConfig:
    """How speech is degraded."""

    noise: float = 0.8
    """Share in noise."""
    snr_low: float = 0.0
    """Lowest ratio, dB."""
    snr_high: float = 20.0
    room: float = 0.4
    """Share in a room."""
    gain: float = 6.0
    """Standard deviation of the level, dB."""


def role(split: str, speaker: str) -> str:
    """What a speaker's recordings serve for; half the speakers of `dev` are for the calibration."""
    if split != "dev":
        return split
    return (DEV, CALIBRATION)[int(hashlib.sha256(speaker.encode()).hexdigest(), 16) % 2]


def chosen(source: Source) -> list[Utterance]:
    """The recordings of a source.

    Raises:
        ConfigError: unknown speakers.
    """
    if source.speakers not in (ALL, KEPT, LEARNED):
        raise ConfigError(f"speakers = '{source.speakers}'; expected '{ALL}', '{KEPT}' or '{LEARNED}'")
    found = [u for u in read_corpus(source.corpus, source.split) if u.text or u.label or u.intent]
    if source.speakers != ALL:
        found = [u for u in found if is_kept(u.corpus, u.speaker or "") == (source.speakers == KEPT)]
    order = np.random.default_rng(0).permutation(len(found))[: source.limit or None]
    return [found[place] for place in sorted(order)]


class Listener:
    """Hears sources and keeps what it heard.

    Args:
        folder: gets the tables; existing ones are kept.
        noise: how speech is degraded.
    """

    def __init__(self, folder: Path, noise: NoiseConfig):
        self._folder, self._noise = folder, noise
        self._heard: list[tuple[HeardStretch, Sequence[str]]] = []
        self._recognizers: dict[str, Recognizer] = {}

    def table(self, source: Source) -> Table:
        """The table of a source; parts of it that are missing are heard."""
        folder, utterances = self._folder / source.name.replace(" ", "."), chosen(source)
        for first in range(0, len(utterances), PART):
            file = folder / f"{first:05d}.npz"
            if not file.is_file():
                folder.mkdir(parents=True, exist_ok=True)
                self._hear(source, utterances[first : first + PART], first).save(file)
                print(f"{source.name}: {min(first + PART, len(utterances))} of {len(utterances)} heard", flush=True)
        return Table.joined([Table.load(file) for file in sorted(folder.glob("?????.npz"))])

    def _hear(self, source: Source, utterances: Sequence[Utterance], first: int) -> Table:
        writer = TableWriter(self._language)
        recognizer = self._recognizer(source.space)
        for utterance, samples in self._sounds(source, utterances, first):
            self._heard.clear()
            recognizer.transcribe(samples)
            said = utterance.text or (None if utterance.intent else utterance.label)
            # Words of `train` that a grammar foresaw are not learned from: their recordings are for sentences.
            written = said is not None and (source.space == FREE or source.split != "train")
            name = f"{utterance.corpus}/{utterance.audio.name}"
            writer.add(
                name, utterance.speaker or name, self._heard, normalize_words(said) if said and written else None,
                [self._judged(source, utterance, said, stretch.sentences) for stretch, _ in self._heard],
            )  # fmt: skip
        return writer.table()

    def _judged(
        self, source: Source, utterance: Utterance, said: str | None, sentences: Sequence[HeardSentence]
    ) -> Sequence[bool | None] | None:  # fmt: skip
        """Of each sentence, whether it means what was said, and None where it means nothing in this space; None where
        the words themselves count."""
        if source.space == FREE and said is not None:
            return None
        meant = None if said is None else self._interpreter.understand(said)
        judged: list[bool | None] = []
        for sentence in sentences:
            reading = self._interpreter.understand(" ".join(sentence.texts))
            if not sentence.answer if source.space == ANSWER else reading.rejected:
                judged.append(None)
            elif meant is None:
                wanted = utterance.intent, dict(utterance.slots)
                judged.append(not reading.rejected and (reading.intent, reading.values) == wanted)
            else:
                judged.append(not meant.rejected and _meaning(reading) == _meaning(meant))
        return judged

    @cached_property
    def _language(self) -> NgramModel:
        return load_ngram(load_bundle(LANGUAGE_MODEL))

    @cached_property
    def _interpreter(self) -> Interpreter:
        return Interpreter.load()

    @cached_property
    def _noises(self) -> list[Samples]:
        return [u.read() for u in read_corpus("noise", "train") if u.label != "kitchen"]

    def _recognizer(self, space: str) -> Recognizer:
        if space not in self._recognizers:
            self._recognizers[space] = self._load(space)
        return self._recognizers[space]

    def _load(self, space: str) -> Recognizer:
        locale = load_locale()
        grammar = None if space == FREE else grammar_of_all(read_shipped_skills(locale))
        model = AcousticModel.load(locale.bundle("acoustic"))
        heard = load_space(model.labels, grammar=grammar, language_model=LANGUAGE_MODEL, locale=locale)
        # All other passes come before; a confidence that is installed may know other features than these.
        recognizer = Recognizer(model, heard.while_asked() if space == ANSWER else heard, confidence=_Ear(self._heard))
        if space == FREE and locale.bundles.rescoring:
            second = Rescoring.load(locale.bundles.rescoring)
            recognizer.rescoring = replace(second, options=replace(second.options, budget=math.inf))  # however long
        return recognizer

    def _sounds(
        self, source: Source, utterances: Sequence[Utterance], first: int
    ) -> Iterator[tuple[Utterance, Samples]]:
        for number, utterance in enumerate(utterances, first):
            samples = utterance.read()
            if source.degraded:
                samples = degraded(samples, self._noises, self._noise, np.random.default_rng([source.copy, number]))
            yield utterance, samples


@dataclass(frozen=True)
class _Ear:
    """A pass that keeps what comes by."""

    heard: list[tuple[HeardStretch, Sequence[str]]]
    name: str = "ear"

    def __call__(self, heard: HeardStretch, before: Sequence[str]) -> HeardStretch:
        self.heard.append((heard, tuple(before)))
        return heard


def degraded(
    samples: Samples, noises: Sequence[Samples], config: NoiseConfig, rng: np.random.Generator
) -> Samples:  # fmt: skip
    """Speech [n] in a room, in noise, at another level."""
    if rng.random() < config.room:
        samples = convolve(samples, simulate_room(draw_room(rng)))
    if rng.random() < config.noise:
        noise = noises[int(rng.integers(len(noises)))]
        ratio, piece = float(rng.uniform(config.snr_low, config.snr_high)), cut_noise(noise, len(samples), rng=rng)
        if level(piece) > SILENT:  # some noises pause
            samples = mix_at_snr(samples, piece, ratio)
    return np.clip(apply_gain(samples, float(rng.normal(0, config.gain))), -1, 1)


def by_role(tables: Sequence[tuple[Source, Table]]) -> dict[tuple[str, str], list[Table]]:
    """(role, space) -> tables."""
    found: dict[tuple[str, str], list[Table]] = {}
    for source, table in tables:
        roles = np.array([role(source.split, str(speaker)) for speaker in table.speakers])
        for one in sorted(set(roles.tolist())):
            found.setdefault((one, source.space), []).append(table.of_stretches(roles == one))
    return found


def _meaning(reading: Interpretation) -> tuple[str, str, Mapping[str, object], bool]:
    return reading.skill, reading.intent, reading.values, reading.negated


def texts_of(tables: Sequence[Table]) -> list[list[str]]:
    """The words of all sentences of several tables."""
    return [str(text).split() for text in itertools.chain.from_iterable(table.texts for table in tables)]
