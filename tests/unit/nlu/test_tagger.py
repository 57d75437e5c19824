import io

import numpy as np
import pytest

from harken.errors import BundleError
from harken.nlu.tagger import Tagger
from harken.nlu.tagger_training import Lesson, fit_tagger

NAMES, COLORS = ("anna", "peter", "maria", "john"), ("red", "green", "dark blue")


def lessons() -> list[Lesson]:
    sentences: list[Lesson] = []
    for name in NAMES:
        for color in COLORS:
            split = f"paint {name} {color}".split()
            hints = [["B:name"] if word in NAMES else [] for word in split]
            sentences.append(Lesson(split, hints, [("name", 1, 2), ("color", 2, len(split))]))
            sentences.append(Lesson(["call", name], [[], ["B:name"]], [("name", 1, 2)]))
            sentences.append(Lesson(["stop"], [[]], []))
    return sentences


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    return fit_tagger(lessons(), np.random.default_rng(0))


def found(tagger: Tagger, text: str) -> list[tuple[str, int, int]]:
    words = text.split()
    return [span[:3] for span in tagger.spans(words, [["B:name"] if word in NAMES else [] for word in words])]


def test_slots_are_found_also_for_listed_names_it_never_saw(tagger: Tagger) -> None:
    words = "paint lisa dark blue".split()
    spans = tagger.spans(words, [[], ["B:name"], [], []])
    assert [(slot, first, last) for slot, first, last, _ in spans] == [("name", 1, 2), ("color", 2, 4)]
    assert all(0.5 < score <= 1 for *_, score in spans)
    assert tagger.spans([], []) == []


def test_open_slots_hold_names_that_no_list_has() -> None:
    shy = fit_tagger(lessons(), np.random.default_rng(0))
    open_minded = fit_tagger(
        lessons(), np.random.default_rng(0), open_slots={"name"}, names=["ravi", "ulrike", "otto", "van", "dyke"]
    )
    words, hints = "paint zsazsa dark blue".split(), [[], [], [], []]
    (name, *_), (unsure, *_) = open_minded.spans(words, hints), shy.spans(words, hints)
    assert name[:3] == ("name", 1, 2)
    assert name[3] > unsure[3]


def test_closed_slots_never_see_made_up_words() -> None:
    closed = fit_tagger(lessons(), np.random.default_rng(0), open_slots={"color"}, names=["ravi"])
    assert "w=ravi" in closed.features
    assert "w-1,w=call,ravi" not in closed.features


def test_the_likeliest_taggings_come_first_with_their_probabilities(tagger: Tagger) -> None:
    words, hints = "paint peter red".split(), [[], ["B:name"], []]
    ranked = tagger.nbest(words, hints, 3)
    assert ranked[0][0] == (("name", 1, 2), ("color", 2, 3))
    assert [share for _, share in ranked] == sorted((share for _, share in ranked), reverse=True)
    assert 0.5 < ranked[0][1] <= sum(share for _, share in ranked) <= 1.0001
    assert len({spans for spans, _ in ranked}) == 3
    assert tagger.nbest([], [], 3) == [((), 1.0)]


def test_the_score_of_a_slot_is_the_share_of_the_taggings_that_have_it(tagger: Tagger) -> None:
    words, hints = "paint dark peter".split(), [[], [], ["B:name"]]
    everything = tagger.nbest(words, hints, 10_000)
    for *span, score in tagger.spans(words, hints):
        assert score == pytest.approx(sum(share for spans, share in everything if tuple(span) in spans), abs=1e-4)


def test_a_tagger_survives_its_file(tagger: Tagger) -> None:
    file = io.BytesIO()
    np.savez_compressed(file, **tagger.arrays())  # type: ignore[arg-type]
    file.seek(0)
    with np.load(file, allow_pickle=False) as arrays:
        again = Tagger.from_arrays(dict(arrays))
    assert len(file.getvalue()) < 300_000
    for lesson in lessons():
        one, other = (part.spans(lesson.words, lesson.hints) for part in (again, tagger))
        assert [span[:3] for span in one] == [span[:3] for span in other]


def test_the_same_seed_gives_the_same_tagger(tagger: Tagger) -> None:
    again = fit_tagger(lessons(), np.random.default_rng(0)).arrays()
    assert all((array == again[name]).all() for name, array in tagger.arrays().items())


def test_a_tagger_that_needs_a_token_encoder_asks_for_it(tagger: Tagger) -> None:
    arrays = {**tagger.arrays(), "dense": np.zeros((4, len(tagger.crf.tags)), dtype=np.float16)}
    with pytest.raises(BundleError, match="needs the token encoder"):
        Tagger.from_arrays(arrays).spans(["stop"], [[]])


def test_slots_that_the_intent_lacks_are_not_found_and_leave_their_share_to_others(tagger: Tagger) -> None:
    words, hints = "paint peter red".split(), [[], ["B:name"], []]
    assert [span[:3] for span in tagger.spans(words, hints, slots={"color"})][-1:] == [("color", 2, 3)]
    assert {slot for slot, *_ in tagger.spans(words, hints, slots={"color"})} == {"color"}
    assert tagger.spans(words, hints, slots=()) == []
    assert tagger.nbest(words, hints, 5, slots=()) == [((), pytest.approx(1.0, abs=1e-5))]


def test_only_the_strongest_features_are_kept(tagger: Tagger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harken.nlu.tagger_training._MOST_FEATURES", 12)
    small = fit_tagger(lessons(), np.random.default_rng(0))
    assert len(small.features) == 12 < len(tagger.features)
    assert set(small.features) < set(tagger.features)
    strength = {name: float(np.abs(tagger.weights[row]).max()) for name, row in tagger.features.items()}
    left_out = max(value for name, value in strength.items() if name not in small.features)
    assert left_out <= min(strength[name] for name in small.features)
