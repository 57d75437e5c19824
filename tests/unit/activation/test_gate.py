"""The gate: events in, turns out; decided by positions alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from harken.activation.gate import Gate, GateConfig
from harken.errors import ConfigError, PipelineError
from harken.events import (
    AudioChunk,
    EchoAlone,
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
    gate: Gate | None = None,
    chunk: int = 320,
    levels: str = "",
) -> list[Event]:
    """Play a stream of spans of 80 ms: '#' is speech, '.' is not; `wakes` are (decided, end) positions in samples.

    `levels` gives each span's loudness, '9' loudest, each step 6 dB; speech is '9' and the rest '0' by default.
    """
    gate = gate or Gate(config)
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
    out += gate.flush()
    assert all(len(event.samples) for event in out if isinstance(event, TurnAudio)), "no piece is empty"
    return out


def _short(events: Sequence[Event]) -> list[tuple[str, int, str]]:
    """(what, position in spans, reason), the sound left out."""
    edges = []
    for event in events:
        if isinstance(event, TurnStarted):
            edges.append(("start", event.start, event.reason))
        if isinstance(event, TurnEnded):
            edges.append(("end", event.end, event.reason))
    return edges


def test_nothing_happens_without_a_wake_word() -> None:
    assert _run("....########........") == []


def test_a_turn_begins_behind_the_wake_word_and_ends_in_silence() -> None:
    events = _run("....######..#########............", wakes=[(12 * SPAN, 10 * SPAN)])
    assert _short(events) == [("start", 10 * SPAN, "wake"), ("end", 28 * SPAN, "silence")]


def test_the_end_is_decided_half_a_second_after_the_speech() -> None:
    events = _run("....######..#########............", wakes=[(12 * SPAN, 10 * SPAN)])
    ended = next(event for event in events if isinstance(event, TurnEnded))
    assert 0.5 * RATE <= ended.end - 21 * SPAN < 0.5 * RATE + SPAN


@pytest.mark.parametrize(
    ("complete", "seconds"),
    [
        (1.0, 0.25),
        (0.75, 0.25),
        (0.74, 0.4),
        (0.3, 0.4),
        (0.29, 0.5),
        (0.05, 0.5),
        (None, 0.5),
        (0.04, 1.0),
        (0.0, 1.0),
    ],
)
def test_the_silence_that_ends_a_turn_depends_on_what_was_said(complete: float | None, seconds: float) -> None:
    events = _run("....######..####" + "." * 20, wakes=[(12 * SPAN, 10 * SPAN)], gate=Gate(complete=lambda: complete))
    ended = next(event for event in events if isinstance(event, TurnEnded))
    assert seconds * RATE <= ended.end - 16 * SPAN < seconds * RATE + SPAN


def test_the_silence_set_by_the_user_is_stretched_and_shortened_as_well() -> None:
    gate = Gate(GateConfig(end_silence=1.0), complete=lambda: 1.0)
    events = _run("....######..####" + "." * 20, wakes=[(12 * SPAN, 10 * SPAN)], gate=gate)
    ended = next(event for event in events if isinstance(event, TurnEnded))
    assert 0.5 * RATE <= ended.end - 16 * SPAN < 0.5 * RATE + SPAN


def test_whether_a_request_is_complete_is_asked_when_its_sound_has_been_handed_on() -> None:
    passed: list[int] = []
    asked: list[int] = []

    def complete() -> float:
        asked.append(passed[-1])
        return 0.0

    gate = Gate(complete=complete)
    list(gate.process(WakeDetected(word="computer", start=0, end=0, score=1.0)))
    ends = []
    for number, mark in enumerate("######........"):
        start = number * SPAN
        list(gate.process(AudioChunk(start=start, samples=np.zeros(SPAN, np.float32))))
        speech = SpeechActivity(start=start, end=start + SPAN, speech=mark == "#", score=0.5)
        for event in gate.process(speech):
            if isinstance(event, TurnAudio):
                passed.append(event.start + len(event.samples))
        ends.append(start + SPAN)
    assert asked == ends[-len(asked) :]


def test_a_follow_up_that_opens_while_later_stages_work_on_a_turn_is_kept() -> None:
    for kind in (TurnStarted, TurnEnded):
        gate, begun = Gate(), []
        for number, mark in enumerate("####........####"):
            start = number * SPAN
            list(gate.process(AudioChunk(start=start, samples=np.zeros(SPAN, np.float32))))
            if number == 0:
                gate.process(FollowUpOpened(turn=0, start=0, end=10 * SPAN))
            for event in gate.process(SpeechActivity(start=start, end=start + SPAN, speech=mark == "#", score=0.9)):
                begun += [event] if isinstance(event, TurnStarted) else []
                if isinstance(event, kind) and len(begun) == 1:
                    gate.process(FollowUpOpened(turn=0, start=start, end=start + 100 * SPAN))
        assert [event.reason for event in begun] == ["followup", "followup"], kind.__name__


def test_a_turn_that_a_later_stage_drops_while_it_hears_it_does_not_end() -> None:
    gate = Gate()
    list(gate.process(WakeDetected(word="computer", start=0, end=0, score=1.0)))
    list(gate.process(AudioChunk(start=0, samples=np.zeros(100 * SPAN, np.float32))))
    events = gate.process(SpeechActivity(start=0, end=99 * SPAN, speech=False, score=0.0))
    assert isinstance(next(iter(events)), TurnAudio)
    gate.reset()
    assert list(events) == []


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


@pytest.mark.parametrize(("config", "last"), [(GateConfig(end_silence=0.48), 27), (GateConfig(end_silence=0.49), 28)])
def test_silence_ends_a_turn_as_soon_as_it_has_lasted_long_enough(config: GateConfig, last: int) -> None:
    events = _run("....######..#########............", wakes=[(12 * SPAN, 10 * SPAN)], config=config)
    assert _short(events)[1] == ("end", last * SPAN, "silence")


@pytest.mark.parametrize(("fading", "last"), [(0.96, 32), (0.97, 33)])
def test_distant_talk_ends_a_turn_as_soon_as_it_has_lasted_long_enough(fading: float, last: int) -> None:
    levels = "0000999999" + "00" + "99999999" + "5" * 40
    speech = levels.replace("9", "#").replace("5", "#").replace("0", ".")
    events = _run(speech, levels=levels, wakes=[(12 * SPAN, 10 * SPAN)], config=GateConfig(fading=fading))
    assert _short(events)[1] == ("end", last * SPAN, "silence")


@pytest.mark.parametrize(("level", "reason"), [("7", "limit"), ("6", "silence")])
def test_somebody_twelve_decibels_quieter_is_near_and_eighteen_are_too_many(level: str, reason: str) -> None:
    levels = "99999999" + level * 192
    events = _run("#" * 200, levels=levels, wakes=[(12 * SPAN, 1 * SPAN)])
    assert _short(events)[1][2] == reason


def test_a_steady_voice_is_as_near_as_it_was() -> None:
    events = _run("#" * 40, wakes=[(12 * SPAN, 10 * SPAN)], config=GateConfig(fading_db=0.0))
    assert _short(events)[1] == ("end", 40 * SPAN, "flush")


def test_somebody_quiet_is_heard_to_the_end() -> None:
    events = _run("#" * 40, levels="1" * 40, wakes=[(12 * SPAN, 10 * SPAN)])
    assert _short(events)[1] == ("end", 40 * SPAN, "flush")


def test_the_usual_limit_is_a_quarter_of_a_minute() -> None:
    events = _run("#" * 250, wakes=[(12 * SPAN, 10 * SPAN)])
    assert _short(events)[1] == ("end", 198 * SPAN, "limit"), "the first span that ends 15 s behind the wake word"


@pytest.mark.parametrize(
    ("settle", "spans", "reason"),
    [(0.3, 4, "silence"), (0.3, 3, "timeout"), (0.32, 4, "silence"), (0.321, 4, "timeout")],
)
def test_speech_that_runs_on_must_last_longer_than_the_words_own_end(settle: float, spans: int, reason: str) -> None:
    speech, config = "....######" + "#" * spans + "." * 70, GateConfig(settle=settle)
    events = _run(speech, wakes=[(14 * SPAN, 10 * SPAN)], config=config)
    assert _short(events)[1][2] == reason


@pytest.mark.parametrize(("spans", "reason"), [(2, "silence"), (1, "timeout")])
def test_after_a_pause_a_click_is_no_request_and_a_short_word_is(spans: int, reason: str) -> None:
    events = _run("....######...." + "#" * spans + "." * 70, wakes=[(12 * SPAN, 10 * SPAN)])
    assert _short(events)[1][2] == reason


def test_a_word_that_ends_within_a_span_has_only_the_rest_of_it_behind_it() -> None:
    # 280 samples of span 10 and three whole spans are less than 0.3 s; with the whole of span 10 it would be more.
    speech = "....######" + "####" + "." * 70
    assert _short(_run(speech, wakes=[(14 * SPAN, 10 * SPAN + 1000)]))[1][2] == "timeout"
    assert _short(_run(speech, wakes=[(14 * SPAN, 10 * SPAN)]))[1][2] == "silence"


def test_a_pause_before_the_words_end_is_no_pause_behind_it() -> None:
    speech = "....#####." + "##" + "." * 70
    assert _short(_run(speech, wakes=[(12 * SPAN, 10 * SPAN)]))[1][2] == "timeout"


def test_clicks_do_not_add_up_to_speech() -> None:
    events = _run("....######...." + "#.." * 5 + "." * 70, wakes=[(12 * SPAN, 10 * SPAN)])
    assert _short(events)[1][2] == "timeout"


def test_a_turn_begins_at_most_four_seconds_back() -> None:
    events = _run("." * 100, wakes=[(98 * SPAN, 10 * SPAN)])
    begun = _short(events)[0]
    assert begun[0] == "start"
    assert 98 * SPAN - 4 * RATE - SPAN < begun[1] <= 98 * SPAN - 4 * RATE


def test_a_wake_word_before_any_sound_begins_an_empty_turn() -> None:
    gate = Gate()
    begun = list(gate.process(WakeDetected(word="computer", start=0, end=0, score=1.0)))
    assert _short(begun) == [("start", 0, "wake")]
    assert _short(gate.flush()) == [("end", 0, "timeout")]


def test_a_word_that_ends_where_the_last_turn_ended_begins_the_next_and_an_earlier_one_does_not() -> None:
    speech = "....######..#########......." + "." * 70
    assert _short(_run(speech, wakes=[(12 * SPAN, 10 * SPAN)]))[1] == ("end", 28 * SPAN, "silence")
    again = _short(_run(speech, wakes=[(12 * SPAN, 10 * SPAN), (30 * SPAN, 28 * SPAN)]))
    assert again[2] == ("start", 28 * SPAN, "wake")
    assert len(_short(_run(speech, wakes=[(12 * SPAN, 10 * SPAN), (30 * SPAN, 28 * SPAN - 1)]))) == 2


def test_the_end_of_the_stream_ends_the_turn() -> None:
    events = _run("....######..####", wakes=[(12 * SPAN, 10 * SPAN)])
    assert _short(events)[-1] == ("end", 16 * SPAN, "flush")


@pytest.mark.parametrize(("spans", "reason"), [(1, "timeout"), (2, "flush")])
def test_where_the_stream_ends_before_anybody_speaks_the_turn_holds_no_speech(spans: int, reason: str) -> None:
    events = _run("....######..........." + "#" * spans, wakes=[(12 * SPAN, 10 * SPAN)])
    assert _short(events)[-1] == ("end", (21 + spans) * SPAN, reason)


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
    events = _run(speech, wakes=wakes, chunk=chunk)
    assert _short(events) == _short(wanted)
    sound = [np.concatenate([e.samples for e in run if isinstance(e, TurnAudio)]) for run in (events, wanted)]
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


def test_only_one_turn_follows_up() -> None:
    window = FollowUpOpened(turn=0, start=0, end=80 * SPAN)
    events = _run("..........########.........." + "..........########..........", others=[window])
    assert [event.reason for event in events if isinstance(event, TurnStarted)] == ["followup"]


@pytest.mark.parametrize(
    ("first", "end", "turns"), [(10, 12, 1), (11, 12, 1), (12, 14, 1), (0, 11, 0), (17, 30, 1), (18, 30, 0)]
)
def test_a_follow_up_is_open_from_its_start_until_before_its_end(first: int, end: int, turns: int) -> None:
    # Speech lies in spans 10 to 17; it is noticed with the second of its spans that the window holds.
    window = FollowUpOpened(turn=0, start=first * SPAN, end=end * SPAN)
    events = _run("..........########..........", others=[window])
    assert len([event for event in events if isinstance(event, TurnStarted)]) == turns


@pytest.mark.parametrize(
    ("onset", "spans", "turns"), [(0.16, 2, 1), (0.161, 2, 0), (0.161, 3, 1), (0.15, 2, 1), (0.15, 1, 0)]
)
def test_speech_opens_the_gate_as_soon_as_it_has_lasted_long_enough(onset: float, spans: int, turns: int) -> None:
    events = _run("......" + "#" * spans + "......", config=GateConfig(open=True, onset=onset))
    assert len([event for event in events if isinstance(event, TurnStarted)]) == turns


def test_an_open_gate_begins_with_the_first_sample_when_somebody_speaks_at_once() -> None:
    events = _run("########..........", config=GateConfig(open=True))
    assert _short(events)[0] == ("start", 0, "open")


def test_an_open_gate_does_not_take_what_belongs_to_the_turn_before() -> None:
    events = _run("..........########......." + "###..........", config=GateConfig(open=True, end_silence=0.48))
    assert _short(events)[:3] == [
        ("start", 10 * SPAN - 4800, "open"), ("end", 24 * SPAN, "silence"), ("start", 24 * SPAN, "open"),
    ]  # fmt: skip


def test_speech_that_began_while_the_reply_sounded_counts_from_its_end() -> None:
    for end, reasons in ((12, ["open"]), (16, ["open"]), (17, [])):
        others = [PlaybackStarted(turn=0, start=0), PlaybackEnded(turn=0, end=end * SPAN)]
        events = _run("..........########..........", others=others, config=GateConfig(open=True))
        assert [event.reason for event in events if isinstance(event, TurnStarted)] == reasons


@pytest.mark.parametrize(
    ("news", "start"),
    [
        ([], 10 * SPAN - 4800),
        ([(5, True)], None),
        ([(5, True), (9, False)], 10 * SPAN - 4800),
        ([(5, True), (13, False)], 13 * SPAN - 4800),  # a person takes over from the echo within one run of speech
        ([(5, True), (12.5, False)], 12 * SPAN - 4800),
        ([(12, True)], 10 * SPAN - 4800),  # two spans have begun the turn by then
        ([(11, True)], None),
    ],
)
def test_where_only_the_echo_is_heard_nobody_speaks(news: list[tuple[float, bool]], start: int | None) -> None:
    others = [EchoAlone(start=round(at * SPAN), alone=alone) for at, alone in news]
    events = _short(_run("..........########..........", others=others, config=GateConfig(open=True)))
    assert events[:1] == ([] if start is None else [("start", start, "open")])


def test_an_echo_that_lasts_is_not_forgotten() -> None:
    others = [EchoAlone(start=0, alone=True)]
    assert _run("." * 120 + "########..........", others=others, config=GateConfig(open=True)) == []


def test_a_reset_forgets_the_echo() -> None:
    gate = Gate(GateConfig(open=True))
    gate.process(EchoAlone(start=0, alone=True))
    gate.reset()
    assert _short(_run("..........########..........", gate=gate))[0][2] == "open"


def test_an_echo_in_a_turn_changes_nothing() -> None:
    wakes = [(9 * SPAN, 9 * SPAN)]
    others = [EchoAlone(start=0, alone=True)]
    heard = _run("..........########..........", wakes=wakes, others=others)
    assert _short(heard) == _short(_run("..........########..........", wakes=wakes))


def test_an_open_gate_takes_up_speech_right_behind_the_turn_before() -> None:
    events = _run("..........########......" + "##.........", config=GateConfig(open=True, end_silence=0.48))
    assert _short(events)[2] == ("start", 24 * SPAN, "open")


def test_a_word_that_was_said_over_the_reply_interrupts_it_even_if_it_is_noticed_later() -> None:
    others = [PlaybackStarted(turn=0, start=0), PlaybackEnded(turn=0, end=11 * SPAN)]
    for end, reason in ((10, "bargein"), (11, "wake")):
        assert _short(_run("." * 30, wakes=[(14 * SPAN, end * SPAN)], others=others))[0][2] == reason


def test_the_wake_word_in_an_open_gate_matters_only_while_a_reply_sounds() -> None:
    wakes = [(12 * SPAN, 10 * SPAN)]
    assert _run("." * 30, wakes=wakes, config=GateConfig(open=True)) == []
    playing = PlaybackStarted(turn=0, start=0)
    assert _short(_run("." * 30, wakes=wakes, others=[playing], config=GateConfig(open=True)))[0][2] == "bargein"


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
    assert _short(first) == _short(second) == [("start", 8000, "wake"), ("end", 20 * SPAN, "timeout")]


def test_it_says_what_it_does_not_take() -> None:
    with pytest.raises(PipelineError, match="NotDetected"):
        Gate().process(NotDetected(word="computer", end=0, score=0.0))


@pytest.mark.parametrize("name", ["end_silence", "fading", "no_speech", "limit", "pre_roll", "onset", "settle"])
def test_settings_out_of_range_are_refused(name: str) -> None:
    for value in (0.0, 60.0):
        assert getattr(GateConfig(**{name: value}), name) == value  # type: ignore[arg-type]
    for value in (-0.1, 60.1):
        with pytest.raises(ConfigError, match=rf"gate\.{name} is {value} s; expected 0\.\.60"):
            GateConfig(**{name: value})  # type: ignore[arg-type]
