"""The judge's rules, over phones that a script gives: when it listens, what it accepts, where and how soon."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from tests.unit.asr.keyword.scripted import LABELS, STEP, ScriptedModel, stream

from harken.asr.keyword.judge import BLOCK, PhraseJudge
from harken.asr.keyword.phrases import Phrases
from harken.asr.keyword.rule import Rule
from harken.errors import ConfigError, PipelineError
from harken.events import AudioChunk, Event, NotDetected, TurnEnded, WakeDetected
from harken.phones.pronunciation import Pronunciation

COMPUTER = "K AH M P Y UW T ER".split()
RULE = Rule(bias=2.0, margin=2.0, network=0.5, threshold=0.6)
"""A perfect match with a network at its threshold: 1 / (1 + exp(-2)) = 0.88."""
LEVEL = 0.9
"""Threshold of the small network."""


@pytest.fixture(scope="module")
def pronunciation() -> Pronunciation:
    return Pronunciation.load()


def judge(model: ScriptedModel, pronunciation: Pronunciation, *texts: str, **more: Any) -> PhraseJudge:
    phrases = Phrases.of(texts or ("computer",), labels=LABELS, pronunciation=pronunciation)
    more = {"levels": {"computer": LEVEL} if "computer" in phrases.texts else {}, **more}
    rules = {"with_network": RULE, "without_network": RULE}
    return PhraseJudge(model, phrases, **(rules | more))  # type: ignore[arg-type]


def says(phones: Sequence[str] = COMPUTER, *, lead: int = 10, length: int = 3) -> list[tuple[str, int]]:
    """Silence, then the phones, `length` steps each."""
    return [("SIL", lead), *((phone, length) for phone in phones)]


def played(stage: PhraseJudge, events: Sequence[Event]) -> list[WakeDetected]:
    said = [out for event in events for out in stage.process(event)]
    assert all(isinstance(event, WakeDetected) for event in said)
    return said  # type: ignore[return-value]


def at_end() -> list[tuple[str, int, float]]:
    """A suspicion in the block in which the word of `says` ends: after 34 steps, in block 12."""
    return [("computer", 12, LEVEL)]


def test_a_suspected_word_whose_phones_were_said_is_detected_once_where_it_was(pronunciation: Pronunciation) -> None:
    stage = judge(ScriptedModel(says()), pronunciation)
    (event,) = played(stage, stream(20, suspected=at_end()))
    assert (event.word, event.start) == ("computer", 10 * STEP)
    # The last phone is entered at step 31 and held until 34; block 12 ends within it.
    assert 31 * STEP < event.end <= 34 * STEP + STEP
    assert event.score == pytest.approx(1 / (1 + np.exp(-2)))
    assert stage.flush() == []


def test_it_decides_as_soon_as_the_sound_is_there_and_not_when_the_model_is_sure(pronunciation: Pronunciation) -> None:
    events = stream(13, suspected=at_end())
    assert len(played(judge(ScriptedModel(says()), pronunciation), events)) == 1
    careful = judge(ScriptedModel(says(), guess=False), pronunciation)
    assert played(careful, events) == [], "what lies ahead is not known yet"
    late = played(judge(ScriptedModel(says(), guess=False), pronunciation), stream(20, suspected=at_end()))
    assert len(late) == 1, "but it is a few blocks later"


def test_a_word_that_ends_after_it_was_suspected_is_still_heard(pronunciation: Pronunciation) -> None:
    assert len(played(judge(ScriptedModel(says()), pronunciation), stream(20, suspected=[("computer", 9, LEVEL)]))) == 1
    assert played(judge(ScriptedModel(says()), pronunciation), stream(20, suspected=[("computer", 5, LEVEL)])) == []


def test_without_a_suspicion_nothing_is_computed(pronunciation: Pronunciation) -> None:
    model = ScriptedModel(says())
    stage = judge(model, pronunciation)
    assert played(stage, stream(200, speech=[(0, 200)])) == []
    assert (model.opened, model.heard) == (0, 0)
    assert stage.flush() == [NotDetected(word="computer", end=200 * BLOCK, score=0.0)]


def test_a_suspicion_ends_and_with_it_the_work(pronunciation: Pronunciation) -> None:
    model = ScriptedModel(says())
    stage = judge(model, pronunciation)
    played(stage, stream(400, suspected=at_end()))
    assert model.opened == 1
    assert model.heard < 6 * 100, "frames of less than six seconds, those looked ahead for included"


@pytest.mark.parametrize(
    "phones", ["K AH M P Y UW", "K AH M IH T ER", "S N OW B OY", "AH M P Y UW T ER IY", "K AH M P AE N IY"]
)
def test_a_near_miss_is_not_the_word(pronunciation: Pronunciation, phones: str) -> None:
    stage = judge(ScriptedModel([*says(phones.split()), ("F", 4)], wrong=-8.0), pronunciation)
    events = stream(24, suspected=[("computer", block, LEVEL) for block in range(9, 14)])
    assert played(stage, events) == []
    (missing,) = [event for event in stage.flush() if isinstance(event, NotDetected)]
    assert 0 < missing.score < RULE.threshold


def test_a_casual_variant_is_the_word(pronunciation: Pronunciation) -> None:
    stage = judge(ScriptedModel(says("K AH M P Y UW D ER".split())), pronunciation)
    assert len(played(stage, stream(20, suspected=at_end()))) == 1


def test_both_stages_count(pronunciation: Pronunciation) -> None:
    def score(network: float) -> float:
        stage = judge(ScriptedModel(says()), pronunciation)
        return played(stage, stream(20, suspected=[("computer", 12, network)]))[0].score

    assert score(0.5) < score(LEVEL) < score(0.99)
    assert score(LEVEL) == pytest.approx(1 / (1 + np.exp(-2)))


def test_the_highest_score_of_a_suspicion_counts(pronunciation: Pronunciation) -> None:
    stage = judge(ScriptedModel(says()), pronunciation)
    rising = [("computer", 10, 0.3), ("computer", 11, 0.99), ("computer", 12, 0.3)]
    (event,) = played(stage, stream(20, suspected=rising))
    above = np.log(0.99 / 0.01) - np.log(LEVEL / (1 - LEVEL))
    assert event.score == pytest.approx(1 / (1 + np.exp(-2 - 0.5 * above)), rel=1e-3)


def test_a_score_at_the_threshold_counts_and_one_below_does_not(pronunciation: Pronunciation) -> None:
    perfect = 1 / (1 + float(np.exp(-2.0)))
    for threshold, count in ((perfect - 1e-9, 1), (perfect + 1e-9, 0)):
        stage = judge(ScriptedModel(says()), pronunciation, threshold=threshold)
        assert len(played(stage, stream(20, suspected=at_end()))) == count


def test_an_untrained_phrase_is_heard_wherever_somebody_speaks(pronunciation: Pronunciation) -> None:
    glass = "V Y UW SIL G L AE S".split()
    stage = judge(ScriptedModel(says(glass)), pronunciation, "view glass")
    (event,) = played(stage, stream(20, speech=[(4, 13)]))
    assert (event.word, event.start) == ("view glass", 10 * STEP)
    assert 31 * STEP < event.end <= 34 * STEP + STEP
    silent = judge(ScriptedModel(says(glass)), pronunciation, "view glass")
    assert played(silent, stream(20)) == []
    assert silent.model.opened == 0


def test_a_phrase_that_cannot_wait_is_judged_by_a_guess_at_what_lies_ahead(pronunciation: Pronunciation) -> None:
    glass = "V Y UW SIL G L AE S".split()
    events = stream(13, speech=[(4, 13)])
    early = judge(ScriptedModel(says(glass)), pronunciation, "view glass", early=True)
    assert early.latency == BLOCK
    (event,) = played(early, events)
    assert (event.word, event.start) == ("view glass", 10 * STEP)
    assert played(judge(ScriptedModel(says(glass)), pronunciation, "view glass"), events) == []
    wrong = judge(ScriptedModel(says(glass), guess=False), pronunciation, "view glass", early=True)
    assert len(played(wrong, stream(20, speech=[(4, 13)]))) == 1, "a wrong guess costs time, not the word"


def test_speech_that_is_noticed_late_is_heard_from_its_beginning(pronunciation: Pronunciation) -> None:
    stage = judge(ScriptedModel(says("V Y UW G L AE S".split())), pronunciation, "view glass")
    assert len(played(stage, stream(20, speech=[(11, 13)]))) == 1


def test_a_word_with_a_network_and_a_phrase_without_do_not_disturb_each_other(pronunciation: Pronunciation) -> None:
    stage = judge(ScriptedModel(says()), pronunciation, "view glass", "computer")
    assert [event.word for event in played(stage, stream(20, suspected=at_end()))] == ["computer"]
    unasked = judge(ScriptedModel(says()), pronunciation, "view glass", "computer")
    assert played(unasked, stream(20, speech=[(4, 14)])) == [], "only its network asks for it"


def test_the_recent_score_of_a_phrase_is_that_of_the_last_block_in_which_it_was_listened_for(
    pronunciation: Pronunciation,
) -> None:
    stage = judge(ScriptedModel(says()), pronunciation)
    recent = []
    for event in stream(20, suspected=at_end()):
        found = stage.process(event)
        recent.append(stage.recent["computer"])
        assert all(isinstance(out, WakeDetected) and recent[-1] == out.score for out in found)
    assert recent[0] == 0.0, "nothing was suspected yet"
    assert max(recent) > RULE.threshold
    assert recent[-1] == 0.0, "nothing is any more"


def test_a_word_is_not_reported_again_within_a_second(pronunciation: Pronunciation) -> None:
    twice = [*says(), *says(lead=3)]
    stage = judge(ScriptedModel(twice), pronunciation, "computer", levels={})
    assert len(played(stage, stream(30, speech=[(2, 26)]))) == 1
    later = [*says(), *says(lead=30)]
    stage = judge(ScriptedModel(later), pronunciation, "computer", levels={})
    assert len(played(stage, stream(40, speech=[(2, 40)]))) == 2


def test_a_word_that_never_came_is_named_at_the_end_with_its_highest_score(pronunciation: Pronunciation) -> None:
    stage = judge(ScriptedModel(says("S N OW B OY".split())), pronunciation, "computer", "view glass")
    played(stage, stream(20, suspected=at_end()))
    computer, glass = stage.flush()
    assert isinstance(computer, NotDetected)
    assert (computer.word, computer.end) == ("computer", 20 * BLOCK)
    assert 0 < computer.score < RULE.threshold
    assert glass == NotDetected(word="view glass", end=20 * BLOCK, score=0.0)


def test_a_word_at_the_very_end_is_decided_in_the_flush_and_ends_within_the_sound(pronunciation: Pronunciation) -> None:
    stage = judge(ScriptedModel(says("V Y UW G L AE S".split())), pronunciation, "view glass")
    assert played(stage, stream(12, speech=[(4, 12)])) == []
    (event,) = stage.flush()
    assert isinstance(event, WakeDetected)
    assert event.end <= 12 * BLOCK


@pytest.mark.parametrize("size", [160, 320, 1000, 1281, 4096, 60_000])
def test_any_chunking_gives_the_same_words(pronunciation: Pronunciation, size: int) -> None:
    def heard(size: int) -> list[Event]:
        stage = judge(ScriptedModel([*says(), *says(lead=40)]), pronunciation, "computer", "view glass")
        said = [("computer", block, 0.5) for block in (11, 12, 13, 30, 36)]
        events = stream(40, suspected=said, speech=[(4, 14), (30, 36)], size=size)
        return [*played(stage, events), *stage.flush()]

    assert heard(size) == heard(BLOCK)
    assert [type(event) for event in heard(size)] == [WakeDetected, NotDetected]


def test_reset_forgets_everything(pronunciation: Pronunciation) -> None:
    stage = judge(ScriptedModel(says()), pronunciation)
    events = stream(20, suspected=at_end())
    first = [*played(stage, events), *stage.flush()]
    stage.reset()
    assert [*played(stage, events), *stage.flush()] == first
    stage.reset()
    assert stage.flush() == [NotDetected(word="computer", end=0, score=0.0)]


def test_memory_does_not_grow_with_the_stream(pronunciation: Pronunciation) -> None:
    stage = judge(ScriptedModel(says()), pronunciation)
    played(stage, stream(2000, speech=[(0, 2000)]))
    assert sum(len(block) for block in stage._kept) <= 2 * 16_000
    assert len(stage._pending) == 0


def test_samples_that_are_no_sound_do_no_harm(pronunciation: Pronunciation) -> None:
    stage = judge(ScriptedModel(says()), pronunciation)
    events = stream(20, suspected=at_end())
    broken = [
        AudioChunk(start=e.start, samples=np.where(np.arange(len(e.samples)) % 3, np.nan, 9.0).astype(np.float32))
        if isinstance(e, AudioChunk) else e for e in events
    ]  # fmt: skip
    assert len(played(stage, broken)) == 1


def test_its_latency_is_a_block_if_every_word_has_a_network(pronunciation: Pronunciation) -> None:
    assert judge(ScriptedModel([("SIL", 1)]), pronunciation).latency == BLOCK
    assert judge(ScriptedModel([("SIL", 1)]), pronunciation, "view glass").latency == BLOCK + 9 * STEP


@pytest.mark.parametrize(
    ("texts", "more", "said"),
    [
        (("anna",), {}, r"'anna' has 3 phones; at least 4 are needed"),
        (("computer",), {"levels": {"jarvis": 0.5}}, r"a level for 'jarvis', but the phrases are computer"),
        (("computer",), {"threshold": 1.5}, r"threshold of the wake words is 1\.5; .* at most 1"),
    ],
)
def test_what_cannot_be_is_refused(
    pronunciation: Pronunciation, texts: tuple[str, ...], more: dict[str, Any], said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        judge(ScriptedModel([("SIL", 1)]), pronunciation, *texts, **more)


def test_a_short_word_with_a_network_of_its_own_is_allowed(pronunciation: Pronunciation) -> None:
    stage = judge(ScriptedModel([("SIL", 1)]), pronunciation, "anna", levels={"anna": 0.5})
    assert stage.phrases.texts == ("anna",)


def test_it_says_what_it_does_not_take(pronunciation: Pronunciation) -> None:
    with pytest.raises(PipelineError, match="judge takes AudioChunk, WakeSuspected and SpeechActivity, got TurnEnded"):
        judge(ScriptedModel([("SIL", 1)]), pronunciation).process(TurnEnded(turn=0, end=0, reason="silence"))
