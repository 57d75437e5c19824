import numpy as np

from harken.nlu.features import BUCKETS, MAX_IDS, Encoder, ngram_ids
from harken.nlu.heads import UNKNOWN_INTENT, Head, fit_head

ON = [f"turn {state} the {thing}".split() for state in ("on",) for thing in ("lamp", "light", "fan", "radio", "heater")]
OFF = [f"turn {state} the {thing}".split() for state in ("off",) for thing in ("lamp", "light", "fan", "radio")]
OTHER = [
    f"{verb} my {what}".split() for verb in ("sell", "find", "eat") for what in ("car", "shoes", "dinner", "money")
]


def test_ngrams_are_hashed_sorted_and_bounded() -> None:
    ids = ngram_ids("turn on the light".split())
    assert ids.dtype == np.int32
    assert (np.diff(ids) > 0).all()
    assert ids.max() < BUCKETS
    assert len(ngram_ids([f"word{i}" for i in range(1000)])) == MAX_IDS


def test_an_embedding_has_length_one_and_nothing_has_none(encoder: Encoder) -> None:
    assert abs(np.linalg.norm(encoder.embed(ngram_ids(["light"]))) - 1) < 1e-5
    assert not encoder.embed(ngram_ids([])[:0]).any()


def fitted(encoder: Encoder) -> Head:
    positives = [(ngram_ids(words), 0) for words in ON] + [(ngram_ids(words), 1) for words in OFF]
    positives.append((ngram_ids("turn the thing".split()), UNKNOWN_INTENT))
    return fit_head(("on", "off"), positives, [ngram_ids(words) for words in OTHER], encoder, np.random.default_rng(0))


def test_a_head_tells_its_skill_and_its_intents(encoder: Encoder) -> None:
    head = fitted(encoder)
    for sentence, wanted in (("turn on the oven", 0), ("turn off the oven", 1)):
        ids = ngram_ids(sentence.split())
        mine, intents = head.scores(ids, encoder.embed(ids))
        assert mine > 0.6
        assert int(np.argmax(intents)) == wanted
    ids = ngram_ids("sell my house".split())
    assert head.scores(ids, encoder.embed(ids))[0] < 0.4


def test_weights_survive_their_file_and_training_repeats(encoder: Encoder) -> None:
    head = fitted(encoder)
    again = Head.from_arrays(head.arrays())
    assert (again.sparse == head.sparse).all()
    assert again.intents == head.intents
    assert (fitted(encoder).sparse == head.sparse).all()
