from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harken.audio.files import write_wav
from harken.data.mixing import active_level
from harken.data.voices import RESERVED
from harken.demo.requests import (
    DEBIAN_VOICES,
    RECORDED,
    DemoSentence,
    SpokenRequest,
    own_requests,
    read_sentences,
    recorded_orders,
)
from harken.errors import DataError
from harken.events import SAMPLE_RATE, Interpretation, Samples, Slot
from harken.languages.loading import load_locale
from harken.nlu.interpreter import Interpreter
from harken.nlu.shipped import read_shipped_skills


def speech(seconds: float, *, rate: int = SAMPLE_RATE) -> Samples:
    rng = np.random.default_rng(1)
    return (0.1 * rng.standard_normal(round(seconds * rate))).astype(np.float32)


def padded(seconds: float) -> Samples:
    quiet = np.zeros(SAMPLE_RATE, np.float32)
    return np.concatenate([quiet, speech(seconds), quiet])


def corpus(root: Path, name: str, rows: list[dict[str, Any]]) -> None:
    for number, row in enumerate(rows):
        write_wav(root / name / f"{number}.wav", padded(0.5))
        row |= {"audio": f"{number}.wav", "duration": 2.5}
    (root / name / "manifest.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def order(speaker: str, split: str = "dev") -> dict[str, Any]:
    return {"intent": "orderDrink", "slots": {"coffeeDrink": "mocha"}, "speaker": speaker, "split": split}


def wake(speaker: str, label: str = "computer", split: str = "dev") -> dict[str, Any]:
    return {"label": label, "speaker": speaker, "split": split}


def meant(skill: str, intent: str, slots: dict[str, Any], *, rejected: bool = False) -> Interpretation:
    made = tuple(Slot(name=n, text="", value=v, first=0, last=0, score=1.0) for n, v in slots.items())
    return Interpretation(turn=0, text="", skill=skill, intent=intent, score=1.0, slots=made, rejected=rejected)


def request(*, exact: bool, slots: dict[str, Any]) -> SpokenRequest:
    return SpokenRequest(group="g", title="t", samples=speech(0.1), skill="a", intent="b", slots=slots, exact=exact)


def test_understood_means_skill_intent_and_all_slots() -> None:
    one = request(exact=True, slots={"size": "small"})
    assert one.understood([meant("a", "b", {"size": "small"})])
    assert not one.understood([meant("a", "b", {"size": "large"})])
    assert not one.understood([meant("a", "b", {"size": "small", "roast": "dark"})])
    assert not one.understood([meant("a", "c", {"size": "small"})])
    assert not one.understood([meant("x", "b", {"size": "small"})])
    assert not one.understood([meant("a", "b", {"size": "small"}, rejected=True)])
    assert not one.understood([])


def test_key_slots_may_have_company_and_numbers_agree_with_text() -> None:
    one = request(exact=False, slots={"count": 12})
    assert one.understood([meant("a", "b", {"count": 12.0, "unit": "mile"})])
    assert one.understood([meant("a", "b", {"count": "12"})])
    assert not one.understood([meant("a", "b", {"unit": "mile"})])


def test_orders_come_after_the_same_voice_where_there_is_one(tmp_path: Path) -> None:
    corpus(tmp_path, "coffee-commands", [order("anna"), order("ben"), order("carl", "train")])
    corpus(tmp_path, "wake-words", [wake("ben"), wake("anna", "alexa"), wake("carl", split="train"), wake("dora")])
    orders = list(recorded_orders(tmp_path))
    assert len(orders) == 2, "only dev"
    by_speaker = {("anna" if "anna" in one.title else "ben"): one for one in orders}
    assert "the same voice" in by_speaker["ben"].title
    assert "the same voice" not in by_speaker["anna"].title
    assert {one.group for one in orders} == {RECORDED}
    assert orders[0].slots == {"coffeeDrink": "mocha"}
    assert len(list(recorded_orders(tmp_path, limit=1))) == 1


def test_the_pause_between_wake_word_and_order_is_short_and_the_end_is_quiet(tmp_path: Path) -> None:
    corpus(tmp_path, "coffee-commands", [order("anna")])
    corpus(tmp_path, "wake-words", [wake("anna")])
    samples = next(recorded_orders(tmp_path)).samples
    loud = np.abs(samples[: len(samples) // 320 * 320].reshape(-1, 320)).max(axis=1) > 0.05
    changes = np.flatnonzero(np.diff(loud.astype(int)))
    assert len(changes) == 4, "two stretches of speech"
    pause = (changes[2] - changes[1]) * 320 / SAMPLE_RATE
    assert 0.2 <= pause <= 0.6
    assert (len(loud) - changes[3]) * 320 / SAMPLE_RATE >= 1.5


def test_missing_corpora_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="coffee-commands"):
        list(recorded_orders(tmp_path))


def test_our_own_voice_is_heard_in_a_room_and_the_same_each_time() -> None:
    sentence = DemoSentence(text="what time is it", skill="clock", intent="time", slots={})

    def say(text: str) -> tuple[Samples, int]:
        return speech(0.1 * len(text.split()), rate=24_000), 24_000

    one, again = (next(own_requests([sentence], say)) for _ in range(2))
    assert np.array_equal(one.samples, again.samples)
    assert -32 < active_level(one.samples) < -20
    assert float(np.abs(one.samples[:1600]).max()) > 0, "no room is silent"


def test_no_debian_voice_of_the_demo_may_be_trained_on() -> None:
    assert set(DEBIAN_VOICES) <= RESERVED


def test_the_demo_asks_at_least_four_skills_beside_coffee() -> None:
    sentences = read_sentences()
    others = [one for one in sentences if one.skill != "coffee"]
    assert len(others) >= 6
    assert len({one.skill for one in others}) >= 4


def test_every_request_of_the_demo_is_understood_as_it_says_when_typed():
    interpreter = Interpreter.load(read_shipped_skills(load_locale()))
    for sentence in read_sentences():
        meant = interpreter.understand(sentence.text)
        request = SpokenRequest(
            group="", title="", samples=np.zeros(0, np.float32), skill=sentence.skill, intent=sentence.intent,
            slots=sentence.slots, exact=False,
        )  # fmt: skip
        assert request.understood([meant]), f"{sentence.text}: {meant.skill}.{meant.intent} {meant.values}"
