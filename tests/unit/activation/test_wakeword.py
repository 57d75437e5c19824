"""The wake word's rules, over scores that a script gives: threshold, smoothing, pause, place, the negative answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from tests.unit.activation.scripted import LOW, STEP, TalkingBundle, played, probability, silence

from harken.activation.front_end import FrontEnd
from harken.activation.wakeword import WakeWordScout, WakeWordSpotter, bundle_name
from harken.bundle import load_bundle
from harken.demo.requests import DemoSentence, own_requests
from harken.errors import BundleError, ConfigError, PipelineError
from harken.events import AudioChunk, Event, NotDetected, TurnEnded, WakeDetected, WakeSuspected
from harken.tts.voice import Voice

HIGH = 4.0


def spotter(*bundles: TalkingBundle, **more: Any) -> WakeWordSpotter:
    return WakeWordSpotter(bundles, **more)  # type: ignore[arg-type]


def script(length: int, *highs: tuple[int, int]) -> list[float]:
    """Low, but high from each `first` up to `end`."""
    return [HIGH if any(first <= n < end for first, end in highs) else LOW for n in range(length)]


def detections(track: Sequence[float], *, scores: int = 200, **features: Any) -> list[WakeDetected]:
    said = played(spotter(TalkingBundle(track, **features)), silence(scores))
    assert all(isinstance(event, WakeDetected) for event in said)
    return said  # type: ignore[return-value]


def places(track: Sequence[float], **features: Any) -> list[int]:
    """Numbers of the scores at which the word is reported."""
    return [(event.end + 640) // STEP for event in detections(track, **features)]


def test_the_word_is_reported_once_with_its_place_and_score() -> None:
    (event,) = detections(script(200, (60, 70)))
    assert event == WakeDetected(
        word="computer", start=60 * STEP - 640 - 8000, end=60 * STEP - 640, score=pytest.approx(probability(HIGH))
    )


def test_a_score_at_the_threshold_counts_and_one_below_does_not() -> None:
    assert places([LOW] * 60 + [0.0], threshold=0.5) == [60]
    assert places([LOW] * 60 + [-0.001], threshold=0.5) == []


def test_the_threshold_is_held_against_the_mean_of_the_last_scores() -> None:
    spike = [LOW] * 60 + [6.0] + [LOW] * 100
    assert places(spike, smooth=1) == [60]
    assert places(spike, smooth=5) == []
    # (2 * 6.5 + 3 * -4) / 5 = 0.2 is the first mean above 0; with one score more it would be too late.
    assert places([LOW] * 60 + [6.5] * 5 + [LOW] * 100, smooth=5) == [61]


def test_what_came_before_the_stream_counts_as_unheard() -> None:
    # (2 * 14 + 3 * -10) / 5 = -0.4; (3 * 14 + 2 * -10) / 5 = 4.4: the third score is the first that may fire.
    stage = spotter(TalkingBundle([14.0] * 10, smooth=5))
    assert [event.score for event in played(stage, silence(3))] == [pytest.approx(probability(4.4))]


def test_smoothing_goes_on_over_the_borders_of_blocks() -> None:
    for first in range(60, 68):
        track = [LOW] * first + [6.5] * 5 + [LOW] * 100
        assert places(track, smooth=5) == [first + 1]


def test_the_word_is_not_reported_again_while_its_pause_lasts() -> None:
    assert places(script(200, (60, 62), (80, 82), (108, 109))) == [60]


def test_the_word_is_reported_again_as_soon_as_its_pause_is_over() -> None:
    assert places(script(200, (60, 62), (109, 110))) == [60]
    assert places(script(200, (60, 62), (110, 111))) == [60, 110]
    assert places(script(300, (60, 62), (110, 111), (159, 160), (170, 171)), scores=300) == [60, 110, 170]


def test_a_score_that_stays_high_is_one_word_however_long() -> None:
    assert places(script(200, (60, 190))) == [60]
    assert places(script(200, (60, 62), (100, 130))) == [60], "it rose within the pause"


def test_a_word_at_the_beginning_does_not_start_before_the_sound() -> None:
    (event,) = detections(script(200, (1, 3)))
    assert (event.start, event.end) == (0, 1)
    (event,) = detections(script(200, (20, 22)))
    assert (event.start, event.end) == (0, 20 * STEP - 640)


def test_a_word_that_is_decided_after_the_end_does_not_end_behind_the_sound() -> None:
    sound = silence(40)
    stage = spotter(TalkingBundle(script(60, (45, 60)), delay=0))
    assert played(stage, sound) == []
    (event,) = stage.flush()
    assert isinstance(event, WakeDetected)
    assert (event.start, event.end) == (len(sound) - 8000, len(sound))


def test_a_word_that_never_came_is_named_at_the_end_with_its_highest_score() -> None:
    sound = silence(100)
    stage = spotter(TalkingBundle([LOW] * 50 + [-1.0, -0.5, -2.0]))
    assert played(stage, sound) == []
    assert stage.flush() == [NotDetected(word="computer", end=len(sound), score=pytest.approx(probability(-0.5)))]


def test_a_word_that_came_is_not_named_as_missing() -> None:
    stage = spotter(TalkingBundle(script(100, (50, 51))))
    assert len(played(stage, silence(100))) == 1
    assert stage.flush() == []


def test_each_of_several_words_has_its_own_scores_threshold_and_pause() -> None:
    bundles = (
        TalkingBundle(script(200, (50, 52), (120, 121)), "computer"),
        TalkingBundle(script(200, (60, 62), (80, 82)), "jarvis"),
        TalkingBundle(script(200, (70, 72)), "alexa", threshold=0.99),
    )
    stage = spotter(*bundles)
    assert stage.words == ("computer", "jarvis", "alexa")
    said = played(stage, silence(200))
    assert [(event.word, (event.end + 640) // STEP) for event in said if isinstance(event, WakeDetected)] == [
        ("computer", 50), ("jarvis", 60), ("computer", 120),
    ]  # fmt: skip
    assert [event.word for event in stage.flush() if isinstance(event, NotDetected)] == ["alexa"]


def test_a_threshold_that_is_given_replaces_the_bundles_own_for_that_word_alone() -> None:
    tracks = (TalkingBundle([LOW] * 50 + [1.0], "computer"), TalkingBundle([LOW] * 50 + [1.0], "jarvis"))
    said = played(spotter(*tracks, thresholds={"computer": 0.9}), silence(100))
    assert [event.word for event in said if isinstance(event, WakeDetected)] == ["jarvis"]


def test_reset_forgets_scores_pause_and_what_was_heard() -> None:
    stage = spotter(TalkingBundle(script(200, (50, 60)), smooth=3))
    first = [*played(stage, silence(55)), *stage.flush()]
    assert [type(event) for event in first] == [WakeDetected]
    stage.reset()
    assert [*played(stage, silence(55)), *stage.flush()] == first
    stage.reset()
    (missing,) = [*played(stage, silence(20)), *stage.flush()]
    assert missing == NotDetected(word="computer", end=len(silence(20)), score=pytest.approx(probability(LOW)))


def test_a_word_that_was_high_at_the_end_can_be_heard_at_once_after_a_reset() -> None:
    stage = spotter(TalkingBundle([HIGH] * 300))
    assert len(played(stage, silence(20))) == 1
    stage.reset()
    assert len(played(stage, silence(20))) == 1


@pytest.mark.parametrize("size", [160, 320, 1000, 4096, 60_000])
def test_any_chunking_gives_the_same_words(size: int) -> None:
    track = script(200, (60, 62), (110, 111), (150, 160))
    stage = spotter(TalkingBundle(track, smooth=2, threshold=0.6))
    whole = [*played(stage, silence(200)), *stage.flush()]
    stage.reset()
    assert [*played(stage, silence(200), size=size), *stage.flush()] == whole
    assert len(whole) == 2


def test_a_recording_is_searched_from_its_beginning_to_its_end_each_time() -> None:
    stage = spotter(TalkingBundle(script(60, (20, 22), (55, 60)), refractory=0, delay=0))
    played(stage, silence(30))
    ends = [event.end for event in stage.detect(silence(50))]
    assert ends == [20 * STEP, len(silence(50))], "the second word is decided in the silence behind the sound"
    assert [event.end for event in stage.detect(silence(50))] == ends
    assert [event.end for event in played(stage, silence(50)) if isinstance(event, WakeDetected)] == ends[:1]


def test_the_scores_of_a_recording_are_those_that_thresholds_are_held_against() -> None:
    track = [float(n % 7 - 3) for n in range(300)]
    stage = spotter(TalkingBundle(track, "computer", smooth=3), TalkingBundle(track[::-1], "jarvis"))
    played(stage, silence(30))
    scores = stage.scores(silence(100))
    assert list(scores) == ["computer", "jarvis"]
    smoothed = np.convolve([-10, -10, *track], np.ones(3) / 3, "valid")
    assert len(scores["computer"]) == 119, "100 of the sound, less one for the last window, and 320 ms of silence"
    np.testing.assert_allclose(scores["computer"], 1 / (1 + np.exp(-smoothed[:119])), atol=1e-6)
    np.testing.assert_allclose(stage.scores(silence(100))["jarvis"], scores["jarvis"])
    assert stage.front_end.position == 0, "the next stream begins anew"


def test_stages_that_share_a_front_end_hear_the_same_sound() -> None:
    front = FrontEnd()
    one, other = (spotter(TalkingBundle(script(90, (50, 52))), front_end=front) for _ in range(2))
    assert one.front_end is front
    chunk = AudioChunk(start=0, samples=silence(90))
    assert one.process(chunk) == other.process(chunk) != []


@pytest.mark.parametrize(
    ("words", "thresholds", "said"),
    [
        ((), {}, r"got no wake word; load at least one"),
        (("computer", "computer"), {}, r"got a wake word twice: computer, computer"),
        (("computer",), {"jarvis": 0.5}, r"a threshold for 'jarvis', but the wake words are computer"),
        (("computer",), {"computer": 0.0}, r"the threshold of 'computer' is 0\.0; expected more than 0"),
        (("computer",), {"computer": 1.01}, r"the threshold of 'computer' is 1\.01; .* at most 1"),
    ],
)
def test_settings_that_cannot_be_are_refused(words: tuple[str, ...], thresholds: dict[str, float], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        spotter(*(TalkingBundle([], word) for word in words), thresholds=thresholds)


def test_the_highest_threshold_is_allowed() -> None:
    assert spotter(TalkingBundle([]), thresholds={"computer": 1.0}).words == ("computer",)


def test_a_bundle_of_another_kind_is_refused() -> None:
    with pytest.raises(BundleError, match="wakeword"):
        WakeWordSpotter([load_bundle("vad")])


def test_it_says_what_it_does_not_take() -> None:
    event: Event = TurnEnded(turn=0, end=0, reason="silence")
    with pytest.raises(PipelineError, match="wakeword takes AudioChunk, got TurnEnded"):
        spotter(TalkingBundle([])).process(event)


def test_a_scout_suspects_its_word_in_each_block_that_comes_near_the_threshold() -> None:
    # The threshold is at logit 0: suspicion begins at -5. A block of 80 ms has four scores, the first block three.
    track = [-9.0] * 60 + [-4.9, -3.0] + [-9.0] * 400
    stage = WakeWordScout([TalkingBundle(track)])  # type: ignore[list-item]
    said = [*played(stage, silence(100)), *stage.flush()]
    assert said == [
        WakeSuspected(word="computer", start=58 * STEP + STEP, end=63 * STEP, score=pytest.approx(probability(-3.0)))
    ]


def test_a_scout_suspects_from_its_level_on_and_neither_decides_nor_pauses() -> None:
    for logit, count in ((-4.99, 10), (-5.01, 0)):
        stage = WakeWordScout([TalkingBundle([-9.0] * 59 + [logit] * 40 + [-9.0] * 400)])  # type: ignore[list-item]
        said = played(stage, silence(98))
        assert [type(event) for event in said] == [WakeSuspected] * count
        assert stage.flush() == []


@pytest.mark.parametrize("size", [160, 1000, 60_000])
def test_any_chunking_gives_a_scout_the_same_suspicions(size: int) -> None:
    stage = WakeWordScout([TalkingBundle([-9.0] * 40 + [-4.0, 2.0, -4.0] * 20, smooth=2)])  # type: ignore[list-item]
    whole = [*played(stage, silence(120)), *stage.flush()]
    stage.reset()
    assert [*played(stage, silence(120), size=size), *stage.flush()] == whole != []


@pytest.mark.parametrize(
    ("word", "name"), [("computer", "wakeword-computer"), (" Hey  Savant ", "wakeword-hey-savant")]
)
def test_a_words_bundle_is_named_after_it(word: str, name: str) -> None:
    assert bundle_name(word) == name


def test_the_shipped_word_is_heard_once_where_our_own_voice_says_it() -> None:
    voice = Voice.load()
    sentence = DemoSentence(text="good morning", skill="conversation", intent="greet", slots={})
    request = next(own_requests([sentence], lambda text: (voice.say(text), voice.rate)))
    (event,) = WakeWordSpotter.load("computer").detect(request.samples)
    assert event.word == "computer"
    assert event.score >= 0.967
    assert 0 <= event.start < event.end < len(request.samples)


@pytest.mark.parametrize("kind", [WakeWordSpotter, WakeWordScout])
def test_the_recent_score_of_a_word_is_the_highest_of_the_last_block(kind: type[WakeWordSpotter]) -> None:
    heard = kind([TalkingBundle(script(200, (60, 70)))])  # type: ignore[list-item]
    (word,) = heard.words
    assert heard.recent == {word: 0.0}
    block = 4 * STEP
    recent, found = [], []
    for first in range(0, 100 * STEP, block):
        found += heard.process(AudioChunk(start=first, samples=np.zeros(block, np.float32)))
        recent.append(heard.recent[word])
    assert found
    assert all(isinstance(event, WakeDetected | WakeSuspected) for event in found)
    assert max(recent) >= max(event.score for event in found) > 0.5  # type: ignore[attr-defined]
    assert recent[-1] < 0.1, "it does not stay"
    heard.reset()
    assert heard.recent == {word: 0.0}
