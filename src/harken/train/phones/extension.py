"""A trained network that learns one more language: rows for its letters and phones, and a start from related ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from harken.bundle import Bundle
from harken.phones.dictionary import Words
from harken.phones.inventory import UNKNOWN, Inventory
from harken.phones.multilingual import DECODER, ENCODER, MultilingualModel
from harken.train.phones.configs import NetworkConfig
from harken.train.phones.graphs import stored_weights
from harken.train.phones.network import Network
from harken.train.phones.transducer import inventory_of

_ASKED = 500
"""Words that are asked where they might come from."""


@dataclass(frozen=True)
class Extended:
    """A network with one more language, and the inventory that it has now."""

    network: Network
    inventory: Inventory


def extend(bundle: Bundle, config: NetworkConfig, language: str, words: Words) -> Extended:
    """The network of a bundle with a language added, or with a language that it has prepared for other words.

    The new language starts as a mean of those that its words look like; a new phone starts as the known one with the
    most signs in common.

    Args:
        bundle: of a network for many languages.
        config: size of that network.
        language: name of the new language.
        words: its words; at least one.

    Raises:
        RuntimeError: `config` is not the size of the bundle's network.
    """
    model = MultilingualModel(bundle)
    old, fresh = model.inventory, inventory_of({language: words})
    letters = (*old.letters, *(letter for letter in fresh.letters if letter not in old.letters))
    phones = (*old.phones, *(phone for phone in fresh.phones if phone not in old.phones))
    others = {name: own for name, own in old.spoken.items() if name != language}
    written = {name: own for name, own in old.written.items() if name != language}
    languages = old.languages if language in old.languages else (*old.languages, language)
    inventory = Inventory(letters, phones, languages, {**others, **fresh.spoken}, {**written, **fresh.written})
    weights = stored_weights(bundle.path(ENCODER).read_bytes(), bundle.path(DECODER).read_bytes())
    weights["letters.weight"] = _grown(weights["letters.weight"], [UNKNOWN] * (len(letters) - len(old.letters)))
    alike = [_most_alike(phone, old.phones) + 1 for phone in phones[len(old.phones) :]]
    for name in ("past.weight", "out.weight", "out.bias"):
        weights[name] = _grown(weights[name], alike)
    if language not in old.languages:
        share = torch.from_numpy(_share_of_languages(model, words))
        weights["languages.weight"] = torch.cat([weights["languages.weight"], share @ weights["languages.weight"]])
        weights["origin.weight"] = torch.cat([weights["origin.weight"], share @ weights["origin.weight"]])
        weights["origin.bias"] = torch.cat([weights["origin.bias"], share[0] @ weights["origin.bias"][:, None]])
    network = Network(config, letters=len(letters) + 2, phones=len(phones) + 1, languages=len(languages))
    network.load_state_dict(weights)
    return Extended(network, inventory)


def _share_of_languages(model: MultilingualModel, words: Words) -> NDArray[np.float32]:
    """[1, languages]: what the words look like, on average."""
    asked = list(words)[:: max(1, len(words) // _ASKED)]
    shares = np.zeros((1, len(model.languages)), np.float32)
    for word in asked:
        found = model.origins(word)
        shares[0] += [found[language] for language in model.languages]
    return np.asarray(shares / len(asked), np.float32)


def _grown(table: Tensor, copied: list[int]) -> Tensor:
    """The table with copies of some of its rows behind it."""
    return torch.cat([table, table[copied]]) if copied else table


def _most_alike(phone: str, known: tuple[str, ...]) -> int:
    """Place of the known phone that shares the most signs, relative to all signs of both; the first of several."""
    signs = set(phone)
    shares = [len(signs & set(other)) / len(signs | set(other)) for other in known]
    return int(np.argmax(shares))
