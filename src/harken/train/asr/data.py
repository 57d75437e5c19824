"""What the acoustic model learns from: pieces of recordings with the words in them, and batches of similar lengths."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from harken.asr.acoustic import STEP_FRAMES
from harken.asr.acoustic.ivector import SpeakerStatistics
from harken.audio.features import Frames, Normalizer, with_sound
from harken.errors import DataError
from harken.train.asr.acoustic import steps_of
from harken.train.asr.augment import AugmentConfig, augment, mask
from harken.train.asr.lexicon import TrainingLexicon, phone_ids
from harken.train.asr.mmi import SentenceGraph, sentence_graph
from harken.train.asr.store import Entry, FeatureStore

WAITED = 0.25
"""Share of streams that had only a quiet room before a piece, of those that had begun before it."""


@dataclass(frozen=True, kw_only=True)
class Piece:
    """Words and the frames in which they were said."""

    source: int
    """Index of its store."""
    entry: Entry
    first: int
    """First frame within the entry."""
    frames: int
    words: tuple[str, ...]
    corpus: str


def quietest(features: Frames, share: float = 0.1) -> Frames:
    """The quietest frames of log mel energies [T, bins]: the room in which somebody spoke."""
    level = features.mean(1)
    return np.asarray(features[level <= np.quantile(level, share)])


def words_of(text: str) -> tuple[str, ...]:
    """Words of a transcript: lower case, a-z and apostrophes."""
    pieces = re.findall(r"[a-z']+", text.lower().replace("’", "'"))
    return tuple(w for w in (word.strip("'") if word.strip("'") in ("", "s") else word for word in pieces) if w)


def silent_pieces(store: FeatureStore, source: int, *, longest: float = 5.0) -> list[Piece]:
    """Stretches in which nobody speaks, to learn what silence is.

    Args:
        store: noises.
        source: index of the store.
        longest: seconds of a stretch.
    """
    size = round(100 * longest)
    return [
        Piece(source=source, entry=entry, first=at, frames=min(size, entry.frames - at), words=(), corpus=entry.corpus)
        for entry in store.entries for at in range(0, entry.frames - size // 2, size)
    ]  # fmt: skip


def whole_pieces(
    stores: Sequence[FeatureStore], texts: Mapping[str, str], *, longest: float = 22.0
) -> tuple[list[Piece], list[str]]:
    """One piece per utterance, and the names of those left out for lack of words or because of their length.

    Args:
        stores: features.
        texts: words of recordings that their manifest does not give, by "corpus/name", or by "corpus:label".
        longest: seconds.
    """
    pieces, left_out = [], []
    for number, store in enumerate(stores):
        for entry in store.entries:
            words = words_of(_text(entry, texts))
            if words and entry.frames >= 10 and entry.frames <= longest * 100:
                pieces.append(Piece(source=number, entry=entry, first=0, frames=entry.frames, words=words,
                                    corpus=entry.corpus))  # fmt: skip
            else:
                left_out.append(f"{entry.corpus}/{entry.name}")
    return pieces, left_out


def _text(entry: Entry, texts: Mapping[str, str]) -> str:
    """What was said; a label is it only where nothing else says so: it may be the kind of recording."""
    given = (texts.get(f"{entry.corpus}/{entry.name}"), texts.get(f"{entry.corpus}:{entry.label}"), entry.text)
    return next((text for text in given if text is not None), entry.label or "")


def read_transcripts(path: Path) -> dict[str, str]:
    """Words by recording: JSON lines with `name` ("corpus/path") and `text`.

    Raises:
        DataError: a line is not of that form.
    """
    texts = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            row = json.loads(line)
            texts[str(row["name"])] = str(row["text"])
        except (ValueError, KeyError, TypeError) as error:
            raise DataError(f"{path}:{number}: expected an object with 'name' and 'text' ({error!r})") from error
    return texts


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Pieces side by side."""

    x: Tensor
    """Normalised features [B, 3 (T + look_ahead), bins]."""
    steps: Tensor
    """[B]"""
    graphs: list[SentenceGraph]
    w: Tensor | None = None
    """I-vectors [B, T + look_ahead, R], where there is an extractor."""


class IvectorSource(Protocol):
    """I-vectors of pieces (`harken.train.asr.ivector_data`)."""

    def before(self, piece: Piece, normalised: Frames) -> SpeakerStatistics:
        """What a piece teaches about its voice."""

    def of(self, piece: Piece, normalised: Frames, before: SpeakerStatistics | None) -> Frames:
        """[steps + look_ahead, R]."""


class Speech:
    """Pieces with their features and sentence graphs.

    Args:
        stores: features by source.
        pieces: what to use.
        lexicon: for the graphs.
        normalizer: as at run time.
        look_ahead: steps that follow the last one.
        ivectors: of the pieces, for a network that takes them.
    """

    def __init__(
        self, stores: Sequence[FeatureStore], pieces: Sequence[Piece], lexicon: TrainingLexicon,
        normalizer: Normalizer, look_ahead: int, ivectors: IvectorSource | None = None,
    ):  # fmt: skip
        self.stores, self.pieces, self.lexicon = stores, list(pieces), lexicon
        self.normalizer, self.look_ahead, self.ivectors = normalizer, look_ahead, ivectors
        self._graphs: dict[tuple[str, ...], SentenceGraph] = {}
        self._companions = companions(self.pieces) if ivectors else []

    def __len__(self) -> int:
        return len(self.pieces)

    def pronunciations(self, piece: Piece) -> list[list[list[int]]]:
        """The pronunciations of each word, as label ids."""
        return [phone_ids(self.lexicon.pronounce(word)) for word in piece.words]

    def graph(self, piece: Piece) -> SentenceGraph:
        """The graph of the piece's sentence."""
        graph = self._graphs.get(piece.words)
        if graph is None:
            graph = self._graphs[piece.words] = sentence_graph(self.pronunciations(piece))
        return graph

    def features(self, piece: Piece) -> Frames:
        """Log-mel energies [T, bins] of a piece."""
        return self.stores[piece.source].features(piece.entry)[piece.first : piece.first + piece.frames]

    def plain(self, piece: Piece) -> Frames:
        """Normalised features [T, bins] of a piece as a stream of its own."""
        return self.normalizer.whole(self.features(piece))

    def variant(
        self, piece: Piece, config: AugmentConfig, rng: np.random.Generator,
        draw_noise: Callable[[int], Frames] | None = None,
    ) -> Frames:  # fmt: skip
        """Normalised features [T', bins] of an augmented piece, half of the time as if the stream had begun earlier.

        What came before then was mostly like the piece, and in one case of four (`WAITED`) only a quiet room.
        """
        x = augment(self.features(piece), config, draw_noise, rng)
        sound = with_sound(x)
        if rng.random() >= 0.5 or not len(sound):
            return self.normalizer.run(x, np.zeros(x.shape[1]), 0)[0]
        seen = int(rng.integers(100, 1000))
        before = quietest(sound) if rng.random() < WAITED else sound
        return self.normalizer.run(x, seen * before.mean(0, dtype=np.float64), seen)[0]

    def batch(
        self,
        numbers: Iterable[int],
        rng: np.random.Generator | None = None,
        config: AugmentConfig | None = None,
        draw_noise: Callable[[int], Frames] | None = None,
    ) -> Batch:
        """Pieces by number, augmented when `rng` and `config` are given.

        Utterances that are too short for their words (a fast variant can be) are stretched to fit.
        """
        rows, graphs, ivectors = [], [], []
        for number in numbers:
            piece, before = self.pieces[number], None
            graph = self.graph(piece)
            if config is None or rng is None:
                x = self.plain(piece)
            elif self.ivectors and rng.random() < 0.5:
                x, before = self._after_another(number, config, rng, draw_noise)
            else:
                x = self.variant(piece, config, rng, draw_noise)
            x = _at_least(x, STEP_FRAMES * (graph.shortest + 2))
            if self.ivectors:
                ivectors.append(self.ivectors.of(piece, x, before))
            rows.append(mask(x, config, rng) if config is not None and rng is not None else x)
            graphs.append(graph)
        features, steps = pad(rows, self.look_ahead)
        return Batch(
            x=features, steps=steps, graphs=graphs, w=_pad_ivectors(ivectors, features.shape[1] // STEP_FRAMES)
        )

    def _after_another(
        self, number: int, config: AugmentConfig, rng: np.random.Generator,
        draw_noise: Callable[[int], Frames] | None,
    ) -> tuple[Frames, SpeakerStatistics]:  # fmt: skip
        """A piece that follows another of the same speaker in one stream, and what that one taught."""
        piece, mates = self.pieces[number], self._companions[number]
        other = self.pieces[mates[int(rng.integers(len(mates)))]]
        first = self.features(other)
        joined = augment(np.concatenate([first, self.features(piece)]), config, draw_noise, rng)
        cut_at = len(first) * len(joined) // (len(first) + piece.frames)
        normalised = self.normalizer.whole(joined)
        assert self.ivectors
        return normalised[cut_at:], self.ivectors.before(other, normalised[:cut_at])


def companions(pieces: Sequence[Piece]) -> list[list[int]]:
    """For each piece the numbers of all pieces of its speaker, including itself; only itself if no speaker is named."""
    by_speaker: dict[str, list[int]] = defaultdict(list)
    for number, piece in enumerate(pieces):
        by_speaker[f"{piece.corpus}/{piece.entry.speaker or number}"].append(number)
    return [by_speaker[f"{piece.corpus}/{piece.entry.speaker or number}"] for number, piece in enumerate(pieces)]


def _pad_ivectors(rows: Sequence[Frames], steps: int) -> Tensor | None:
    """Repeat the last i-vector to the end."""
    if not rows:
        return None
    return torch.from_numpy(np.stack([row[np.minimum(np.arange(steps), len(row) - 1)] for row in rows]))


def _at_least(x: Frames, frames: int) -> Frames:
    if len(x) >= frames:
        return x
    return x[np.minimum((np.arange(frames) * len(x)) // frames, len(x) - 1)]


def pad(rows: Sequence[Frames], look_ahead: int) -> tuple[Tensor, Tensor]:
    """Repeat the last frame to the end, as a stream's flush does."""
    steps = [steps_of(len(x)) for x in rows]
    longest = STEP_FRAMES * (max(steps) + look_ahead)
    out = np.stack([x[np.minimum(np.arange(longest), len(x) - 1)] for x in rows])
    return torch.from_numpy(out), torch.tensor(steps)


def cut(piece: Piece, parts: Iterable[tuple[int, int, int, int]]) -> list[Piece]:
    """Parts of a piece: (first word, word after the last, first step, step after the last) each."""
    pieces = []
    for first, after, start, end in parts:
        frames = min(STEP_FRAMES * end, piece.frames) - STEP_FRAMES * start
        pieces.append(
            replace(piece, first=piece.first + STEP_FRAMES * start, frames=frames, words=piece.words[first:after])
        )
    return pieces


def make_batches(
    pieces: Sequence[Piece], chosen: Sequence[int], frames: int, rng: np.random.Generator | None
) -> list[list[int]]:
    """Group pieces of similar length so that a batch with its padding has about `frames` feature frames."""
    jitter = rng.uniform(0.9, 1.1, len(chosen)) if rng is not None else np.ones(len(chosen))
    lengths = {n: pieces[n].frames * j for n, j in zip(chosen, jitter, strict=True)}
    batches: list[list[int]] = [[]]
    for number in sorted(chosen, key=lambda n: (lengths[n], n)):
        if batches[-1] and pieces[number].frames * (len(batches[-1]) + 1) > frames:
            batches.append([])
        batches[-1].append(number)
    if rng is not None:
        order = rng.permutation(len(batches))
        batches = [batches[n] for n in order]
    return batches


def sample(pieces: Sequence[Piece], shares: Mapping[str, float], rng: np.random.Generator) -> list[int]:
    """Pieces of one pass: each corpus with its share (0.5: half of it, another half next time; 2: all of it twice)."""
    chance = rng.random(len(pieces))
    wanted = [shares.get(piece.corpus, 1.0) for piece in pieces]
    return [n for n, share in enumerate(wanted) for _ in range(int(share) + int(chance[n] < share % 1))]
