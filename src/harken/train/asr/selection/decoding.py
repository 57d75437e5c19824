"""Decodes a pool once: per stretch of speech the best sentences and the slots. Kept on disk; a killed run resumes.

Neither texts nor labels of the pool are read here: selection must work without them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harken.asr.acoustic.model import AcousticModel
from harken.asr.passes.record import HeardStretch
from harken.asr.recognizer import Recognizer, RecognizerOptions
from harken.asr.search.space import SearchSpace
from harken.data.utterances import Utterance
from harken.errors import AudioError, DataError
from harken.train.asr.selection.slots import Slot, slot_vectors, slots_of

NBEST = 20
"""Sentences kept of each stretch."""
SHARD = 100
"""Recordings written at once: what a killed run loses at most."""


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """A sentence of the n-best list with its scores, natural logs."""

    text: str
    acoustic: float
    language: float


@dataclass(frozen=True, kw_only=True)
class Decoded:
    """A stretch of a recording as the seed model heard it."""

    name: str
    """Path of the recording, relative to its corpus."""
    speaker: str | None
    first: int
    """First step (30 ms) in the recording."""
    steps: int
    sentences: tuple[Sentence, ...]
    """Best first."""
    slots: tuple[Slot, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """The likeliest word of each slot: the label that would be learned."""
        return tuple(slot.word for slot in self.slots if slot.word)

    @property
    def confidence(self) -> float:
        """Mean posterior of the words, weighted by their length; 0 without words."""
        spoken = [(slot.last - slot.first, slot.share) for slot in self.slots if slot.word]
        return sum(length * share for length, share in spoken) / max(1, sum(length for length, _ in spoken))


@dataclass
class _Listening:
    """A pass that keeps what was heard and changes nothing."""

    heard: list[HeardStretch]
    name: str = "listening"

    def __call__(self, heard: HeardStretch, before: Sequence[str]) -> HeardStretch:
        self.heard.append(heard)
        return heard


class Decoder:
    """Decodes recordings with the seed's models.

    Args:
        model: acoustic.
        space: what can be said.
        nbest: sentences kept of each stretch.
    """

    def __init__(self, model: AcousticModel, space: SearchSpace, *, nbest: int = NBEST):
        self._listening = _Listening([])
        options = RecognizerOptions(nbest=nbest)
        self._recognizer = Recognizer(model, space, options, passes=[self._listening])

    def decode(self, utterance: Utterance, *, name: str) -> list[tuple[Decoded, NDArray[np.float16]]]:
        """The stretches of a recording, with the vectors of their slots.

        Args:
            utterance: the recording.
            name: what to call it.

        Raises:
            AudioError: it cannot be read.
        """
        self._listening.heard.clear()
        self._recognizer.reset()
        for _ in self._recognizer.transcribe_stream([utterance.read()]):
            pass
        return [_decoded(heard, name, utterance.speaker) for heard in self._listening.heard if heard.lattice]


def decode_pool(
    decoder: Decoder, utterances: Sequence[Utterance], folder: Path, *, root: Path,
    report: Callable[[str], None] = print,
) -> None:  # fmt: skip
    """Decode recordings into `folder`; shards that exist are kept, unreadable recordings are reported and left out.

    Args:
        decoder: with the seed's models.
        utterances: always the same for a folder.
        folder: gets shards of JSON lines and vectors.
        root: folder of the corpus, to which names are relative.
        report: called about every shard.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for start in range(0, len(utterances), SHARD):
        shard = folder / f"{start:06d}.jsonl"
        if shard.is_file():
            continue
        rows: list[tuple[Decoded, NDArray[np.float16]]] = []
        for utterance in utterances[start : start + SHARD]:
            try:
                rows += decoder.decode(utterance, name=utterance.audio.relative_to(root).as_posix())
            except AudioError as error:
                report(f"left out: {error}")
        _write(shard, rows)
        report(f"decoded {min(start + SHARD, len(utterances))} of {len(utterances)} recordings")


def read_pool(folder: Path) -> tuple[list[Decoded], list[NDArray[np.float16]]]:
    """What `decode_pool` wrote, and the vectors of the slots, recording by recording.

    Raises:
        DataError: nothing has been decoded, or a shard cannot be read.
    """
    decoded: list[Decoded] = []
    vectors: list[NDArray[np.float16]] = []
    for shard in sorted(folder.glob("*.jsonl")):
        try:
            rows = [_parse(line) for line in shard.read_text(encoding="utf-8").splitlines()]
            table = np.load(shard.with_suffix(".npy"), allow_pickle=False)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DataError(f"{shard} cannot be read ({error!r}); delete it, and it is decoded again") from error
        decoded += rows
        vectors += np.split(table, np.cumsum([len(row.slots) for row in rows])[:-1]) if rows else []
    if not decoded:
        raise DataError(f"{folder} holds no decoded recordings; decode the pool first")
    return decoded, vectors


def _decoded(heard: HeardStretch, name: str, speaker: str | None) -> tuple[Decoded, NDArray[np.float16]]:
    slots = slots_of(heard)
    sentences = tuple(
        Sentence(text=" ".join(s.texts), acoustic=s.log_prob - s.language, language=s.language)
        for s in heard.sentences if s.language is not None
    )  # fmt: skip
    decoded = Decoded(
        name=name, speaker=speaker, first=heard.offset, steps=len(heard.outputs), sentences=sentences,
        slots=tuple(slots),
    )  # fmt: skip
    return decoded, slot_vectors(slots, heard.outputs)


def _write(shard: Path, rows: Sequence[tuple[Decoded, NDArray[np.float16]]]) -> None:
    table = np.concatenate([vectors for _, vectors in rows]) if rows else np.zeros((0, 1), np.float16)
    np.save(shard.with_suffix(".npy"), table, allow_pickle=False)
    fresh = shard.with_suffix(".fresh")
    fresh.write_text("".join(_lines(rows)), encoding="utf-8")
    fresh.replace(shard)  # the lines come last and mark the shard as complete


def _lines(rows: Sequence[tuple[Decoded, NDArray[np.float16]]]) -> Iterator[str]:
    for decoded, _ in rows:
        yield json.dumps(asdict(decoded), ensure_ascii=False) + "\n"


def _parse(line: str) -> Decoded:
    row = json.loads(line)
    sentences = tuple(Sentence(**sentence) for sentence in row.pop("sentences"))
    slots = tuple(Slot(**slot) for slot in row.pop("slots"))
    return Decoded(sentences=sentences, slots=slots, **row)
