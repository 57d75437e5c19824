import numpy as np
import pytest

from harken.asr.ngram.model import END, SPECIAL, START, NgramModel
from harken.asr.ngram.table import KIND, load_ngram
from harken.bundle import write_bundle
from harken.errors import ConfigError, DataError
from harken.train.asr.ngram.arpa import read_arpa, write_arpa
from harken.train.asr.ngram.kneser_ney import choose_vocabulary, count_ngrams, train_kneser_ney
from harken.train.asr.ngram.pruning import prune_ngrams
from harken.train.asr.ngram.table import ngram_files


def model_of(sentences, order=3):
    return train_kneser_ney(count_ngrams(sentences, choose_vocabulary(sentences, 100), order=order))


def some_sentences(seed=0, count=400):
    rng = np.random.default_rng(seed)
    return [[f"w{min(int(k), 30)}" for k in rng.geometric(0.15, rng.integers(1, 8))] for _ in range(count)]


def distribution(model, history):
    ids = np.array([[*history, word] for word in range(len(model.words)) if word != START], np.int32)
    return np.exp(model.log_probs(ids))


def test_the_hand_computed_case():
    model = model_of([["a", "b"], ["a", "c"]], order=2)
    ids = {word: model.ids[word] for word in "abc"}
    # Continuation counts: a, b, c follow one word, </s> two; discounts 0.5 and 0.75 (too little text to estimate them):
    # 2.25 of 5 is freed and spread over 5 words.
    assert np.exp(model.log_probs(np.array([[ids["a"]], [END]], np.int32))) == pytest.approx([0.19, 0.34], abs=1e-6)
    pairs = np.array([[ids["a"], ids["b"]], [START, ids["a"]]], np.int32)
    assert np.exp(model.log_probs(pairs)) == pytest.approx([0.345, 0.69625], abs=1e-6)


@pytest.mark.parametrize("history", [(), (5,), (START,), (START, 4), (3, 4), (6, 6), (0, 4)])
def test_probabilities_after_any_history_sum_to_one(history):
    model = model_of(some_sentences())
    assert distribution(model, history).sum() == pytest.approx(1, abs=1e-5)
    pruned = prune_ngrams(model, 1e-3)
    assert len(pruned.orders[2]) < len(model.orders[2])
    assert distribution(pruned, history).sum() == pytest.approx(1, abs=1e-5)


def test_higher_orders_fit_the_text_better():
    sentences = [["x", "y", "z"], ["y", "x", "z"], ["z", "z", "x"]] * 20
    worth = [model_of(sentences, order).perplexity(sentences).value for order in (1, 2, 3)]
    assert worth[0] > worth[1] > worth[2]


def test_unknown_words_are_counted_apart():
    found = model_of(some_sentences()).perplexity([["w1", "never", "w2"]])
    assert (found.unknown, found.words, found.tokens) == (1, 3, 3)
    assert found.unknown_rate == pytest.approx(1 / 3)


def test_pruning_costs_little_perplexity_and_never_a_unigram():
    sentences, held_out = some_sentences(0), some_sentences(1)
    counts = count_ngrams(sentences, choose_vocabulary(sentences, 100))
    model = train_kneser_ney(counts)
    pruned = prune_ngrams(model, 1e-4, counts)
    assert len(pruned.orders[0]) == len(model.orders[0])
    assert len(pruned.orders[2]) < 0.8 * len(model.orders[2])
    assert pruned.perplexity(held_out).value < 1.1 * model.perplexity(held_out).value


def test_pruning_keeps_the_histories_of_what_it_keeps():
    pruned = prune_ngrams(model_of(some_sentences()), 1e-4)
    assert np.isin(pruned.orders[2].keys >> 20, pruned.orders[1].keys).all()


def test_arpa_text_brings_the_model_back(tmp_path):
    model = model_of(some_sentences())
    write_arpa(model, tmp_path / "m.arpa")
    again = read_arpa(tmp_path / "m.arpa")
    assert again.words == model.words
    for sentence in some_sentences(3, 20):
        assert again.perplexity([sentence]).value == pytest.approx(model.perplexity([sentence]).value, rel=1e-4)


def test_arpa_that_is_none_is_named_with_its_line(tmp_path):
    (tmp_path / "bad.arpa").write_text("\\data\\\nngram 1=1\n\n\\1-grams:\nnumber a\n\\end\\\n")
    with pytest.raises(DataError, match=r"bad\.arpa:5"):
        read_arpa(tmp_path / "bad.arpa")
    (tmp_path / "cut.arpa").write_text("\\data\\\nngram 1=1\n\n\\1-grams:\n-1 a\n")
    with pytest.raises(DataError, match="cut off"):
        read_arpa(tmp_path / "cut.arpa")


def test_the_table_keeps_probabilities_within_its_steps(tmp_path):
    model = model_of(some_sentences())
    bundle = write_bundle(tmp_path / "lm", name="lm", kind=KIND, files=ngram_files(model), card="")
    again = load_ngram(bundle)
    assert again.words == model.words
    for old, new in zip(model.orders, again.orders, strict=True):
        assert np.array_equal(old.keys, new.keys)
        assert np.abs(old.log_prob[old.log_prob > -30] - new.log_prob[old.log_prob > -30]).max() < 0.07


def test_models_that_do_not_fit_are_refused():
    model = model_of([["a"]], order=1)
    with pytest.raises(ConfigError, match=r"special|expected"):
        NgramModel(("a", "b", "c"), model.orders)
    with pytest.raises(ConfigError, match="train a smaller"):
        NgramModel(SPECIAL, ())
    with pytest.raises(DataError, match="no sentence"):
        count_ngrams([], SPECIAL)
