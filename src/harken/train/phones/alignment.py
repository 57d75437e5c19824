"""Which phones of two lexicons correspond: the closest pronunciations of shared words, aligned."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product

from harken.metrics.edits import align, fewest_edits
from harken.phones.dialects import DialectLexicon
from harken.phones.dictionary import Phones


@dataclass
class Comparison:
    """What the words shared by a dialect and the pivot show.

    Attributes:
        words: shared words.
        identical: shared words of which some pronunciation is the same in both.
        edits: phones exchanged, lost or added between the closest pronunciations.
        places: aligned places, a lost or added phone being one.
        counts: dialect phone -> pivot phone (None: nothing) -> places.
    """

    words: int = 0
    identical: int = 0
    edits: int = 0
    places: int = 0
    counts: dict[str, Counter[str | None]] = field(default_factory=lambda: defaultdict(Counter))

    @property
    def identical_share(self) -> float:
        """0..1 of the shared words; 0 without any."""
        return self.identical / self.words if self.words else 0.0

    @property
    def edit_rate(self) -> float:
        """Edits per aligned place, 0..1; 0 without any."""
        return self.edits / self.places if self.places else 0.0


def compare(dialect: DialectLexicon, pivot: DialectLexicon) -> Comparison:
    """Align every word that both have: one pair of pronunciations a word, the closest."""
    comparison = Comparison()
    for word in dialect.words.keys() & pivot.words.keys():
        own, others = dialect.words[word], pivot.words[word]
        pairs = align(*closest(own, others))
        comparison.words += 1
        comparison.identical += bool(set(own) & set(others))
        comparison.edits += sum(x != y for x, y in pairs)
        comparison.places += len(pairs)
        for x, y in pairs:
            if x is not None:
                comparison.counts[x][y] += 1
    return comparison


def folded(lexicon: DialectLexicon, groups: Mapping[str, str]) -> DialectLexicon:
    """The lexicon with every phone written as the phone of its group; one outside all groups stays."""
    words = {
        word: tuple(dict.fromkeys(tuple(groups.get(phone, phone) for phone in way) for way in ways))
        for word, ways in lexicon.words.items()
    }
    return DialectLexicon(lexicon.name, words)


def closest(own: tuple[Phones, ...], others: tuple[Phones, ...]) -> tuple[Phones, Phones]:
    """The pair with the fewest edits; among equals the first of the dialect's, then the first of the pivot's."""
    if len(own) == len(others) == 1:
        return own[0], others[0]
    return min(product(own, others), key=lambda pair: fewest_edits(*pair))
