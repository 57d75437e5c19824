from dataclasses import replace

import numpy as np

from harken.nlu.interpreter import Interpreter
from harken.nlu.skill_file import Skill
from harken.nlu.templates import grammar_of, sample_sentences
from harken.text.grammar import join_grammars


def test_the_grammar_holds_every_word_in_spoken_form(lamp: Skill) -> None:
    grammar = grammar_of(lamp)
    assert {"dim", "azure", "orange", "hundred", "o'clock", "tomorrow", "mood"} <= grammar.vocabulary()
    assert grammar.lists["color"] == (("red",), ("green",), ("blue",), ("azure",), ("dark", "orange"))
    assert len(grammar.lists["0..100"]) == 101
    assert all(word.isalpha() or "'" in word for word in grammar.vocabulary())


def test_a_changed_list_leaves_the_sentences_as_they_were(lamp: Skill) -> None:
    colors = replace(lamp.lists["color"], entries=((("mauve",), "mauve"),))
    changed = grammar_of(replace(lamp, lists={**lamp.lists, "color": colors}))
    assert changed.root == grammar_of(lamp).root
    assert changed.lists["color"] == (("mauve",),)


def test_lists_of_built_in_types_are_fixed_and_those_of_the_skill_are_not(lamp: Skill) -> None:
    grammar = grammar_of(lamp)
    assert grammar.fixed == {name for name in grammar.lists if name not in lamp.lists}
    assert "color" not in grammar.fixed
    assert join_grammars({"one": grammar}).fixed == {f"one.{name}" for name in grammar.fixed} != set()


def test_grammars_of_skills_join(lamp: Skill) -> None:
    joined = join_grammars({"one": grammar_of(lamp), "two": grammar_of(lamp)})
    assert joined.lists["one.color"] == joined.lists["two.color"]


def test_sampled_sentences_are_understood_as_drawn(lamp: Skill) -> None:
    reader = Interpreter({"lamp": lamp}, {}, None, locale=lamp.locale)
    samples = sample_sentences(lamp, 40, np.random.default_rng(1))
    assert {sample.intent for sample in samples} == set(lamp.intents)
    for sample in samples:
        meaning = reader.understand(sample.text)
        assert (meaning.skill, meaning.intent) == ("lamp", sample.intent), sample.text
        spoken = {slot.name: slot.text for slot in meaning.slots if slot.text}
        assert spoken == {slot: " ".join(sample.words[first:last]) for slot, first, last in sample.spans}, sample.text


def test_sampling_is_repeatable_and_without_doubles(lamp: Skill) -> None:
    first = sample_sentences(lamp, 30, np.random.default_rng(3))
    assert first == sample_sentences(lamp, 30, np.random.default_rng(3))
    assert len(set(first)) == len(first)
