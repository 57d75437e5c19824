"""The neural language model: its losses by hand, what training makes of ln Z, and the eight-bit model that runs."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from harken.asr.neural.model import CLASSES, NAME, NeuralModel
from harken.asr.neural.trie import score_sentences
from harken.asr.ngram.model import END, START, UNKNOWN
from harken.errors import BundleError, ConfigError
from harken.train.asr.neural.export import integers, write_neural_bundle
from harken.train.asr.neural.losses import contrast, noise_loss, normalised_loss
from harken.train.asr.neural.measure import measure, measure_eight_bit
from harken.train.asr.neural.network import NetworkConfig, WordNetwork
from harken.train.asr.neural.sampler import Mixture, Sentences
from harken.train.asr.neural.task import TaskConfig, WordTask
from harken.train.loop import fit
from harken.train.schedule import LoopConfig

WORDS = (*CLASSES, *(f"w{n}" for n in range(60)))
SMALL = NetworkConfig(embedding=32, hidden=48, layers=2, dropout=0.0)


def network(seed=0, config=SMALL, spread=1.0):
    torch.manual_seed(seed)
    made = WordNetwork(config, torch.full((len(WORDS),), -math.log(len(WORDS))))
    with torch.no_grad():
        for weight in (made.projection.weight, made.embedding.weight):
            weight.mul_(3 * spread)
        made.start.normal_()
    return made.eval()


def ids_of(sentence):
    known = {word: number for number, word in enumerate(WORDS)}
    return [known.get(word, UNKNOWN) for word in sentence]


def test_a_word_twice_as_likely_as_ten_noise_words_came_from_the_text_with_two_thirds():
    score, log_q = torch.tensor([math.log(0.02)]), torch.tensor([math.log(0.001)])
    none = torch.full((1, 10), -1e9)
    loss = contrast(score, none, log_q, torch.full((10,), math.log(0.001)), torch.zeros(1, 10, dtype=torch.bool))
    assert math.exp(-float(loss)) == pytest.approx(2 / 3)


def test_a_noise_word_that_is_the_target_does_not_count():
    score, log_q, noise_log_q = torch.tensor([0.3]), torch.tensor([-2.0]), torch.tensor([-2.0, -3.0])
    same = torch.tensor([[True, False]])
    values = [contrast(score, torch.tensor([[first, -1.0]]), log_q, noise_log_q, same).item() for first in (5.0, -5.0)]
    assert values[0] == values[1]


def test_gradients_of_the_noise_loss_equal_finite_differences():
    rng = torch.Generator().manual_seed(0)
    scores = [torch.randn(3, generator=rng, dtype=torch.double), torch.randn(3, 4, generator=rng, dtype=torch.double)]
    log_q, noise_log_q = torch.full((3,), -2.0).double(), torch.full((4,), -2.5).double()
    same = torch.zeros(3, 4, dtype=torch.bool)
    same[1, 2] = True
    inputs = tuple(s.requires_grad_() for s in scores)
    assert torch.autograd.gradcheck(lambda a, b: contrast(a, b, log_q, noise_log_q, same).mean(), inputs, atol=1e-4)


def test_with_much_noise_the_gradient_is_that_of_the_cross_entropy():
    """For normalised scores: over ten words, mean over many draws of k = 500."""
    rng = np.random.default_rng(0)
    s = torch.log_softmax(torch.from_numpy(rng.normal(size=10)), 0).requires_grad_()
    target, q = 3, torch.full((10,), 0.1).double()
    (exact,) = torch.autograd.grad(-s[target], s)
    exact = exact + s.detach().exp()  # of the normalised score
    total = torch.zeros(10).double()
    for _ in range(200):
        noise = torch.from_numpy(rng.integers(0, 10, 500))
        loss = contrast(s[[target]], s[noise][None], q.log()[[target]], q.log()[noise], torch.zeros(1, 500, dtype=bool))
        (gradient,) = torch.autograd.grad(loss.sum(), s)
        total += gradient
    assert float(torch.nn.functional.cosine_similarity(total, exact, dim=0)) > 0.99


def test_the_penalty_is_on_the_square_of_log_z():
    made = network()
    z, targets = torch.randn(5, 32), torch.tensor([4, 5, 6, 7, 8])
    with torch.no_grad():
        log_z = torch.logsumexp(made.scores(z), -1)
        difference = normalised_loss(made, z, targets, 0.5) - normalised_loss(made, z, targets, 0.0)
    assert float(difference) == pytest.approx(0.5 * float(log_z.square().mean()), rel=1e-5)


def text(count=1500, seed=0):
    """Sentences in which each word tells much about the next."""
    rng = np.random.default_rng(seed)
    sentences = []
    for _ in range(count):
        words = [int(rng.integers(4, len(WORDS)))]
        for _ in range(int(rng.integers(2, 8))):
            words.append(4 + (words[-1] - 4) * 2 % 60 if rng.random() < 0.7 else int(rng.integers(4, len(WORDS))))
        sentences.append(words)
    flat = np.array([word for words in sentences for word in words], np.int32)
    return Sentences(flat, np.cumsum([0, *map(len, sentences)]))


@pytest.mark.parametrize("loss", ["noise", "normalised"])
def test_training_brings_scores_that_need_no_sum(tmp_path, loss):
    made, words = network(spread=0.3), text()
    unigram = np.bincount(words.ids, minlength=len(WORDS)) + 1.0
    unigram[END] = len(words)
    config = TaskConfig(loss=loss, noise=200, pass_tokens=8000, batch_tokens=500)
    mixture, dev = Mixture({"a": words}, {"a": 1.0}), {"a": text(seed=1, count=200)}
    task = WordTask(made, mixture, dev, unigram / unigram.sum(), config)
    before = measure(made, task.dev["a"])
    figures = fit(task, LoopConfig(steps=400, lr=1e-2, validate_every=400), tmp_path, quiet=True)
    found = measure(made, task.dev["a"])
    assert found.perplexity == pytest.approx(figures["perplexity.a"], rel=0.05)
    assert found.perplexity < 0.6 * before.perplexity
    assert abs(found.log_z_mean) < 0.25
    assert found.log_z_deviation < 0.4
    assert math.log(found.unnormalised / found.perplexity) == pytest.approx(-found.log_z_mean, abs=1e-4)


def test_words_that_the_model_does_not_know_are_left_out_of_perplexity():
    made = network()
    rows = Sentences(np.array([4, UNKNOWN, 5], np.int32), np.array([0, 3]))
    assert measure(made, rows).tokens == 3


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bundle") / "neural"
    return NeuralModel.from_bundle(write_neural_bundle(folder, network(), WORDS, rare=1000, card="made up"))


def some_sentences(count=40, seed=0):
    rng = np.random.default_rng(seed)
    return [tuple(rng.choice(["w1", "w2", "w3", "never"], int(rng.integers(0, 7)))) for _ in range(count)]


@pytest.mark.parametrize("levels", [127, 31])
def test_integers_are_off_by_half_a_step_at_most(levels):
    rows = np.random.default_rng(0).normal(size=(20, 64)).astype(np.float32)
    whole, step = integers(rows, levels)
    assert (np.abs(whole * step[:, None] - rows) <= step[:, None] * 0.5001).all()
    assert np.abs(whole).max() == levels


def test_the_model_that_runs_scores_like_the_network(model):
    made = network()
    for sentence in some_sentences(10):
        inputs = torch.tensor([[START, *ids_of(sentence)]])
        wanted = made.scores_of(made(inputs)[0], torch.tensor([*ids_of(sentence), END]))
        found = np.array(model.score(sentence))
        found[: len(sentence)] += math.log(1000) * (np.array(ids_of(sentence), int) == UNKNOWN)
        assert found == pytest.approx(wanted.detach().numpy(), abs=0.15)
        assert np.abs(found - wanted.detach().numpy()).mean() < 0.06


def test_eight_bits_change_perplexity_little(model):
    rows = text(count=100, seed=2)
    whole, eight_bit = measure(network(), rows), measure_eight_bit(model, rows)
    assert eight_bit.tokens == whole.tokens
    assert eight_bit.perplexity == pytest.approx(whole.perplexity, rel=0.01)
    assert eight_bit.log_z_mean == pytest.approx(whole.log_z_mean, abs=0.02)


def test_sentences_that_share_beginnings_cost_a_step_for_each_different_one(model):
    sentences = some_sentences()
    found = score_sentences(model, sentences)
    assert found.totals == pytest.approx([sum(model.score(sentence)) for sentence in sentences], abs=1e-5)
    assert found.steps == len({sentence[:n] for sentence in sentences for n in range(len(sentence) + 1)})


def test_the_order_and_company_of_sentences_do_not_matter(model):
    sentences = some_sentences()
    order = np.random.default_rng(1).permutation(len(sentences))
    whole = score_sentences(model, sentences).totals
    assert score_sentences(model, [sentences[n] for n in order]).totals == pytest.approx(whole[order], abs=1e-9)
    assert score_sentences(model, sentences[:1]).totals[0] == pytest.approx(whole[0], abs=1e-9)


def test_personal_words_are_one_class(model):
    expected = {"maria": math.log(0.5), "w9": math.log(0.5)}
    plain, named = ("w1", NAME, "w2"), ("w1", "maria", "w2")
    one = score_sentences(model, [named], expected=expected).totals[0]
    assert one == pytest.approx(sum(model.score(plain)) + math.log(0.5), abs=1e-6)
    assert score_sentences(model, [("w1", "w9", "w2")], expected=expected).totals[0] == one  # also one that it knows
    renamed = {"paolo": math.log(0.5), "w9": math.log(0.5)}
    assert score_sentences(model, [("w1", "paolo", "w2")], expected=renamed).totals[0] == one
    assert score_sentences(model, [named]).totals[0] == pytest.approx(sum(model.score(named)), abs=1e-6)


def test_unknown_words_share_the_probability_of_the_unknown(model):
    known = sum(model.score(("w1",)))
    assert sum(model.score(("never",))) != known
    assert sum(model.score(("never",))) == pytest.approx(sum(model.score(("<unk>",))), abs=1e-9)


def test_scoring_stops_when_it_is_late(model):
    asked = iter([False, False, True])
    assert score_sentences(model, [("w1", "w2", "w3")], late=lambda: next(asked)) is None


@pytest.mark.parametrize("words", [WORDS[:-1], (*WORDS[1:], "more")])
def test_words_that_do_not_fit_are_refused(tmp_path, words):
    with pytest.raises(ConfigError, match="one a row"):
        write_neural_bundle(tmp_path / "b", network(), words, rare=10, card="")


def test_a_bundle_of_another_kind_is_refused(tmp_path):
    bundle = write_neural_bundle(tmp_path / "b", network(), WORDS, rare=10, card="")
    bundle.info["kind"] = "ngram"
    with pytest.raises(BundleError, match="neural-lm"):
        NeuralModel.from_bundle(bundle)


def test_noise_and_target_scores_come_from_the_embedding_and_bias():
    made = network()
    z, targets, noise = torch.randn(4, 32), torch.tensor([4, 5, 6, 7]), torch.tensor([8, 9, 4])
    log_q, scores = torch.randn(len(WORDS)), made.scores(z).detach()
    same = targets[:, None] == noise
    wanted = contrast(scores.gather(1, targets[:, None])[:, 0], scores[:, noise], log_q[targets], log_q[noise], same)
    assert noise_loss(made, z, targets, noise, log_q).item() == pytest.approx(float(wanted.mean()), rel=1e-5)
