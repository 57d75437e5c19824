"""Which hypothesis is taken: the readings are played by the words themselves."""

from collections.abc import Mapping, Sequence

import pytest

from harken.events import Hypothesis, Interpretation, Slot, Transcript, Word
from harken.nlu.hypotheses import likeliest_reading

VALUES = {"two": 2, "to": 2, "ten": 10}


def transcript(*told: tuple[str, float], last: float = 1.0) -> Transcript:
    """Hypotheses (words, confidence); `last` is the confidence of the last word of each."""
    hypotheses = []
    for text, confidence in told:
        words = [Word(text=word, start=0, end=0, confidence=1.0) for word in text.split()]
        words[-1:] = [Word(text=word.text, start=0, end=0, confidence=last) for word in words[-1:]]
        hypotheses.append(Hypothesis(words=tuple(words), log_prob=0.0, confidence=confidence))
    return Transcript(turn=0, hypotheses=tuple(hypotheses))


def taken(
    event: Transcript, *exact: str, intents: Mapping[str, str] | None = None,
    slots: Mapping[str, tuple[Slot, ...]] | None = None,
) -> tuple[str, float]:  # fmt: skip
    """The words that are taken and their confidence, if these sentences are covered by templates."""
    intents, slots = intents or {}, slots or {}

    def read(words: Sequence[str]) -> Interpretation:
        text = " ".join(words)
        return Interpretation(
            turn=0, text=text, skill="", intent=intents.get(text, ""), score=0.0, exact=text in exact,
            slots=slots.get(text, ()),
        )  # fmt: skip

    meant = likeliest_reading(event, read, lambda words: list(words) == ["ten"], {"not"})
    return meant.text, round(meant.heard, 6)


def test_the_likeliest_is_taken_if_it_is_covered() -> None:
    assert taken(transcript(("lamp on", 0.5), ("lamp off", 0.4)), "lamp on", "lamp off") == ("lamp on", 0.5)


@pytest.mark.parametrize(
    ("others", "heard"),
    [
        ([("nah", 0.4), ("no no", 0.3)], 0.4),
        ([("nah", 0.1)], 0.2),  # less sure
        ([("yes", 0.4)], 0.2),  # says something else
        ([("no thank you", 0.4)], 0.2),  # no template covers it
        ([("nay", 0.15)] * 4 + [("nah", 0.4)], 0.2),  # too far down
    ],
)
def test_a_short_answer_is_as_sure_as_the_surest_words_for_the_same(
    others: list[tuple[str, float]], heard: float
) -> None:
    event = transcript(("no need", 0.2), *others)
    assert taken(event, "no need", "nah", "no no", "nay", "yes", intents={"yes": "affirm"}) == ("no need", heard)


def test_other_words_do_not_speak_for_a_long_sentence() -> None:
    event = transcript(("switch the lamp on", 0.2), ("turn the lamp on", 0.4))
    assert taken(event, "switch the lamp on", "turn the lamp on") == ("switch the lamp on", 0.2)


def test_an_answer_with_another_value_does_not_speak_for_it() -> None:
    words = {
        text: (Slot(name="n", text=text, value=value, first=0, last=1, score=1.0),) for text, value in VALUES.items()
    }
    event = transcript(("two", 0.2), ("ten", 0.5), ("to", 0.4))
    assert taken(event, *words, slots=words) == ("two", 0.4)


@pytest.mark.parametrize(("confidence", "found"), [(0.13, "lamp on"), (0.12, "lamb on")])
def test_another_one_must_be_at_least_a_quarter_as_likely(confidence: float, found: str) -> None:
    assert taken(transcript(("lamb on", 0.5), ("lamp on", confidence)), "lamp on")[0] == found


def test_only_the_first_few_others_are_read() -> None:
    others = [(f"lamb {n}", 0.4) for n in range(4)]
    assert taken(transcript(("lamb on", 0.5), *others[:3], ("lamp on", 0.4)), "lamp on")[0] == "lamp on"
    assert taken(transcript(("lamb on", 0.5), *others, ("lamp on", 0.4)), "lamp on")[0] == "lamb on"


@pytest.mark.parametrize(("last", "found"), [(0.59, "lamp on"), (0.6, "lamp on ah")])
def test_a_doubtful_last_word_is_left_out(last: float, found: str) -> None:
    assert taken(transcript(("lamp on ah", 0.5), last=last), "lamp on")[0] == found
    assert taken(transcript(("lamp on ah", 0.5), ("lamp on", 0.4), last=last), "lamp on")[0] == found


def test_what_differs_in_the_last_word_alone_speaks_for_the_rest() -> None:
    others = ("lamp on oh", 0.2), ("lamp on oh well", 0.2)
    assert taken(transcript(("lamp on ah", 0.3), *others, last=0.5), "lamp on") == ("lamp on", 0.5)
    # Said as such, it needs no help.
    assert taken(transcript(("lamp on ah", 0.3), ("lamp on", 0.1), *others, last=0.5), "lamp on") == ("lamp on", 0.1)


def test_a_word_that_turns_the_meaning_is_never_left_out() -> None:
    assert taken(transcript(("lamp on not", 0.5), last=0.1), "lamp on")[0] == "lamp on not"
    assert taken(transcript(("not lamp on", 0.5), ("the lamp on", 0.4)), "the lamp on")[0] == "not lamp on"
    assert taken(transcript(("please lamp on", 0.5), ("lamp on", 0.4)), "lamp on")[0] == "please lamp on"


def test_a_value_counts_beside_as_many_words() -> None:
    assert taken(transcript(("tan", 0.5), ("ten", 0.4)))[0] == "ten"
    assert taken(transcript(("a tan", 0.5), ("ten", 0.4)))[0] == "a tan"


def test_a_value_is_not_exchanged_for_another_sentence() -> None:
    assert taken(transcript(("ten", 0.5), ("lamp", 0.4)), "lamp")[0] == "ten"
