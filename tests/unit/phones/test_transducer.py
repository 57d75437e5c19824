"""The search: greedy and beam, answers that are reached in several ways, masks, words without letters."""

from __future__ import annotations

import math

import numpy as np
import pytest

from harken.errors import VocabularyError
from harken.phones.inventory import CAPITALS, MOST_AT_A_LETTER, NEXT, UNKNOWN, Inventory, normal_word, spelling
from harken.phones.transducer import search

INVENTORY = Inventory(
    ("a", "b", "c"), ("A", "B", "C"), ("xx", "yy"), {"xx": frozenset("ABC"), "yy": frozenset("AB")},
    {"xx": frozenset("abc"), "yy": frozenset("ab")},
)  # fmt: skip


def encode(letters, languages):
    """Each letter is encoded as itself and the language."""
    return np.stack([letters, np.broadcast_to(languages[:, None], letters.shape)], axis=2).astype(np.float32)


def decode(memory, past, said):
    """The letter's own phone with p = 0.8 (a 'c' is C or, less often, B), then on to the next letter."""
    logits = np.full((len(memory), 4), math.log(0.02), np.float32)
    for row, (letter, _) in enumerate(memory.astype(int)):
        if said[row]:
            logits[row, NEXT] = math.log(0.9)
        else:
            logits[row, letter - UNKNOWN] = math.log(0.5 if letter == 4 else 0.8)
            logits[row, 2] = max(logits[row, 2], math.log(0.3) if letter == 4 else -9)
    return logits


def answers(word, *, language="xx", **options):
    rows = [INVENTORY.rows(word, language)]
    return search(rows, [INVENTORY.language(language)], INVENTORY, encode, decode, history=2, **options)[0]


def test_greedy_says_the_most_likely_phone_of_each_letter():
    assert answers("abca")[0].phones == ("A", "B", "C", "A")


def test_a_beam_of_one_is_greedy():
    assert [a.phones for a in answers("abca", beam=1)] == [a.phones for a in answers("abca")]


def test_answers_are_different_and_the_best_comes_first():
    found = answers("bcb", nbest=4, beam=6)
    assert [a.phones for a in found[:2]] == [("B", "C", "B"), ("B", "B", "B")]
    assert len({a.phones for a in found}) == 4
    assert [a.log_prob for a in found] == sorted((a.log_prob for a in found), reverse=True)
    assert sum(math.exp(a.log_prob) for a in found) <= 1 + 1e-6


def test_ways_to_divide_the_same_phones_among_the_letters_are_one_answer():
    def either(memory, past, said):
        """The one phone A is said at the first letter or at the second, each with p = 0.5."""
        logits = np.full((len(memory), 4), -30, np.float32)
        spoken = (past == 1).any(axis=1)
        first = memory[:, 0] == 2
        logits[:, NEXT] = np.where(spoken, 0, np.where(first, math.log(0.5), -30))
        logits[:, 1] = np.where(spoken, -30, np.where(first, math.log(0.5), 0))
        return logits

    found = search([[2, 3]], [0], INVENTORY, encode, either, history=2, nbest=3, beam=4)[0]
    assert found[0].phones == ("A",)
    assert math.exp(found[0].log_prob) == pytest.approx(1, abs=1e-3)


def test_an_answer_that_is_reached_in_two_ways_beats_one_that_each_of_them_loses_to():
    def twice(memory, past, said):
        """A is said at the first letter or at the second, p = 0.3 each; B at the first, p = 0.4."""
        logits = np.full((len(memory), 4), -30, np.float32)
        spoken = (past > 0).any(axis=1)
        first = memory[:, 0] == 2
        logits[:, NEXT] = np.where(spoken, 0, np.where(first, math.log(0.3), -30))
        logits[:, 1] = np.where(spoken, -30, np.where(first, math.log(0.3), 0))
        logits[:, 2] = np.where(~spoken & first, math.log(0.4), -30)
        return logits

    found = search([[2, 3]], [0], INVENTORY, encode, twice, history=2, nbest=2, beam=4)[0]
    assert [a.phones for a in found] == [("A",), ("B",)]
    assert [math.exp(a.log_prob) for a in found] == pytest.approx([0.6, 0.4], abs=1e-3)


def test_a_better_answer_that_takes_longer_is_waited_for():
    def late(memory, past, said):
        """Nothing is said, p = 0.4, or A, p = 0.6."""
        logits = np.full((len(memory), 4), -30, np.float32)
        logits[:, NEXT] = np.where(said > 0, 0, math.log(0.4))
        logits[:, 1] = np.where(said > 0, -30, math.log(0.6))
        return logits

    assert search([[2]], [0], INVENTORY, encode, late, history=2, beam=2)[0][0].phones == ("A",)


def test_the_probability_is_a_share_of_the_answers_that_were_held():
    assert answers("abca")[0].log_prob == pytest.approx(0)


def test_a_phone_that_the_language_lacks_is_never_said():
    inside = search([[2, 4]], [1], INVENTORY, encode, decode, history=2, nbest=4, beam=8)[0]
    assert all(set(a.phones) <= {"A", "B"} for a in inside)
    assert search([[2, 4]], [1], INVENTORY, encode, decode, history=2, masked=False)[0][0].phones == ("A", "C")


def test_words_of_a_batch_do_not_disturb_each_other():
    words = ["a", "cab", "", "bcabcab"]
    rows = [INVENTORY.rows(word) for word in words]
    together = search(rows, [0] * 4, INVENTORY, encode, decode, history=2, nbest=2, beam=4)
    alone = [search([row], [0], INVENTORY, encode, decode, history=2, nbest=2, beam=4)[0] for row in rows]
    assert together[2] == []
    for mine, theirs in zip(together, alone, strict=True):
        assert [a.phones for a in mine] == [a.phones for a in theirs]
        assert [a.log_prob for a in mine] == pytest.approx([a.log_prob for a in theirs], abs=1e-5)


def test_a_network_that_never_moves_on_ends_anyway():
    def stubborn(memory, past, said):
        logits = np.full((len(memory), 4), -50, np.float32)
        logits[:, 1] = 0
        return logits

    (found,) = search([[2, 3]], [0], INVENTORY, encode, stubborn, history=2)
    assert len(found[0].phones) <= 2 * MOST_AT_A_LETTER
    (found,) = search([[2]], [0], INVENTORY, encode, stubborn, history=2)
    assert len(found[0].phones) == MOST_AT_A_LETTER


def test_spelling_parts_accents_and_syllables_and_marks_capitals():
    assert spelling("Été") == ["e", "\u0301", "t", "e", "\u0301"]
    assert spelling("가") == ["ᄀ", "ᅡ"]
    assert spelling("USA") == [CAPITALS, "u", "s", "a"]
    assert spelling("A") == ["a"]
    assert len(spelling("ab" * 500)) == 60


def test_the_normal_form_does_not_depend_on_how_a_word_is_typed():
    assert normal_word("E\u0301TE\u0301") == "été" == normal_word("été")


def test_letters_that_a_language_lacks_are_read_plainly_or_left_out():
    assert INVENTORY.rows("áb", "xx") == [2, 3]
    assert INVENTORY.rows("abc", "yy") == [2, 3]
    assert INVENTORY.rows("日", "xx") == []
    assert INVENTORY.rows("日") == [UNKNOWN]


def test_an_unknown_language_is_named_with_what_there_is():
    with pytest.raises(VocabularyError, match="does not speak 'zz'; there are: xx, yy"):
        INVENTORY.language("zz")


def test_an_inventory_survives_being_written():
    assert Inventory.from_json(INVENTORY.to_json()) == INVENTORY
