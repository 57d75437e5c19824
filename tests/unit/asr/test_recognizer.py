"""Long recordings: stretches, their joining, and their times, with a scripted acoustic model over a toy language."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from tests.unit.asr.toy import PHONES, toy_graph

from harken.asr.decoder import DecoderOptions
from harken.asr.language import Language
from harken.asr.outcome import SAMPLES_PER_STEP, join_transcripts
from harken.asr.recognizer import Recognizer, RecognizerOptions
from harken.events import Hypothesis, Transcript, TurnAudio, TurnEnded, TurnStarted, Word

AB = [("A", 4), ("B", 4)]
CD = [("C", 4), ("D", 4)]
PAUSE = [("SIL", 8)]
"""Frames of 30 ms; a long turn is cut after 5 of them."""
SENTENCE = [("SIL", 3), *AB, *CD, *PAUSE]
"""'ab cd' from its 3rd to its 19th frame, 27 in all."""
FRAMES = 27


class Scripted:
    """An acoustic model that hears what the script says, whatever the sound is."""

    look_ahead = 0

    def __init__(self, script: Sequence[tuple[str, int]]):
        self._rows = planted(script)
        self.reset()

    def reset(self) -> None:
        self._given = self._taken = 0

    def process(self, features: np.ndarray) -> np.ndarray:
        self._taken += len(features)
        return self._until(self._taken // 3)

    def flush(self) -> np.ndarray:
        return self._until(-(-self._taken // 3))

    def _until(self, last: int) -> np.ndarray:
        first, self._given = self._given, last
        return self._rows[first:last]


def planted(script: Sequence[tuple[str, int]]) -> np.ndarray:
    rows = np.full((sum(frames for _, frames in script), 2 * len(PHONES)), -20.0, np.float32)
    at = 0
    for phone, frames in script:
        begun = frames if phone == "SIL" else 1  # a stretch may begin anywhere in a pause
        rows[at : at + begun, PHONES.index(phone)] = 0.0
        rows[at + 1 : at + frames, len(PHONES) + PHONES.index(phone)] = 0.0
        at += frames
    return rows


def recognizer(script: Sequence[tuple[str, int]], **options: int) -> Recognizer:
    language = Language(toy_graph(), 0, DecoderOptions(acoustic_scale=1.0, phone_bonus=0.0))
    chosen = RecognizerOptions(**{"nbest": 3, "pause": 5, "cut_after": 12, "cut_latest": 60, **options})  # type: ignore[arg-type]
    return Recognizer(Scripted(script), language, chosen)  # type: ignore[arg-type]


def sound(frames: int) -> np.ndarray:
    """Samples that give so many decoder frames."""
    return np.zeros(frames * SAMPLES_PER_STEP + 240, np.float32)


def cut(samples: np.ndarray, size: int) -> Iterator[np.ndarray]:
    return (samples[n : n + size] for n in range(0, len(samples), size))


@pytest.mark.parametrize("size", [480, 777, 16_000, 10**9])
def test_a_long_recording_gives_the_same_stretches_for_any_size_of_blocks(size: int) -> None:
    hearing, samples = recognizer(SENTENCE * 8), sound(8 * FRAMES)
    parts = list(hearing.transcribe_stream(cut(samples, size)))
    assert parts == list(hearing.transcribe_stream([samples]))
    assert [part.text for part in parts if part.text] == ["ab cd"] * 8
    assert [part.turn for part in parts] == list(range(len(parts)))
    assert all(part.final for part in parts)


def test_the_stretches_joined_are_the_transcript_of_the_whole() -> None:
    hearing, samples = recognizer(SENTENCE * 5), sound(5 * FRAMES)
    parts = list(hearing.transcribe_stream(cut(samples, 5000)))
    assert join_transcripts(parts, 3) == hearing.transcribe(samples)


def test_a_stretch_comes_out_before_the_recording_is_over() -> None:
    taken = []

    def blocks() -> Iterator[np.ndarray]:
        for block in cut(sound(10 * FRAMES), SAMPLES_PER_STEP):
            taken.append(len(block))
            yield block

    first = next(recognizer(SENTENCE * 10).transcribe_stream(blocks()))
    assert first.text == "ab cd"
    assert len(taken) < 2 * FRAMES


def test_words_keep_their_place_after_many_stretches() -> None:
    count = 60
    found = recognizer(SENTENCE * count).transcribe(sound(count * FRAMES))
    starts = [word.start / SAMPLES_PER_STEP for word in found.hypotheses[0].words]
    assert starts == [n * FRAMES + at for n in range(count) for at in (3, 11)]


def test_speech_without_a_pause_is_cut_at_the_latest_place() -> None:
    script = [*AB, *CD] * 30
    parts = list(recognizer(script).transcribe_stream([sound(16 * 30)]))
    ends = [part.hypotheses[0].words[-1].end // SAMPLES_PER_STEP for part in parts]
    assert all(later - earlier <= 64 for earlier, later in itertools.pairwise([0, *ends]))


def test_a_long_turn_of_the_assistant_keeps_its_number_and_its_start() -> None:
    hearing = recognizer(SENTENCE * 4)
    samples = sound(4 * FRAMES)
    hearing.process(TurnStarted(turn=6, start=960, reason="open"))
    hearing.process(TurnAudio(turn=6, start=960, samples=samples))
    (final,) = hearing.process(TurnEnded(turn=6, end=960 + len(samples), reason="silence"))
    assert isinstance(final, Transcript)
    assert (final.turn, final.text) == (6, "ab cd ab cd ab cd ab cd")
    assert final.hypotheses[0].words[0].start == 960 + 3 * SAMPLES_PER_STEP


def part(*readings: tuple[str, float]) -> Transcript:
    return Transcript(
        turn=0,
        hypotheses=tuple(
            Hypothesis(
                words=tuple(Word(text=word, start=0, end=1, confidence=1.0) for word in text.split()),
                log_prob=log_prob,
                confidence=0.5,
            )
            for text, log_prob in readings
        ),
    )


def test_joining_gives_the_likeliest_sequences_of_readings() -> None:
    parts = [part(("a", -1.0), ("b", -1.5)), part(("c", -2.0), ("d", -4.0)), part(("e", 0.0), ("f", -0.25))]
    every = sorted(
        ((sum(one.log_prob for one in way), " ".join(one.text for one in way))
         for way in itertools.product(*(one.hypotheses for one in parts))), reverse=True,
    )  # fmt: skip
    joined = join_transcripts(parts, 4, turn=2)
    assert [(one.log_prob, one.text) for one in joined.hypotheses] == every[:4]
    assert joined.hypotheses[0].confidence == pytest.approx(0.125)
    assert (joined.turn, joined.final) == (2, True)


def test_joining_nothing_says_that_nothing_was_said() -> None:
    joined = join_transcripts([], 5)
    assert (len(joined.hypotheses), joined.text, joined.hypotheses[0].confidence) == (1, "", 1.0)
