"""The stages of a conversation: which there are, what each is made from, and how they follow what the user changes."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from harken.activation.vad import SpeechDetector
from harken.activation.wakeword import WakeWordScout
from harken.asr.keyword.judge import PhraseJudge
from harken.assistant.chain import PERHAPS, RING_EVERY, Chain
from harken.assistant.doctor import stage_rows
from harken.assistant.installed import Installed
from harken.assistant.models import Models
from harken.assistant.profile import Profile, TurnSettings, VoiceSettings, WakeSettings, load_profile
from harken.bundle import load_bundle, write_bundle
from harken.dialogue.store import Store
from harken.events import AudioChunk, Reply, SpeechActivity
from harken.workshop.skills import new_skill

HEARING = ["wakeword", "vad", "judge", "stopword", "gate", "recognizer"]
ANSWERING = ["interpreter", "dialogue", "synthesizer"]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HARKEN_HOME", str(tmp_path))
    return tmp_path


def models(**settings: Any) -> Models:
    profile = Profile(interpreter=load_profile().interpreter, **settings)
    return Models(profile, Installed(profile), store=Store(":memory:"))


def settle(home: Path, seconds: float) -> None:
    """Let what lies in the user's folder look as old as that."""
    for path in (home, *home.rglob("*")):
        os.utime(path, ns=(time := path.stat().st_mtime_ns - round(seconds * 1e9), time))


def train_word(home: Path, word: str, *, threshold: float) -> None:
    """A wake word of the user: the shipped network under another name."""
    shipped = load_bundle("wakeword-computer")
    name = f"wakeword-{word}"
    write_bundle(
        home / "bundles" / name, name=name, kind=shipped.kind, card="", labels=[word],
        files={"model.onnx": shipped.path("model.onnx")},
        features={**shipped.features, "word": word, "threshold": threshold},
    )  # fmt: skip


def test_the_stages_stand_in_the_order_of_the_data() -> None:
    chain = Chain(models())
    assert [stage.name for stage in chain.stages] == HEARING + ANSWERING
    assert [stage.made for stage in chain.stages] == [False] * 9, "each is made when it is first needed"
    silent = [stage.name for stage in Chain(models(), voice=False).stages]
    unstopped = [name for name in HEARING if name != "stopword"]
    assert silent == [*unstopped, *ANSWERING[:-1]], "who never speaks need not be silenced"
    assert [stage.name for stage in Chain(models(), voice=False, echo=True).stages] == ["echo", *silent]
    without = Chain(models(wake=WakeSettings(stop=())))
    assert [stage.name for stage in without.stages] == [*unstopped, *ANSWERING]
    assert [stage.name for stage in Chain(models(), echo=True).stages] == ["overecho", "echo", *HEARING, *ANSWERING]
    unstoppable = Chain(models(wake=WakeSettings(stop=())), echo=True)
    assert unstoppable.stages[0].name == "overecho", "the wake word interrupts it, too"
    pressed = Chain(models(wake=WakeSettings(stop=())), wake=False, echo=True)
    assert pressed.stages[0].name == "echo"
    assert AudioChunk not in chain.hearing.emits, "sound ends at the gate"


def test_the_doctor_lists_what_each_stage_takes_gives_and_replaces() -> None:
    rows = {row["stage"]: row for row in stage_rows()}
    assert list(rows) == ["overecho", "echo", *HEARING, *ANSWERING]
    assert rows["gate"]["replaces"] == ["AudioChunk"]
    assert rows["synthesizer"] == {
        "stage": "synthesizer", "consumes": ["Reply"], "emits": ["SpeechChunk"], "replaces": [],
    }  # fmt: skip


def test_settings_of_the_profile_reach_the_stages() -> None:
    turn = TurnSettings(end_silence=0.7, no_speech=3.0, limit=9.0)
    chain = Chain(models(turn=turn, voice=VoiceSettings(rate=1.5), wake=WakeSettings(threshold=0.42)))
    gate = {stage.name: stage for stage in chain.stages}["gate"].stage.config
    assert (gate.end_silence, gate.no_speech, gate.limit, gate.open) == (0.7, 3.0, 9.0, False)
    assert [word.threshold for word in chain.judge.stage._words] == [0.42]
    assert [word.threshold for word in chain.wakeword.stage._words] == [0.967], "the first stage only suspects"
    assert {stage.name: stage for stage in chain.stages}["synthesizer"].stage.rate == 1.5


def test_without_wake_word_any_speech_opens_a_turn_and_nothing_is_spotted() -> None:
    chain = Chain(models(), wake=False)
    assert {stage.name: stage for stage in chain.stages}["gate"].stage.config.open
    assert chain.wakeword.consumes == chain.judge.consumes == ()


def test_a_wake_word_that_is_trained_or_trained_again_is_listened_for(home: Path) -> None:
    shared = models()
    chain = Chain(shared)
    spotter, judge = chain.wakeword.stage, chain.judge.stage
    assert isinstance(spotter, WakeWordScout)
    assert isinstance(judge, PhraseJudge)
    assert spotter.words == judge.phrases.texts == ("computer",)
    train_word(home, "robin", threshold=0.3)
    assert shared.refresh()
    chain.adopt_hearing()
    assert chain.wakeword.stage.words == chain.judge.stage.phrases.texts == ("computer", "robin")
    settle(home, 10)
    shared.refresh()
    chain.adopt_hearing()
    spotter = chain.wakeword.stage
    train_word(home, "robin", threshold=0.6)
    assert shared.refresh()
    chain.adopt_hearing()
    assert [word.threshold for word in chain.wakeword.stage._words][1] == 0.6
    assert chain.wakeword.stage is not spotter
    assert [word.level for word in chain.judge.stage._words] == [0.967, 0.6]
    chain.adopt_hearing()
    assert chain.wakeword.stage is chain.wakeword.stage, "nothing changed: the stage and its state stay"


def test_what_the_recogniser_searches_changes_only_with_the_skills(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Ears:
        def __init__(self) -> None:
            self.spaces: list[Any] = []

        def use(self, space: Any) -> None:
            self.spaces.append(space)

    shared = models()
    chain = Chain(shared)
    ears = Ears()
    monkeypatch.setattr(chain.recognizer, "_stage", ears)
    monkeypatch.setattr("harken.assistant.models.SkillSet.space", property(lambda skills: sorted(skills.skills)))
    chain.adopt_hearing()
    assert ears.spaces == []
    new_skill("pets", home / "skills")
    assert shared.refresh()
    chain.adopt_hearing()
    chain.adopt_hearing()
    assert len(ears.spaces) == 1
    assert "pets" in ears.spaces[0]


def test_a_chain_that_begins_anew_counts_turns_from_0() -> None:
    chain = Chain(models())
    assert [chain.next_turn(), chain.next_turn()] == [0, 1]
    chain.reset()
    assert chain.next_turn() == 0


def test_the_score_of_a_word_is_its_networks_and_without_one_the_judges() -> None:
    chain = Chain(models(wake=WakeSettings(words=("computer", "hey marvin"))))
    assert chain.wake_scores == {}
    for stage, scores in ((chain.wakeword.stage, [0.2]), (chain.judge.stage, [0.7, 0.9])):
        for word, score in zip(stage._words, scores, strict=True):
            word.recent = score
    assert chain.wake_scores == {"computer": 0.2, "hey marvin": 0.9}


def asked_until(chain: Chain) -> int:
    """Position until which the recogniser expects an answer."""
    until: int = chain.recognizer.stage._asked_until
    return until


def test_a_question_stays_open_for_the_recogniser_until_the_conversation_is_another() -> None:
    chain = Chain(models(), voice=False)
    chain.expect_answer(500)
    assert not chain.recognizer.made
    assert asked_until(chain) == 500, "it was asked before anybody spoke"
    chain.new_stream()
    assert asked_until(chain) == 500
    chain.recognizer.stage.use(chain.recognizer.stage.space)  # what can be said has changed meanwhile
    assert asked_until(chain) == 500
    chain.reset()
    assert asked_until(chain) == 0
    unheard = Chain(models(), voice=False)
    unheard.expect_answer(500)
    unheard.reset()
    assert asked_until(unheard) == 0, "whoever speaks first is asked nothing"


def test_timers_are_looked_at_once_a_second_and_ring_aloud(monkeypatch: pytest.MonkeyPatch) -> None:
    class Time:
        at = 100.0

        def monotonic(self) -> float:
            return self.at

    class Dialogue:
        consumes: tuple[Any, ...] = ()
        emits = (Reply,)
        looks = 0

        def ring(self) -> list[Reply]:
            self.looks += 1
            return [Reply(turn=0, text="Your timer is done.", act="inform")]

    shared, time = models(), Time()
    monkeypatch.setattr(shared, "clock", time)
    chain, dialogue = Chain(shared, voice=False), Dialogue()
    time.at += RING_EVERY
    assert list(chain.ring()) == [], "no dialogue, no timers"
    monkeypatch.setattr(chain.dialogue, "_stage", dialogue)
    assert [type(event) for event in chain.ring()] == [Reply]
    time.at += RING_EVERY / 2
    assert list(chain.ring()) == []
    time.at += RING_EVERY / 2
    assert len(list(chain.ring())) == 1
    assert dialogue.looks == 2


@pytest.mark.parametrize(
    ("spans", "seconds", "holds"),
    [
        ("....", 1, False), ("...........##########....", 3, True), (".#.#.#.#.#.#.#.#.#.#.#.#.#.", 3, False),
        ("....?.....", 2, True), ("....?.....", 2.01, False),
    ],
)  # fmt: skip
def test_a_recording_holds_speech_if_some_begins_a_turn_or_a_short_one_hints_at_it(
    spans: str, seconds: float, holds: bool
) -> None:
    chain = Chain(models(), wake=False, voice=False)
    score = {".": 0.0, "?": PERHAPS, "#": 0.9}
    chain._listener = cast(SpeechDetector, SimpleNamespace(detect=lambda samples: [
        SpeechActivity(start=320 * n, end=320 * (n + 1), speech=sign == "#", score=score[sign])
        for n, sign in enumerate(spans)
    ]))  # fmt: skip
    assert chain.may_hold_speech(np.zeros(round(16_000 * seconds), np.float32)) is holds
