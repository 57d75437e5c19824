"""The network of many languages: attention, padding, targets, alignment, graphs, learning, and one more language."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from harken.errors import DataError
from harken.phones.inventory import PADDING
from harken.phones.multilingual import MultilingualModel
from harken.recipes.phones.pronouncer.languages import new_network, train_network, trained_network, write_network
from harken.train.loop import fit
from harken.train.phones.configs import CONDITIONING, LearningConfig, NetConfig, NetworkConfig
from harken.train.phones.extension import extend
from harken.train.phones.graphs import network_graphs, stored_weights
from harken.train.phones.monotonic import align
from harken.train.phones.network import Network, smoothed_loss
from harken.train.phones.origins import language_distributions
from harken.train.phones.transducer import (
    Errors,
    Material,
    TransducerTask,
    answers_of,
    errors_of,
    inventory_of,
    measure,
)
from harken.train.schedule import LoopConfig

SMALL = NetworkConfig(width=32, inner=48, blocks=2, heads=2, joint=48, history=3, phone_width=8, dropout=0.0)
LEARN = LearningConfig(batch=50, smoothing=0.0, half=False)
SOUNDS = {"a": "a", "i": "i", "o": "o", "t": "t", "s": "s", "m": "m", "x": "k s"}


def made_up(count: int, seed: int = 0, *, letter_s: str = "s") -> dict[str, tuple[tuple[str, ...], ...]]:
    """Words whose spelling is regular; 'sh' is one phone."""
    rng, sounds = np.random.default_rng(seed), {**SOUNDS, "s": letter_s, "sh": "ʃ"}
    words = {}
    while len(words) < count:
        units = [
            rng.choice(["t", "s", "m", "x", "sh"] if place % 2 == 0 else ["a", "i", "o"])
            for place in range(rng.integers(2, 6))
        ]
        words["".join(units)] = (tuple(" ".join(sounds[unit] for unit in units).split()),)
    return words


TWO = {"xx": made_up(50), "yy": made_up(50, letter_s="z")}


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[NetConfig, Path]:
    """A network that has learnt two languages, which read 's' differently."""
    loop = LoopConfig(steps=240, lr=8e-3, validate_every=120)
    config = NetConfig(network=SMALL, learning=dataclasses.replace(LEARN, origin=0.1), loop=loop, rare=1)
    run = tmp_path_factory.mktemp("run")
    train_network(config, TWO, TWO, run)
    return config, run


def network(config: NetworkConfig = SMALL, seed: int = 0) -> Network:
    torch.manual_seed(seed)
    return Network(config, letters=9, phones=7, languages=2).eval()


def test_attention_is_a_distribution_over_the_letters_and_never_over_padding():
    net = network()
    letters = torch.tensor([[2, 3, 4, 5], [2, 3, PADDING, PADDING]])
    weights = net.blocks[0].attention(net.letters(letters), (letters != PADDING).float())
    assert torch.allclose(weights.sum(dim=-1), torch.ones(2, 2, 4), atol=1e-6)
    assert (weights[1, :, :, 2:] == 0).all()


@pytest.mark.parametrize("conditioning", CONDITIONING)
def test_a_word_is_read_alike_alone_and_beside_longer_ones(conditioning: str):
    net = network(dataclasses.replace(SMALL, conditioning=conditioning))
    alone, origin = net.encode(torch.tensor([[2, 3, 4]]), torch.tensor([1]))
    both, origins = net.encode(torch.tensor([[2, 3, 4, 0, 0, 0], [5, 6, 7, 8, 2, 3]]), torch.tensor([1, 0]))
    assert torch.allclose(alone[0], both[0, :3], atol=1e-5)
    assert torch.allclose(origin[0], origins[0], atol=1e-5)


@pytest.mark.parametrize("conditioning", CONDITIONING)
def test_the_language_changes_what_is_said_but_not_where_a_word_comes_from(conditioning: str):
    net = network(dataclasses.replace(SMALL, conditioning=conditioning))
    memory, origin = net.encode(torch.tensor([[2, 3], [2, 3]]), torch.tensor([0, 1]))
    assert not torch.allclose(memory[0], memory[1], atol=1e-3)
    assert torch.equal(origin[0], origin[1])


def test_the_loss_is_the_smoothed_cross_entropy_and_so_is_its_gradient():
    torch.manual_seed(0)
    logits, target = torch.randn(9, 7, requires_grad=True), torch.randint(0, 7, (9,))
    other = logits.detach().clone().requires_grad_()
    mine = smoothed_loss(logits, target, 0.1)
    theirs = torch.nn.functional.cross_entropy(other, target, label_smoothing=0.1)
    (3 * mine).backward()
    (3 * theirs).backward()
    assert mine.item() == pytest.approx(theirs.item(), abs=1e-6)
    assert torch.allclose(logits.grad, other.grad, atol=1e-6)


def test_neighbours_pass_their_gradient_on_as_their_definition_says():
    from harken.train.phones.network import _neighbours

    x = torch.randn(2, 5, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(_neighbours, (x,))
    padded = torch.nn.functional.pad(x, (0, 0, 1, 1))
    assert torch.equal(_neighbours(x), torch.cat([padded[:, :-2], x, padded[:, 2:]], dim=-1))


def test_dropout_hides_the_same_features_at_all_letters_and_keeps_the_mean():
    from harken.train.phones.network import _whole_features

    torch.manual_seed(0)
    found = _whole_features(torch.ones(50, 3, 400), 0.25, True)
    assert torch.equal(found[:, :1].expand_as(found), found)
    assert (found == 0).float().mean().item() == pytest.approx(0.25, abs=0.01)
    assert found.mean().item() == pytest.approx(1, abs=0.02)
    assert torch.equal(_whole_features(torch.ones(2, 3, 4), 0.25, False), torch.ones(2, 3, 4))


def test_some_of_the_past_phones_are_hidden_in_training_only():
    net = network(dataclasses.replace(SMALL, history_dropout=0.1))
    memory, past, said = torch.zeros(400, SMALL.joint), torch.ones(400, 3, dtype=torch.int64), torch.zeros(400).long()
    assert len(net.decode(memory, past, said).unique(dim=0)) == 1
    whole = net.decode(memory, past, said)[0]
    torch.manual_seed(0)
    in_training = net.train().decode(memory, past, said)
    same = torch.isclose(in_training, whole, atol=1e-5).all(dim=1).float().mean().item()
    assert same == pytest.approx(0.9**3, abs=0.07)


def test_letters_seen_too_rarely_are_unknown():
    words = {"xx": {"aab": (("a",),)}, "yy": {"bc": (("c",),)}}
    found = inventory_of(words, rare=2)
    assert found.letters == ("a", "b")
    assert found.written == {"xx": {"a", "b"}, "yy": {"b"}}


def test_fifty_words_are_learnt_by_heart(tmp_path: Path):
    words = {"xx": TWO["xx"]}
    material = Material(words, inventory_of(words), history=3)
    torch.manual_seed(0)
    net = new_network(SMALL, material.inventory)
    task = TransducerTask(net, material, words, LEARN)
    fit(task, LoopConfig(steps=290, lr=1e-2, validate_every=290), tmp_path, quiet=True)
    assert task.loss(np.arange(len(material)), np.random.default_rng(0))[0].item() < 0.01
    assert measure(net, material.inventory, "xx", words["xx"]).wrong == 0


def test_a_target_of_no_weight_changes_nothing(tmp_path: Path):
    config = NetConfig(network=SMALL, learning=LEARN, loop=LoopConfig(steps=6, validate_every=6), rare=1)
    inventory = inventory_of(TWO, rare=1)
    origins = language_distributions(TWO, inventory)
    weights = []
    for given in (None, origins):
        torch.manual_seed(0)
        net = new_network(SMALL, inventory)
        material = Material(TWO, inventory, history=3, origins=given)
        fit(TransducerTask(net, material, TWO, LEARN), config.loop, tmp_path / str(given is None), quiet=True)
        weights.append(net.state_dict())
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])


def test_the_second_target_teaches_where_words_come_from(trained: tuple[NetConfig, Path]):
    config, run = trained
    net, inventory = trained_network(config.network, run)
    before = answers_of(net, inventory, "xx", ["shatis"])
    torch.nn.init.zeros_(net.origin.weight)
    assert answers_of(net, inventory, "xx", ["shatis"]) == before


def test_distributions_over_the_languages():
    words = {"en": ["taxi", "kettle", "the", "when"], "de": ["taxi", "kessel", "der", "wenn"], "it": ["pentola"]}
    inventory = inventory_of({language: dict.fromkeys(own, (("a",),)) for language, own in words.items()})
    lists = language_distributions(words, inventory, share=0.0)
    assert all(vector.sum() == pytest.approx(1, abs=1e-5) for vector in lists.values())
    assert lists["taxi"] == pytest.approx([0.5, 0.5, 0], abs=2e-3)
    assert lists["pentola"] == pytest.approx([0, 0, 1], abs=3e-3)
    mixed = language_distributions(words, inventory)
    assert mixed["kettle"].argmax() == 0
    assert mixed["wenn"].argmax() == 1
    assert mixed["wenn"].sum() == pytest.approx(1, abs=1e-5)
    assert mixed["wenn"][1] > 0.6


def test_distributions_are_those_of_a_5_gram_for_each_language_smoothed_by_witten_and_bell():
    words = {"xx": ["ta", "at", "tata"], "yy": ["ta", "ti", "atta"]}
    inventory = inventory_of({language: dict.fromkeys(own, (("a",),)) for language, own in words.items()})
    rows = {word: inventory.rows(word) for own in words.values() for word in own}
    size = max(row for spelled in rows.values() for row in spelled) + 1

    def grams(word: str, order: int) -> list[tuple[int, ...]]:
        padded = [PADDING] * 4 + rows[word] + [PADDING]
        return [tuple(padded[place - order + 1 : place + 1]) for place in range(4, len(padded))]

    def chance(language: str, gram: tuple[int, ...]) -> float:
        if not gram:
            return 1 / size
        same = [g for word in words[language] for g in grams(word, len(gram)) if g[:-1] == gram[:-1]]
        below, kinds = chance(language, gram[1:]), len(set(same))
        return (same.count(gram) + kinds * below) / (len(same) + kinds) if same else below

    def likelihood(language: str, word: str) -> float:
        return float(np.prod([chance(language, gram) for gram in grams(word, 5)]))

    found = language_distributions(words, inventory, share=0.75)
    for word in rows:
        each = np.array([likelihood(name, word) for name in words])
        listed = np.array([word in own for own in words.values()])
        mean = 0.25 * listed / listed.sum() + 0.75 * each / each.sum() + 1e-3
        assert found[word] == pytest.approx(mean / mean.sum(), abs=1e-4)


def test_distributions_take_words_as_equal_that_differ_in_case_only():
    words = {"en": ["Berlin"], "de": ["berlin"]}
    inventory = inventory_of({language: dict.fromkeys(own, (("a",),)) for language, own in words.items()})
    assert list(language_distributions(words, inventory)) == ["berlin"]


def test_letters_are_aligned_with_their_phones():
    letters, phones = "aiotsmxh", "aiotsmkʃ"
    words, expected = [], []
    for word, (way,) in made_up(200).items():
        words.append(([letters.index(c) for c in word], [phones.index(p) for p in way]))
        expected.append([2 if c == "x" else 1 for c in word.replace("sh", "S")])
    found = align(words)
    for (spelled, said), counts, wanted in zip(words, found, expected, strict=True):
        assert counts.sum() == len(said)
        assert len(counts) == len(spelled)
        if 7 not in spelled:
            assert counts.tolist() == wanted


def test_words_that_cannot_be_aligned_are_left_out():
    assert align([([0], [0] * 9), ([0, 1], [0]), ([0], [])])[0] is None
    assert align([([0], [])]) == [None]
    assert align([]) == []
    with pytest.raises(DataError, match="no pronunciation can be aligned"):
        Material({"xx": {"a": (("b",) * 9,)}}, inventory_of({"xx": {"a": (("b",) * 9,)}}), history=2)


@pytest.mark.parametrize("conditioning", CONDITIONING)
@pytest.mark.parametrize("history", [0, 3])
def test_graphs_give_what_the_network_gives_and_give_it_back(conditioning: str, history: int):
    net = network(dataclasses.replace(SMALL, conditioning=conditioning, history=history))
    weights = stored_weights(*network_graphs(net))
    assert weights.keys() == net.state_dict().keys()
    for name, value in net.state_dict().items():
        step = value.abs().amax(dim=1, keepdim=True) / 127 if value.dim() == 2 else torch.zeros(1)
        assert ((weights[name] - value).abs() <= step / 2 + 1e-6).all()


def test_what_was_learnt_runs_without_torch_and_keeps_the_languages_apart(trained: tuple[NetConfig, Path]):
    config, run = trained
    bundle = write_network(run / "bundle", config, run, name="p", card="", origin={}, licence="none")
    model = MultilingualModel(bundle)
    for language, words in TWO.items():
        right = sum(
            ways[0].phones in words[word]
            for word, ways in zip(words, model.pronounce(list(words), language), strict=True)
        )
        assert right >= 48
    assert model.pronounce(["tasis"], "xx")[0][0].phones == tuple("tasis")
    assert model.pronounce(["tasis"], "yy")[0][0].phones == tuple("taziz")
    greedy, beam = (model.pronounce(["shaxi"], "xx", beam=n, nbest=1)[0][0] for n in (1, 4))
    assert greedy.phones == beam.phones
    found = model.pronounce(["shaxi"], "xx", nbest=3)[0]
    assert [a.log_prob for a in found] == sorted((a.log_prob for a in found), reverse=True)
    assert model.pronounce(["", "日"], "xx") == [[], []]
    assert sum(model.origins("shaxi").values()) == pytest.approx(1, abs=1e-5)


def test_one_more_language_leaves_the_others_as_they_were(trained: tuple[NetConfig, Path]):
    config, run = trained
    bundle = write_network(run / "started", config, run, name="p", card="", origin={}, licence="none")
    words = {"taj": (("t", "a", "j"),), "sasi": (("s", "a", "s", "i"),), "mot": (("m", "o", "tː"),)}
    extended = extend(bundle, config.network, "zz", words)
    assert extended.inventory.languages == ("xx", "yy", "zz")
    assert extended.inventory.spoken["zz"] == {"t", "a", "j", "s", "i", "m", "o", "tː"}
    model = MultilingualModel(bundle)
    for language in ("xx", "yy"):
        before = [a[0].phones for a in model.pronounce(list(TWO[language]), language, beam=1)]
        after = [a[0].phones for a in answers_of(extended.network, extended.inventory, language, TWO[language])]
        assert before == after
    out, outputs = extended.network.out.weight, {p: i for i, p in enumerate(extended.inventory.phones, 1)}
    assert torch.equal(out[outputs["tː"]], out[outputs["t"]])


def test_a_new_phone_starts_as_the_known_one_that_has_the_most_signs_in_common_and_the_fewest_others():
    from harken.train.phones.extension import _most_alike

    assert _most_alike("t", ("t͡s", "tʰ", "s")) == 1
    assert _most_alike("tːʰ", ("t", "tʰ", "d")) == 1


def test_a_prepared_language_learns_other_words_without_a_row_of_its_own_anew(trained: tuple[NetConfig, Path]):
    config, run = trained
    bundle = write_network(run / "prepared", config, run, name="p", card="", origin={}, licence="none")
    extended = extend(bundle, config.network, "yy", {"taj": (("t", "a", "j"),)})
    assert extended.inventory.languages == ("xx", "yy")
    assert extended.inventory.spoken["yy"] == {"t", "a", "j"}


def test_a_new_language_starts_as_the_mean_of_those_that_its_words_look_like(trained: tuple[NetConfig, Path]):
    config, run = trained
    bundle = write_network(run / "mean", config, run, name="p", card="", origin={}, licence="none")
    extended = extend(bundle, config.network, "zz", {"taj": (("t", "a", "j"),)})
    share = torch.tensor([MultilingualModel(bundle).origins("taj")[language] for language in ("xx", "yy")])
    for table in (extended.network.languages.weight, extended.network.origin.weight, extended.network.origin.bias):
        assert torch.allclose(
            table[2], (share[:, None] * table[:2].reshape(2, -1)).sum(dim=0).reshape(table[2].shape), atol=1e-5
        )


def test_errors_are_those_counted_by_hand():
    listed = [[("a", "b", "c")], [("a",), ("a", "b")], [("k", "æ", "t")], [("d", "ɔ", "g")], [("x", "y")]]
    given = [("a", "b", "c"), ("a", "b"), ("k", "a"), ("d", "ɔ", "g", "z"), ()]
    found = errors_of(listed, given)
    assert found == Errors(words=5, wrong=3, phone_errors=2 + 1 + 2, phones=3 + 2 + 3 + 3 + 2)
    assert found.word_error == pytest.approx(0.6)
    assert found.phone_error == pytest.approx(5 / 13)


def test_languages_are_drawn_in_proportion_to_a_power_of_their_words():
    words = {"big": made_up(400), "small": dict(list(made_up(30, seed=5).items())[:25])}
    material = Material(words, inventory_of(words), history=3)
    net = new_network(SMALL, material.inventory)
    for temperature, favour, share in ((1.0, 1.0, 25 / 425), (0.5, 1.0, 1 / 5), (0.5, 4.0, 1 / 2)):
        learning = LearningConfig(batch=32, temperature=temperature, favoured="small", favour=favour)
        task = TransducerTask(net, material, {}, learning)
        drawn = np.concatenate(task.batches(0, np.random.default_rng(0)))
        assert (material.language[drawn] == 1).mean() == pytest.approx(share, abs=0.02)
        assert len(drawn) == pytest.approx(425, abs=2)
