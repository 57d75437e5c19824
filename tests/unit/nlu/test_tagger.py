import numpy as np

from harken.nlu.tagger import Tagger, fit_tagger, tags_of

NAMES, COLORS = ("anna", "peter", "maria", "john"), ("red", "green", "dark blue")


def lessons() -> list[tuple[list[str], list[list[str]], list[tuple[str, int, int]]]]:
    sentences = []
    for name in NAMES:
        for color in COLORS:
            words = ["paint", name, color]
            split = " ".join(words).split()
            hints = [["B:name"] if word in NAMES else [] for word in split]
            sentences.append((split, hints, [("name", 1, 2), ("color", 2, len(split))]))
            sentences.append((["call", name], [[], ["B:name"]], [("name", 1, 2)]))
    return sentences


def test_tags_begin_and_continue() -> None:
    assert tags_of(4, [("color", 1, 3)]) == ["O", "B-color", "I-color", "O"]


def test_slots_are_found_also_for_names_it_never_saw() -> None:
    tagger = fit_tagger(lessons(), np.random.default_rng(0))
    words = "paint lisa dark blue".split()
    spans = tagger.spans(words, [[], ["B:name"], [], []])
    assert [(slot, first, last) for slot, first, last, _ in spans] == [("name", 1, 2), ("color", 2, 4)]
    assert all(0 < score <= 1 for *_, score in spans)
    assert tagger.spans([], []) == []


def test_a_tagger_survives_its_file() -> None:
    tagger = fit_tagger(lessons(), np.random.default_rng(0))
    again = Tagger.from_arrays(tagger.arrays())
    for words, hints, _ in lessons():
        assert [span[:3] for span in again.spans(words, hints)] == [span[:3] for span in tagger.spans(words, hints)]
