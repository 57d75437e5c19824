"""The gate: events in, turns out; decided by positions alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from harken.activation.gate import Gate, GateConfig
from harken.errors import ConfigError, PipelineError
from harken.events import (
    AudioChunk,
    Event,
    FollowUpOpened,
    NotDetected,
    PlaybackEnded,
    PlaybackStarted,
    SpeechActivity,
    TurnAudio,
    TurnEnded,
    TurnStarted,
    WakeDetected,
)

SPAN = 1280
RATE = 16_000


def _run(
    speech: str,
    *,
    wakes: Sequence[tuple[int, int]] = (),
    others: Sequence[Event] = (),
    config: GateConfig | None = None,
    chunk: int = 320,
    levels: str = "",
) -> list[Event]:
    """Play a stream of spans of 80 ms: '#' is speech, '.' is not; `wakes` are (decided, end) positions in samples.

    `levels` gives each span's loudness, '9' loudest, each step 6 dB; speech is '9' and the rest '0' by default.
    """
    gate = Gate(config)
    levels = levels or speech.replace("#", "9").replace(".", "0")
    sound = np.repeat([0.5 * 2.0 ** (int(level) - 9) for level in levels], SPAN).astype(np.float32)
    sound[1::2] *= -1
    out: list[Event] = []
    done = 0
    for event in others:
        out += gate.process(event)
    for start in range(0, len(sound), chunk):
        piece = sound[start : start + chunk]
        out += gate.process(AudioChunk(start=start, samples=piece))
        end = start + len(piece)
        # As in a pipeline: all spans of the chunk, then all wake words of it.
        spans = [n for n in range(len(speech)) if done < (n + 1) * SPAN <= end]
        for n in spans:
            span = SpeechActivity(start=n * SPAN, end=(n + 1) * SPAN, speech=speech[n] == "#", score=0.9)
            out += gate.process(span)
        for decided, word_end in wakes:
            if done < decided <= end:
                out += gate.process(WakeDetected(word="computer", start=word_end - 8000, end=word_end, score=0.9))
        done = end
    return out + gate.flush()


def _short(events: Sequence[Event]) -> list[tuple[str, int, str]]:
    """(what, position in spans, reason), the sound left out."""
    found = []
    for event in events:
        if isinstance(event, TurnStarted):
            found.append(("start", event.start, event.reason))
        if isinstance(event, TurnEnded):
            found.append(("end", event.end, event.reason))
    return found


def test_nothing_happens_without_a_wake_word() -> None:
    assert _run("....########........") == []


def test_a_turn_begins_behind_the_wake_word_and_ends_in_silence() -> None:
    events = _run("....######..#########............", wakes=[(12 * SPAN, 10 * SPAN)])
    assert _short(events) == [("start", 10 * SPAN, "wake"), ("end", 28 * SPAN, "silence")]


def test_the_end_is_decided_half_a_second_after_the_speech() -> None:
    events = _run("....######..#########............", wakes=[(12 * SPAN, 10 * SPAN)])
    ended = next(event for event in events if isinstance(event, TurnEnded))
    assert 0.5 * RATE <= ended.end - 21 * SPAN < 0.5 * RATE + SPAN


def test_the_sound_of_a_turn_has_no_gaps_and_is_the_sound_that_came() -> None:
    events = _run("....######..#########............", wakes=[(12 * SPAN, 10 * SPAN - 100)])
    audio = [event for event in events if isinstance(event, TurnAudio)]
    place = 10 * SPAN - 100
    for piece in audio:
        assert piece.start == place
        place += len(piece.samples)
    assert place == 28 * SPAN
    loud = np.concatenate([piece.samples for piece in audio])
    assert np.abs(loud[:90]).max() == pytest.approx(0.5, rel=1e-3)  # the wake word's last samples


def test_the_end_of_the_wake_word_is_not_the_request() -> None:
    # The detector still says speech for 160 ms; then the speaker thinks for a second.
    events = _run("....########............########..........", wakes=[(12 * SPAN, 10 * SPAN)])
    assert _short(events)[-1] == ("end", 39 * SPAN, "silence")


def test_speech_that_runs_on_from_the_wake_word_is_the_request() -> None:
    events = _run("....############..........", wakes=[(12 * SPAN, 10 * SPAN)])
    assert _short(events)[-1] == ("end", 23 * SPAN, "silence")


def test_nobody_speaks() -> None:
    events = _run("....######" + "." * 70, wakes=[(12 * SPAN, 10 * SPAN)])
    assert _short(events) == [("start", 10 * SPAN, "wake"), ("end", 60 * SPAN, "timeout")]


def test_a_turn_is_not_longer_than_the_limit() -> None:
    events = _run("#" * 100, wakes=[(12 * SPAN, 10 * SPAN)], config=GateConfig(limit=4.0))
    assert _short(events)[1] == ("end", 60 * SPAN, "limit")


def test_distant_talk_after_the_request_ends_the_turn() -> None:
    speech = "....######..########" + "#" * 40
    levels = "0000999999" + "00" + "99999999" + "5" * 40
    events = _run(speech, levels=levels, wakes=[(12 * SPAN, 10 * SPAN)])
    end = _short(events)[1]
    assert end[2] == "silence"
    assert 0.9 * RATE <= end[1] - 20 * SPAN <= 1.1 * RATE


def test_the_end_of_the_stream_ends_the_turn() -> None:
    events = _run("....######..####", wakes=[(12 * SPAN, 10 * SPAN)])
    assert _short(events)[-1] == ("end", 16 * SPAN, "flush")


def test_two_turns_are_counted() -> None:
    speech = "....######..######.........." + "....######..######.........."
    wakes = [(12 * SPAN, 10 * SPAN), (40 * SPAN, 38 * SPAN)]
    events = _run(speech, wakes=wakes)
    assert [event.turn for event in events if isinstance(event, TurnStarted)] == [0, 1]
    assert [event.turn for event in events if isinstance(event, TurnEnded)] == [0, 1]


def test_the_word_inside_a_turn_does_not_begin_another() -> None:
    events = _run("....######..##########..........", wakes=[(12 * SPAN, 10 * SPAN), (20 * SPAN, 18 * SPAN)])
    assert len([event for event in events if isinstance(event, TurnStarted)]) == 1


@pytest.mark.parametrize("chunk", [160, 320, 1280, 5000, 33 * SPAN])
def test_any_chunking_gives_the_same_events(chunk: int) -> None:
    speech = "....######..######..........." + "....######..######.........."
    wakes = [(12 * SPAN, 10 * SPAN), (13 * SPAN, 11 * SPAN), (41 * SPAN, 39 * SPAN)]
    wanted = _run(speech, wakes=wakes, chunk=640)
    found = _run(speech, wakes=wakes, chunk=chunk)
    assert _short(found) == _short(wanted)
    sound = [np.concatenate([e.samples for e in run if isinstance(e, TurnAudio)]) for run in (found, wanted)]
    assert np.array_equal(*sound)


def test_an_open_gate_needs_no_wake_word_and_keeps_what_came_before() -> None:
    events = _run("..........########..........", config=GateConfig(open=True))
    assert _short(events) == [("start", 10 * SPAN - 4800, "open"), ("end", 25 * SPAN, "silence")]


def test_a_click_does_not_open_the_gate() -> None:
    assert _run("......#......#......", config=GateConfig(open=True)) == []


def test_a_follow_up_needs_no_wake_word_while_it_is_open() -> None:
    window = FollowUpOpened(turn=0, start=5 * SPAN, end=30 * SPAN)
    events = _run("..........########.........." + "..........########..........", others=[window])
    assert _short(events) == [("start", 10 * SPAN - 4800, "followup"), ("end", 25 * SPAN, "silence")]


def test_the_assistant_does_not_hear_itself() -> None:
    playing = PlaybackStarted(turn=0, start=0)
    assert _run("..........########..........", others=[playing], config=GateConfig(open=True)) == []


def test_after_the_reply_speech_counts_again() -> None:
    others = [PlaybackStarted(turn=0, start=0), PlaybackEnded(turn=0, end=8 * SPAN)]
    events = _run("..........########..........", others=others, config=GateConfig(open=True))
    assert _short(events)[0][2] == "open"


def test_the_wake_word_interrupts_a_reply() -> None:
    playing = PlaybackStarted(turn=0, start=0)
    events = _run("....######..######..........", wakes=[(12 * SPAN, 10 * SPAN)], others=[playing])
    assert _short(events)[0] == ("start", 10 * SPAN, "bargein")


def test_reset_and_replay_agree() -> None:
    gate = Gate()
    chunk = AudioChunk(start=0, samples=np.full(20 * SPAN, 0.1, np.float32))
    wake = WakeDetected(word="computer", start=0, end=8000, score=1.0)
    first = [*gate.process(chunk), *gate.process(wake), *gate.flush()]
    gate.reset()
    second = [*gate.process(chunk), *gate.process(wake), *gate.flush()]
    assert _short(first) == _short(second) == [("start", 8000, "wake"), ("end", 20 * SPAN, "flush")]


def test_it_says_what_it_does_not_take() -> None:
    with pytest.raises(PipelineError, match="NotDetected"):
        Gate().process(NotDetected(word="computer", end=0, score=0.0))


def test_settings_out_of_range_are_refused() -> None:
    with pytest.raises(ConfigError, match="end_silence"):
        GateConfig(end_silence=-1.0)
