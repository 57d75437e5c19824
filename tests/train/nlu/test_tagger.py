import json
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import torch

from harken.languages.loading import load_locale
from harken.nlu.token_encoder import TokenEncoder
from harken.nlu.units import PhoneBook, Units
from harken.phones.neighbours import Neighbours
from harken.phones.pronunciation import Pronunciation
from harken.train.loop import fit
from harken.train.nlu.tagger import CrfLayer, SubwordTagger, TaggerSizes
from harken.train.nlu.tagger_task import Encoder, Tagged, TaggerTask, find_spans, known_words, tag_names
from harken.train.nlu.token_encoder import TokenNetwork, copy_of_weights, label_sets
from harken.train.nlu.token_graphs import token_graphs
from harken.train.schedule import LoopConfig

KINDS = ("char", "phone", "byte")
SENTENCES = [
    Tagged(tuple(f"call {name} {when}".split()), (("who", 1, 2), ("when", 2, 2 + len(when.split()))))
    for name in ("anna", "peter", "their", "there", "lisa")
    for when in ("now", "tomorrow morning")
] + [Tagged(("stop",), ())]


@pytest.fixture(scope="module")
def pronunciation() -> Pronunciation:
    return Pronunciation.load(load_locale())


def made(
    pronunciation: Pronunciation, kinds: tuple[str, ...], words: int = 0, *, pooled: bool = False
) -> tuple[SubwordTagger, Encoder]:
    torch.manual_seed(1)
    units = Units.of(word for sentence in SENTENCES for word in sentence.words)
    encoder = Encoder(units, kinds, known_words(SENTENCES) if words else [], PhoneBook(pronunciation))
    sizes = TaggerSizes(units=dict.fromkeys(kinds, 8), unit_state=6, pooled=pooled, words=words, state=10)
    return SubwordTagger(sizes, encoder.sizes, tag_names(SENTENCES)), encoder


def test_the_loss_counts_every_tagging() -> None:
    crf = CrfLayer(("O", "B-x", "I-x"))
    torch.nn.init.normal_(crf.steps)
    torch.nn.init.normal_(crf.stop)
    emissions, tags = torch.randn(2, 4, 3), torch.tensor([[0, 1, 2, 0], [1, 0, 0, 0]])
    lens, decoder = torch.tensor([4, 2]), crf.decoder()
    found = crf(emissions, tags, lens)
    for row, length in enumerate((4, 2)):
        rows, path = emissions[row, :length].numpy(), tags[row, :length].tolist()
        paths = [decoder.score(rows, other) for other in product(range(3), repeat=length)]
        assert float(found[row].detach()) == pytest.approx(
            decoder.score(rows, path) - np.logaddexp.reduce(paths), abs=1e-5
        )


@pytest.mark.parametrize("pooled", [False, True])
def test_padding_changes_no_loss(pronunciation: Pronunciation, pooled: bool) -> None:
    network, encoder = made(pronunciation, KINDS, pooled=pooled)
    network.eval()
    short, long = (
        encoder.types(("call", "anna")),
        encoder.types(tuple("stop the very long alarm tomorrow morning".split())),
    )
    none = [np.zeros_like(short), np.zeros_like(long)]
    with torch.no_grad():
        together = network.emissions(encoder.batch([short, long], none))
        for row, words in enumerate((short, long)):
            alone = network.emissions(encoder.batch([words], none[row : row + 1]))
            assert torch.allclose(together[row, : len(words)], alone[0, : len(words)], atol=1e-5)


def test_a_word_has_the_same_vectors_in_every_sentence_and_homophones_sound_alike(
    pronunciation: Pronunciation,
) -> None:
    network, encoder = made(pronunciation, KINDS)
    network.eval()
    with torch.no_grad():
        batch = encoder.batch([encoder.types(("their", "there", "call"))], [np.zeros(3, np.int64)])
        other = encoder.batch([encoder.types(("call",))], [np.zeros(1, np.int64)])
        char, phone, _ = (vectors[batch.places_BT[0]] for vectors in network.reader.vectors(batch))
        assert torch.allclose(phone[0], phone[1])
        assert not torch.allclose(char[0], char[1])
        assert torch.allclose(char[2], network.reader.vectors(other)[0][0], atol=1e-6)


def test_a_pooled_word_holds_the_largest_state_of_any_unit(pronunciation: Pronunciation) -> None:
    network, encoder = made(pronunciation, ("char",), pooled=True)
    network.eval()
    with torch.no_grad():
        rows, lens = encoder.batch([encoder.types(("there",))], [np.zeros(1, np.int64)]).units["char"]
        reader, table = network.reader.readers["char"], network.reader.tables["char"]
        ahead, behind, _ = reader(table(rows), lens)
        wanted = torch.cat([ahead, behind], dim=2)[0, : lens[0]].max(dim=0).values
        assert torch.equal(reader.largest(table(rows), lens)[0], wanted)
        (vector,) = network.reader.vectors(encoder.batch([encoder.types(("there",))], [np.zeros(1, np.int64)]))
    assert vector[0].mean() == pytest.approx(0, abs=1e-5)
    assert vector[0].std(correction=0) == pytest.approx(1, abs=0.02)


def test_rare_words_are_exchanged_for_rare_words_with_the_same_tag(pronunciation: Pronunciation) -> None:
    network, encoder = made(pronunciation, ("char",))
    seen: list[tuple[list[str], list[int]]] = []
    batch = encoder.batch

    def watched(sentences: list[np.ndarray], tags: list[np.ndarray], *rest: frozenset[int]) -> object:
        names = list(encoder._types)
        seen.extend(([names[i] for i in words], own.tolist()) for words, own in zip(sentences, tags, strict=True))
        return batch(sentences, tags, *rest)

    encoder.batch = watched  # type: ignore[assignment,method-assign]
    task = TaggerTask(network, encoder, SENTENCES, SENTENCES, exchanged=0.5)
    for seed in range(20):
        task.loss(np.arange(len(SENTENCES)), np.random.default_rng(seed))
    names = {"anna", "peter", "their", "there", "lisa"}
    said = [words for words, _ in seen if words[0] == "call"]
    assert {words[1] for words in said} == names
    assert len({tuple(words) for words in said}) == len(names) * 2
    assert [len(tags) for _, tags in seen[: len(SENTENCES)]] == [len(s.words) for s in SENTENCES]
    assert any(words != list(s.words) for (words, _), s in zip(seen, SENTENCES, strict=False))


def test_a_kind_that_is_turned_off_has_no_parameters(pronunciation: Pronunciation) -> None:
    def size(kinds: tuple[str, ...], words: int = 0) -> int:
        return sum(p.numel() for p in made(pronunciation, kinds, words)[0].parameters())

    assert size(("char",)) < size(("char", "phone")) < size(KINDS) < size(KINDS, words=16)


def test_training_learns_what_the_sentences_show_and_resumes(pronunciation: Pronunciation, tmp_path: Path) -> None:
    network, encoder = made(pronunciation, ("char", "phone"), words=8)
    task = TaggerTask(network, encoder, SENTENCES, SENTENCES, batch=4)
    loop = LoopConfig(steps=150, lr=2e-2, validate_every=50)
    assert fit(task, loop, tmp_path, quiet=True)["f1"] > 95
    assert find_spans(network, encoder, [SENTENCES[1].words, ()])[0] == list(SENTENCES[1].spans)
    again, encoder = made(pronunciation, ("char", "phone"), words=8)
    assert fit(TaggerTask(again, encoder, SENTENCES, SENTENCES), loop, tmp_path, quiet=True)["step"] == 150
    assert find_spans(again, encoder, [SENTENCES[1].words]) == [list(SENTENCES[1].spans)]


@pytest.mark.parametrize(("small", "tolerance"), [(False, 1e-5), (True, 0.02)])
def test_the_graphs_give_the_states_of_the_network(pronunciation: Pronunciation, small: bool, tolerance: float) -> None:
    torch.manual_seed(2)
    kinds = ("char", "phone")
    units = Units.of(["abcdefghijklmnopqrstuvwxyz"])
    encoder = Encoder(units, kinds, [], PhoneBook(pronunciation))
    sizes = TaggerSizes(units=dict.fromkeys(kinds, 8), unit_state=6, state=10)
    network = TokenNetwork(sizes, encoder.sizes, label_sets({"calls": SENTENCES})).eval()
    run_time = TokenEncoder(*token_graphs(copy_of_weights(network), kinds, small=small), units, lambda: pronunciation)
    for words in (("stop",), tuple("call their mother in the attic at seven".split())):
        types = encoder.types(words)
        batch = encoder.batch([types], [np.zeros_like(types)])
        with torch.no_grad():
            wanted = network.sentence.states(network.reader(batch), batch.lens_B)[0, : len(words)].numpy()
        for _ in range(2):  # the second time the words' vectors are remembered
            assert np.abs(run_time.states(words) - wanted).max() < tolerance
    assert run_time.states(()).shape == (0, 0)


def test_neighbours_differ_by_at_most_one_phone(pronunciation: Pronunciation) -> None:
    neighbours = Neighbours(pronunciation)
    close = neighbours.of("light")
    assert {"lights", "like", "lie", "flight", "lite"} <= set(close)
    assert not {"light", "heater", "flights"} & set(close)
    assert neighbours.of("😀") == ()
    rng = np.random.default_rng(0)
    words = ("turn", "on", "the", "light") * 200
    spoiled = neighbours.misheard(words, 0.25, rng)
    assert 0.18 < np.mean([one != other for one, other in zip(words, spoiled, strict=True)]) < 0.32
    assert neighbours.misheard(words, 0.0, rng) == words


def test_inventories_are_json(tmp_path: Path) -> None:
    units = Units.of(["é"])
    assert Units.from_json(json.loads(json.dumps(units.to_json()))) == units
