"""The speech detector's rules, over scores that a script gives: two thresholds, spans without gaps, the end."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from tests.unit.activation.scripted import LOW, ScriptedBundle, played, probability, silence

from harken.activation.front_end import BLOCK, FrontEnd
from harken.activation.vad import SpeechDetector
from harken.bundle import load_bundle
from harken.errors import BundleError, ConfigError, PipelineError
from harken.events import AudioChunk, PlaybackEnded, SpeechActivity
from harken.tts.voice import Voice

FIRST = 960
"""Samples of the first span (60 ms); each other one has 1280."""


def detector(script: Sequence[float], **more: Any) -> SpeechDetector:
    bundle = ScriptedBundle(script, on=0.6, off=0.35)
    return SpeechDetector(bundle, **more)  # type: ignore[arg-type]


def blocks(*probabilities: float) -> list[float]:
    """A script in which each span has one probability: three scores in the first, four in each other."""
    logits = [float(np.log(p / (1 - p))) for p in probabilities]
    return [logits[0]] * 3 + [logit for logit in logits[1:] for _ in range(4)]


def speech(script: Sequence[float], **more: Any) -> str:
    """'#' for a span of speech, '.' for one without."""
    said = played(detector(script, **more), silence(len(script)))
    return "".join("#" if event.speech else "." for event in said if isinstance(event, SpeechActivity))


def test_speech_begins_at_the_upper_threshold_and_ends_below_the_lower() -> None:
    assert speech(blocks(0.1, 0.5, 0.59, 0.61, 0.9, 0.4, 0.36, 0.34, 0.1)) == "...####.."


def test_between_the_thresholds_it_stays_as_it_was() -> None:
    assert speech(blocks(0.1, 0.5, 0.5, 0.5, 0.7, 0.5, 0.5, 0.5, 0.2, 0.5, 0.5)) == "....####..."


def test_nobody_speaks_before_the_first_sound() -> None:
    assert speech(blocks(0.5)) == "."


def test_a_score_on_a_threshold_is_speech() -> None:
    half = [0.0] * 3  # a logit of 0 is exactly 0.5
    assert speech(half, on=0.5, off=0.5) == "#"
    assert speech([*half, *[0.0] * 4], on=0.5, off=0.5) == "##"
    assert speech([4.0] * 3 + [0.0] * 4, on=0.9, off=0.5) == "##"


def test_the_score_is_the_mean_probability_of_the_span() -> None:
    first, second = played(detector([2.0, 2.0, -1.0, 4.0, -4.0, 4.0, -4.0]), silence(7))
    assert isinstance(first, SpeechActivity)
    assert isinstance(second, SpeechActivity)
    assert first.score == pytest.approx((2 * probability(2) + probability(-1)) / 3)
    assert second.score == pytest.approx(0.5)


def test_spans_follow_each_other_without_gaps_from_where_the_sound_begins() -> None:
    stage = detector([LOW] * 50)
    said = stage.process(AudioChunk(start=500, samples=silence(40)))
    assert [(one.start, one.end) for one in said[:3] if isinstance(one, SpeechActivity)] == [
        (500, 500 + FIRST), (500 + FIRST, 500 + FIRST + 1280), (500 + FIRST + 1280, 500 + FIRST + 2560),
    ]  # fmt: skip
    assert all(one.end == other.start for one, other in pairwise([*said, *stage.flush()]))


@pytest.mark.parametrize("extra", [1, 700, 960, 961, 1279])
def test_the_last_span_ends_where_the_sound_ends(extra: int) -> None:
    stage = detector([4.0] * 100)
    sound = np.zeros(10 * BLOCK + extra, np.float32)
    said = [*played(stage, sound), *stage.flush()]
    assert isinstance(said[-1], SpeechActivity)
    assert isinstance(said[0], SpeechActivity)
    assert (said[0].start, said[-1].end) == (0, len(sound))
    assert all(one.start < one.end for one in said if isinstance(one, SpeechActivity))
    assert all(one.end == other.start for one, other in pairwise(said))
    assert all(one.end - one.start == BLOCK for one in said[1:-1] if isinstance(one, SpeechActivity))
    assert said[-1].speech
    assert said[-1].score == pytest.approx(probability(4.0))


def test_a_stream_that_never_began_has_no_span() -> None:
    assert detector([]).flush() == []


def test_reset_forgets_that_somebody_was_speaking_and_what_the_network_remembers() -> None:
    stage = detector(blocks(0.9, 0.9, 0.5, 0.5))
    assert [event.speech for event in played(stage, silence(7)) if isinstance(event, SpeechActivity)] == [True, True]
    stage.reset()
    assert stage.front_end.position == 0
    again = played(stage, silence(15))
    assert [event.score for event in again if isinstance(event, SpeechActivity)] == pytest.approx([0.9, 0.9, 0.5, 0.5])


def test_somebody_who_spoke_before_a_reset_does_not_lower_the_threshold() -> None:
    stage = detector(blocks(0.5, 0.5, 0.9))
    played(stage, silence(11))
    stage.reset()
    assert not any(event.speech for event in played(stage, silence(7)) if isinstance(event, SpeechActivity))


def test_a_recording_is_searched_from_its_beginning_each_time() -> None:
    stage = detector(blocks(0.5, 0.9, 0.5, 0.1))
    played(stage, silence(7))
    whole = stage.detect(silence(15))
    assert [span.speech for span in whole] == [False, True, True, False, False]
    assert whole[-1].end == len(silence(15))
    assert stage.detect(silence(15)) == whole
    assert [e.start for e in played(stage, silence(3)) if isinstance(e, SpeechActivity)] == [0], "reset afterwards, too"


@pytest.mark.parametrize("size", [160, 320, 1000, 4096, 60_000])
def test_any_chunking_gives_the_same_spans(size: int) -> None:
    track = [float(value) for value in np.random.default_rng(1).normal(0, 2, 200)]
    whole = detector(track)
    wanted = [*played(whole, silence(150)), *whole.flush()]
    cut = detector(track)
    assert [*played(cut, silence(150), size=size), *cut.flush()] == wanted


def test_thresholds_are_the_bundles_unless_others_are_given() -> None:
    assert (detector([]).on, detector([]).off) == (0.6, 0.35)
    other = detector([], on=0.8, off=0.2)
    assert (other.on, other.off) == (0.8, 0.2)
    assert speech(blocks(0.1, 0.7, 0.7), on=0.8) == "..."
    assert speech(blocks(0.1, 0.7, 0.3, 0.3), off=0.2) == ".###"


@pytest.mark.parametrize(("on", "off"), [(0.5, 0.0), (0.5, -0.1), (0.5, 0.6), (1.1, 0.5)])
def test_thresholds_that_cannot_be_are_refused(on: float, off: float) -> None:
    with pytest.raises(ConfigError, match=rf"on={on}, off={off}; expected 0 < off <= on <= 1"):
        detector([], on=on, off=off)


def test_the_outermost_thresholds_are_allowed() -> None:
    assert detector([], on=1.0, off=1.0).on == 1.0


def test_a_front_end_can_be_shared() -> None:
    front = FrontEnd()
    one, other = detector([LOW] * 9, front_end=front), detector([LOW] * 9, front_end=front)
    chunk = AudioChunk(start=0, samples=silence(7))
    assert one.process(chunk) == other.process(chunk) != []
    assert front.position == len(chunk.samples)


def test_a_bundle_of_another_kind_is_refused() -> None:
    with pytest.raises(BundleError, match="vad"):
        SpeechDetector(load_bundle("wakeword-computer"))


def test_it_says_what_it_does_not_take() -> None:
    with pytest.raises(PipelineError, match="vad takes AudioChunk, got PlaybackEnded"):
        detector([]).process(PlaybackEnded(turn=0, end=0))


def test_the_shipped_detector_tells_our_own_voice_from_a_quiet_room() -> None:
    words = Voice.load().say("Two timers are running.")
    room = (0.0005 * np.random.default_rng(0).standard_normal(32_000)).astype(np.float32)  # about -65 dB
    spans = SpeechDetector.load().detect(np.concatenate([room, words, room]))
    begun, ended = 32_000, 32_000 + len(words)
    quiet = [span for span in spans if span.end <= begun - 1600 or span.start >= ended + 4800]
    loud = [span for span in spans if span.start >= begun + 3200 and span.end <= ended - 3200]
    assert len(quiet) > 30
    assert sum(span.speech for span in quiet) == 0
    assert sum(span.speech for span in loud) >= 0.9 * len(loud)
