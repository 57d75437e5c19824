"""espeak-ng's dialects as a family: phones in steps, speakers apart, a map that covers everything."""

from __future__ import annotations

import ctypes
import itertools
import json

import numpy as np
import pytest

pytest.importorskip("torch")

from harken.errors import DataError
from harken.phones.dialects import DialectLexicon
from harken.phones.sets import SILENCE
from harken.recipes.asr.dialects.espeak import LIBRARY, VARIANTS, PhoneSegment
from harken.recipes.asr.dialects.family import SPLITS
from harken.recipes.asr.dialects.synthetic import MAP, make_synthetic_family, map_phones
from harken.recipes.asr.dialects.synthetic_speech import SPEAKERS, SentenceCounts, step_segments
from harken.train.asr.acoustic import steps_of

PIVOT, OTHER = "en-us", "en-gb-scotland"
AMOUNTS = SentenceCounts(pivot=12, other=6, dev=3, test=4)


def _installed() -> bool:
    try:
        ctypes.CDLL(LIBRARY)
    except OSError:
        return False
    return True


needs_espeak = pytest.mark.skipif(not _installed(), reason="needs espeak-ng's library")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory):
    return tmp_path_factory.mktemp("synthetic")


@pytest.fixture(scope="module")
def family(folder):
    return make_synthetic_family(folder, voices=[PIVOT, OTHER], amounts=AMOUNTS)


def segments_of(*parts: tuple[str, int]) -> list[PhoneSegment]:
    """(phone, samples) each."""
    ends = list(itertools.accumulate(length for _, length in parts))
    return [
        PhoneSegment(phone=phone, start=end - length, end=end) for (phone, length), end in zip(parts, ends, strict=True)
    ]


def test_a_step_has_the_phone_in_its_middle() -> None:
    # The middle of step s is the middle of the second of its frames: sample 480 s + 360.
    found = step_segments(segments_of((SILENCE, 360), ("a", 480), ("b", 960), ("c", 481)), frames=12)
    assert found == (("a", 0, 1), ("b", 1, 3), ("c", 3, 4))


def test_every_phone_gets_a_step_and_a_short_pause_none() -> None:
    found = step_segments(segments_of(("a", 900), ("b", 160), ("c", 160), (SILENCE, 80), ("d", 1100)), frames=15)
    assert [phone for phone, _, _ in found] == ["a", "b", "c", "d"]
    assert found[0][1] == 0
    assert found[-1][2] == 5
    assert all(first < end for _, first, end in found)


def test_steps_are_covered_whatever_the_durations() -> None:
    rng = np.random.default_rng(0)
    for _ in range(200):
        parts = [(SILENCE if rng.random() < 0.2 else "a", int(rng.integers(100, 1500))) for _ in range(20)]
        parts.append(("z", 12000))
        frames = sum(length for _, length in parts) // 160 - 2
        found = step_segments(segments_of(*parts), frames)
        assert found[0][1] == 0
        assert found[-1][2] == steps_of(frames)
        assert all(left[2] == right[1] and left[1] < left[2] for left, right in itertools.pairwise(found))


def test_more_phones_than_steps_are_refused() -> None:
    with pytest.raises(DataError, match="more slowly"):
        step_segments(segments_of(*[("a", 160)] * 9), frames=9)


def test_nobody_speaks_in_two_splits() -> None:
    assert set(SPEAKERS) == set(SPLITS)
    named = [speaker for split in SPLITS for speaker in SPEAKERS[split]]
    assert sorted(named) == sorted(VARIANTS)


def test_open_phones_become_what_they_face_most_within_their_class() -> None:
    base = {f"w{n}": (("p", "a", "t"),) for n in range(40)} | {"x": (("s", "i"),), "z": (("t", "p"),)}
    other = {f"w{n}": (("p", "e", "t"),) for n in range(40)} | {"x": (("ʃ", "i"),), "z": (("t", "p", "o"),)}
    lexicons = {"us": DialectLexicon("us", base), "uk": DialectLexicon("uk", other)}
    found = map_phones(lexicons, {"us": {SILENCE, "a", "ŋ"}, "uk": {"e", "r"}}, "us")
    images = found.images["uk"]
    assert images["e"] == "a"  # by the rule
    assert images["ʃ"] == "s"  # one place only: guessed
    assert images["o"] == "o"  # faces nothing
    assert images["r"] == "r"  # in no word
    assert found.guessed["uk"] == {"ʃ": "only 1 places"}
    assert found.added == ("o", "r")
    assert set(found.phones) == {"p", "a", "t", "s", "i", "ŋ", "o", "r"}
    assert all(phone == image for phone, image in found.images["us"].items())
    labels = found.labels("uk")
    assert labels.own[0] == SILENCE
    assert labels.common[0] == 0
    common = (SILENCE, *sorted(found.phones))
    assert common[labels.common[labels.own.index("e")]] == "a"


@needs_espeak
@pytest.mark.pack
def test_amounts_are_unequal_and_speakers_apart(family) -> None:
    assert family.dialects == (PIVOT, OTHER)
    sizes = {key: len(rows) for key, rows in family.spoken.items()}
    assert [sizes[PIVOT, split] for split in SPLITS] == [12, 3, 4]
    assert [sizes[OTHER, split] for split in SPLITS] == [6, 3, 4]
    speakers = {s: {one.speaker for d in family.dialects for one in family.spoken[d, s]} for s in SPLITS}
    assert not any(speakers[a] & speakers[b] for a, b in itertools.combinations(SPLITS, 2))


@needs_espeak
@pytest.mark.pack
def test_no_sentence_is_in_two_splits_and_dialects_say_the_same_in_test(family) -> None:
    words = {key: [one.words for one in rows] for key, rows in family.spoken.items()}
    assert words[PIVOT, "test"] == words[OTHER, "test"]
    learnt = [sentence for d in family.dialects for sentence in words[d, "train"]]
    assert len(set(learnt)) == len(learnt)
    assert not set(learnt) & {*words[PIVOT, "dev"], *words[PIVOT, "test"]}
    assert not set(words[PIVOT, "dev"]) & set(words[PIVOT, "test"])
    assert all(4 <= len(sentence) <= 12 for rows in words.values() for sentence in rows)


@needs_espeak
@pytest.mark.pack
def test_targets_are_as_long_as_the_features(family) -> None:
    for (dialect, _), rows in family.spoken.items():
        phones = len(family.labels[dialect].own)
        for one in rows:
            assert one.example.dialect == dialect
            assert one.example.features.dtype == np.float32
            assert len(one.example.targets) == steps_of(len(one.example.features))
            assert one.example.targets[0] < phones
            assert one.example.targets.max() < 2 * phones


@needs_espeak
@pytest.mark.pack
def test_the_map_covers_every_phone_and_keeps_the_pivots(family, folder) -> None:
    kept = json.loads((folder / MAP).read_text(encoding="utf-8"))
    for dialect, labels in family.labels.items():
        assert set(kept["images"][dialect]) == set(labels.own[1:])
        assert len(labels.common) == len(labels.own)
        assert {0, *range(len(family.common))} >= set(labels.common.tolist())
    pivot = family.labels[PIVOT]
    assert all(family.common[image] == own for own, image in zip(pivot.own, pivot.common, strict=True))
    said = {p for one in family.spoken[OTHER, "test"] for word in one.words for p in family.pronounce[OTHER](word)[0]}
    assert said <= set(family.labels[OTHER].own)


@needs_espeak
@pytest.mark.pack
def test_the_language_knows_the_words_of_test(family) -> None:
    for common in (False, True):
        known = set(family.space_of(OTHER, common=common).graph.words)
        assert all(set(one.words) <= known for one in family.spoken[OTHER, "test"])


@needs_espeak
@pytest.mark.pack
def test_what_was_spoken_is_kept_and_other_sentences_are_spoken_anew(family, folder) -> None:
    again = make_synthetic_family(folder, voices=[PIVOT, OTHER], amounts=AMOUNTS)
    for key, rows in family.spoken.items():
        for one, other in zip(rows, again.spoken[key], strict=True):
            assert np.array_equal(one.example.features, other.example.features)
            assert np.array_equal(one.example.targets, other.example.targets)
    less = make_synthetic_family(folder, voices=[PIVOT, OTHER], amounts=SentenceCounts(pivot=4, other=2, dev=2, test=4))
    assert [one.words for one in less.spoken[PIVOT, "test"]] == [one.words for one in family.spoken[PIVOT, "test"]]
    assert len(less.spoken[PIVOT, "train"]) == 4


@needs_espeak
@pytest.mark.pack
def test_too_many_sentences_are_refused(folder) -> None:
    with pytest.raises(DataError, match="ask for fewer"):
        make_synthetic_family(folder, voices=[PIVOT], amounts=SentenceCounts(pivot=10**6))
