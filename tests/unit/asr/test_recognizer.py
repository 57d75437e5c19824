"""Long recordings: stretches, their joining, and their times, with a scripted acoustic model over a toy language."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from tests.unit.asr.scripted import AB, CD, Noisy, Scripted, sound
from tests.unit.asr.toy import toy_graph

from harken.asr.recognizer import Recognizer, RecognizerOptions
from harken.asr.search.space import SearchOptions, SearchSpace
from harken.asr.transcripts import SAMPLES_PER_STEP, join_transcripts
from harken.events import NOBODY_SPOKE, Hypothesis, Transcript, TurnAudio, TurnEnded, TurnStarted, Word

PAUSE = [("SIL", 8)]
"""Frames of 30 ms; a long turn is cut after 5 of them."""
SENTENCE = [("SIL", 3), *AB, *CD, *PAUSE]
"""'ab cd' from its 3rd to its 19th frame, 27 in all."""
FRAMES = 27


def recognizer(script: Sequence[tuple[str, int]], **options: float) -> Recognizer:
    space = SearchSpace.of(toy_graph(), 0, SearchOptions(acoustic_scale=1.0, phone_bonus=0.0))
    chosen = RecognizerOptions(**{"nbest": 3, "pause": 5, "cut_after": 12, "cut_latest": 60, **options})  # type: ignore[arg-type]
    return Recognizer(Scripted(script), space, chosen)  # type: ignore[arg-type]


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
    ends = [part.hypotheses[0].words[-1].end // SAMPLES_PER_STEP for part in parts if part.text]
    assert ends[-1] == 16 * 30
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


def test_a_turn_in_which_nobody_spoke_is_not_decoded() -> None:
    hearing, samples = recognizer(SENTENCE), sound(FRAMES)
    told = []
    for number, reason in ((1, NOBODY_SPOKE), (2, "silence")):
        hearing.process(TurnStarted(turn=number, start=0, reason="wake"))
        hearing.process(TurnAudio(turn=number, start=0, samples=samples))
        told += hearing.process(TurnEnded(turn=number, end=len(samples), reason=reason))
    assert [(event.turn, event.text, event.final) for event in told if isinstance(event, Transcript)] == [
        (1, "", True), (2, "ab cd", True),
    ]  # fmt: skip


@pytest.mark.parametrize("size", [160, 1120, 16_000, 10**9])
@pytest.mark.parametrize("seed", range(3))
def test_any_size_of_pieces_gives_the_same_final_result(size: int, seed: int) -> None:
    samples = sound(200)
    finals = []
    for pieces in ([samples], list(cut(samples, size))):
        hearing = badly_hearing(seed)
        told = [event for event in turn(hearing, pieces) if isinstance(event, Transcript)]
        finals.append(told[-1])
    assert finals[0] == finals[1]
    assert finals[0].confusion
    assert finals[0].final


@pytest.mark.parametrize("seed", range(6))
def test_times_of_words_rise_and_stay_inside_the_turn(seed: int) -> None:
    samples = sound(120)
    for told in turn(badly_hearing(seed), list(cut(samples, 1120))):
        for hypothesis in told.hypotheses:
            places = [place for word in hypothesis.words for place in (word.start, word.end)]
            assert places == sorted(places)
            assert all(word.start < word.end <= len(samples) for word in hypothesis.words)
        spans = [(found.start, found.end) for found in told.confusion]
        assert all(start <= end for start, end in spans)
        assert [start for start, _ in spans] == sorted(start for start, _ in spans)


def test_a_shown_word_is_seldom_replaced_and_none_just_disappears() -> None:
    shown = replaced = 0
    for seed in range(20):
        *partial, final = turn(badly_hearing(seed), list(cut(sound(90), 480)))
        shown += len(partial[-1].text.split())
        for before, after in itertools.pairwise(partial):
            kept = same_beginning(before.text.split(), after.text.split())
            assert kept < len(after.text.split())
            replaced += kept < len(before.text.split())
        assert final.final
    assert shown > 200
    assert replaced <= 0.05 * shown


@pytest.mark.parametrize("every", [1, 4, 8])
def test_a_word_is_shown_within_the_latency_of_the_step_that_ends_it(every: int) -> None:
    waits = []
    for silence in range(8):
        script = [("SIL", 3 + silence), *CD, ("SIL", 20)]
        hearing = recognizer(script, partial_every=every, partial_agreement=0.0, cut_after=400)
        ended = (3 + silence + 8 + 1) * SAMPLES_PER_STEP  # the end of the first step of silence
        hearing.process(TurnStarted(turn=0, start=0, reason="open"))
        for number, piece in enumerate(cut(sound(31 + silence), 80)):
            if hearing.process(TurnAudio(turn=0, start=80 * number, samples=piece)):
                waits.append(80 * (number + 1) - ended)
                break
    assert len(waits) == 8
    assert all(0 < wait <= hearing.latency for wait in waits)
    assert max(waits) > hearing.latency - SAMPLES_PER_STEP


def test_nothing_that_is_kept_grows_with_the_length_of_the_sound() -> None:
    def most_kept(seconds: int) -> int:
        hearing, sizes = badly_hearing(0), [0]

        def blocks() -> Iterator[np.ndarray]:
            for block in cut(np.zeros(seconds * 16_000, np.float32), 1600):
                assert len(hearing._search.frames) <= 60 + 4  # where it is cut at the latest, and a block
                sizes.append(kept(hearing))
                yield block

        assert sum(len(part.text) for part in hearing.transcribe_stream(blocks())) > seconds
        return max(sizes)

    assert most_kept(80) <= 1.1 * most_kept(20)


@pytest.mark.parametrize(
    ("allowed", "pause", "forgotten"), [(0, 0, 1), (0, 2, 1), (20, 2, 0), (20, 19, 0), (20, 25, 1)]
)
def test_a_speaker_is_remembered_for_as_long_as_wanted(allowed: int, pause: int, forgotten: int) -> None:
    hearing = recognizer([*AB, *CD], same_speaker=allowed)
    say(hearing, 0, start=0)
    before = hearing._acoustic.forgotten
    say(hearing, 1, start=4000 + pause * 16000)
    assert hearing._acoustic.forgotten - before == forgotten


def test_reset_forgets_the_speaker() -> None:
    hearing = recognizer([*AB, *CD], same_speaker=20)
    say(hearing, 0, start=0)
    hearing.reset()
    before = hearing._acoustic.forgotten
    say(hearing, 1, start=5000)
    assert hearing._acoustic.forgotten == before + 1


def test_a_turn_that_never_ended_does_not_reach_into_the_next() -> None:
    hearing, fresh = recognizer([*AB, *CD]), recognizer([*AB, *CD])
    hearing.process(TurnStarted(turn=0, start=0, reason="open"))
    hearing.process(TurnAudio(turn=0, start=0, samples=sound(5)))
    assert say(hearing, 1, start=8000).text == say(fresh, 1, start=8000).text


def test_recordings_are_of_different_speakers_unless_told_otherwise() -> None:
    hearing = recognizer([*AB, *CD])
    texts = [hearing.transcribe(sound(16)).text]
    before = hearing._acoustic.forgotten
    texts.append(hearing.transcribe(sound(16), same_speaker=True).text)
    assert hearing._acoustic.forgotten == before
    texts.append(hearing.transcribe(sound(16)).text)
    assert hearing._acoustic.forgotten == before + 1
    assert len(set(texts)) == 1


def say(hearing: Recognizer, number: int, *, start: int) -> Transcript:
    hearing.process(TurnStarted(turn=number, start=start, reason="open"))
    hearing.process(TurnAudio(turn=number, start=start, samples=sound(16)))
    (final,) = hearing.process(TurnEnded(turn=number, end=start + len(sound(16)), reason="silence"))
    assert isinstance(final, Transcript)
    return final


def same_beginning(one: list[str], other: list[str]) -> int:
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def badly_hearing(seed: int) -> Recognizer:
    """A recogniser whose model of sound is unsure."""
    script = [("SIL", 3), *AB, *CD, ("SIL", 6), ("C", 4), ("A", 3), ("SIL", 7), ("A", 3), ("C", 3), ("D", 3)]
    space = SearchSpace.of(toy_graph(), 0, SearchOptions(acoustic_scale=0.6, phone_bonus=0.0))
    options = RecognizerOptions(nbest=3, pause=5, cut_after=40, cut_latest=60, partial_every=4)
    return Recognizer(Noisy(script, noise=4.0, seed=seed), space, options)  # type: ignore[arg-type]


def turn(hearing: Recognizer, pieces: list[np.ndarray]) -> list[Transcript]:
    """All that is said of one turn."""
    told, at = hearing.process(TurnStarted(turn=0, start=0, reason="open")), 0
    for samples in pieces:
        told += hearing.process(TurnAudio(turn=0, start=at, samples=samples))
        at += len(samples)
    told += hearing.process(TurnEnded(turn=0, end=at, reason="silence"))
    return [event for event in told if isinstance(event, Transcript)]


def kept(record: object, seen: set[int] | None = None) -> int:
    """Numbers in all arrays and members of all collections that an object holds, however deep."""
    seen = set() if seen is None else seen
    if id(record) in seen:
        return 0
    seen.add(id(record))
    if isinstance(record, np.ndarray):
        return record.size
    if isinstance(record, dict):
        return len(record) + sum(kept(value, seen) for value in record.values())
    if isinstance(record, list | tuple | set | deque):
        return len(record) + sum(kept(value, seen) for value in record)
    return kept(vars(record), seen) if hasattr(record, "__dict__") and not callable(record) else 0


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


def test_joining_keeps_the_first_readings_first_even_where_others_score_higher() -> None:
    parts = [part(("a b", -3.0), ("a", -1.0)), part(("c", -2.0), ("d", -1.5))]
    joined = join_transcripts(parts, 3)
    assert [one.text for one in joined.hypotheses] == ["a b c", "a d", "a c"]
    assert joined.hypotheses[0].log_prob == -5.0
    assert [one.text for one in join_transcripts(parts, 1).hypotheses] == ["a b c"]


def test_joining_nothing_says_that_nothing_was_said() -> None:
    joined = join_transcripts([], 5)
    assert (len(joined.hypotheses), joined.text, joined.hypotheses[0].confidence) == (1, "", 1.0)


def test_completeness_is_known_within_a_turn_and_rises_at_the_end_of_a_sentence() -> None:
    hearing = recognizer(SENTENCE)
    assert hearing.completeness() is None
    hearing.process(TurnStarted(turn=0, start=0, reason="wake"))
    known = []
    for first in range(FRAMES):
        samples = np.zeros(SAMPLES_PER_STEP, np.float32)
        hearing.process(TurnAudio(turn=0, start=first * SAMPLES_PER_STEP, samples=samples))
        known.append(hearing.completeness())
    assert known[0] is None, "silence"
    after_ab, after_cd = known[11], known[19]
    assert 0 < after_ab < 0.1 < 0.5 < after_cd
    assert known[-1] is None, "a pause, at which the turn was cut"
    hearing.process(TurnEnded(turn=0, end=FRAMES * SAMPLES_PER_STEP, reason="silence"))
    assert hearing.completeness() is None
