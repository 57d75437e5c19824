"""One set of phones for all dialects: what each dialect's phones become in it, and who decided that.

Harish Arsikere, Ashtosh Sapru, Sri Garimella, "Multi-Dialect Acoustic Modeling Using Phone Mapping and Online
I-Vectors", Interspeech 2019. The common set C is the pivot dialect's inventory with its allophones folded, and what a
reviewer added. No phone of C shows which dialect it came from: that is what lets one acoustic model serve them all. The
lexicons stay separate: each is rewritten by itself.

common = reviewed_map()                 of `harken.phones.dialect_table`
common.image("india", "ʈ")             't'
common.apply(load_dialects()["uk"])    the same words in common phones
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from harken.errors import DataError, VocabularyError
from harken.phones.dialects import NOISE_PHONE, SCHWA, DialectLexicon, check_phone, is_vowel
from harken.phones.dictionary import Entries
from harken.phones.spelling import Spelling

AUTOMATIC, REVIEWED, GROUPED = "automatic", "reviewed", "grouped"
HOW = (AUTOMATIC, REVIEWED, GROUPED)
"""Who decided: the alignment of shared words; a person; the allophone group, where a phone is too rare to count."""
ALARM = 0.02
"""A larger relative increase in homophones is too much."""


@dataclass(frozen=True, kw_only=True)
class PhoneDecision:
    """What one phone of a dialect becomes."""

    image: str
    """A phone of the common set."""
    how: str
    """One of `HOW`."""
    share: float | None = None
    """Of the places that face the pivot's phone in shared words, 0..1; automatic decisions have it."""
    count: int = 0
    """Places in the shared words."""
    found: str = ""
    """What the alignment saw, for decisions that a person took."""
    reason: str = ""
    """Why the person decided so."""


@dataclass(frozen=True)
class MergeEffect:
    """What a map does to a lexicon, before and after.

    Attributes:
        dialect: its name.
        phones: size of the inventory.
        pronunciations: of all words; doubles that the map makes are merged.
        homophones: pronunciations that two words or more share.
    """

    dialect: str
    phones: tuple[int, int]
    pronunciations: tuple[int, int]
    homophones: tuple[int, int]

    @property
    def growth(self) -> float:
        """Relative growth of the homophones; infinite when there were none and now are some."""
        before, after = self.homophones
        return (after - before) / before if before else float("inf") if after else 0.0

    @property
    def alarm(self) -> bool:
        """Whether homophones grew by more than 2 %."""
        return self.growth > ALARM


@dataclass(frozen=True)
class PhoneMap:
    """Dialect phone -> common phone, for every dialect.

    Attributes:
        pivot: name of the dialect whose folded phones are the common set.
        inventory: the pivot's phones as its lexicon writes them.
        groups: phone -> the phone that represents its allophone group; a phone without a group represents itself.
        decisions: dialect -> phone that the pivot lacks -> what it becomes.
        added: phones that a reviewer put into the common set.
        allowed: pairs of a vowel and the consonant that it may become.
        spelling: the common phones in ARPAbet.

    Raises:
        DataError: naming the phone for which the map is invalid.
    """

    pivot: str
    inventory: frozenset[str]
    groups: Mapping[str, str]
    decisions: Mapping[str, Mapping[str, PhoneDecision]]
    added: frozenset[str] = frozenset()
    allowed: frozenset[tuple[str, str]] = frozenset()
    spelling: Spelling = field(default_factory=Spelling)

    def __post_init__(self) -> None:
        _check_common(self)
        _check_groups(self)
        for dialect, rows in self.decisions.items():
            for phone, decision in rows.items():
                _check_decision(self, f"{dialect} {phone}", phone, decision)

    @cached_property
    def common(self) -> frozenset[str]:
        """The common set C, noise included."""
        return frozenset(self.fold(phone) for phone in self.inventory) | self.added

    @property
    def dialects(self) -> tuple[str, ...]:
        """Names of the dialects, the pivot first."""
        return (self.pivot, *(name for name in self.decisions if name != self.pivot))

    def fold(self, phone: str) -> str:
        """The phone that represents its allophone group; the phone itself if it was added or has no group."""
        return phone if phone in self.added else self.groups.get(phone, phone)

    def image(self, dialect: str, phone: str) -> str:
        """The common phone of a dialect's phone; a common phone is its own image.

        Raises:
            VocabularyError: the map has no such dialect, or not this phone of it.
        """
        if dialect not in self.dialects:
            raise VocabularyError(f"the map has no dialect '{dialect}'; choose one of {', '.join(self.dialects)}")
        if phone in self.common:
            return phone
        decision = self.decisions.get(dialect, {}).get(phone)
        if decision is not None:
            return decision.image
        if phone in self.inventory:
            return self.fold(phone)
        raise VocabularyError(
            f"the phone '{phone}' of dialect '{dialect}' has no common phone; add a row for it to the reviewed table"
        )

    def images(self, lexicon: DialectLexicon) -> dict[str, str]:
        """Phone -> common phone, for the whole inventory of a lexicon, whose name is that of the dialect.

        Raises:
            VocabularyError: the dialect or one of its phones is unknown.
        """
        return {phone: self.image(lexicon.name, phone) for phone in sorted(lexicon.inventory)}

    def apply(self, lexicon: DialectLexicon) -> DialectLexicon:
        """The lexicon in common phones; pronunciations of a word that have become the same are one.

        Raises:
            VocabularyError: the dialect or one of its phones is unknown.
        """
        images = self.images(lexicon)
        words = {
            word: tuple(dict.fromkeys(tuple(images[phone] for phone in way) for way in ways))
            for word, ways in lexicon.words.items()
        }
        return DialectLexicon(lexicon.name, words)

    def effect(self, lexicon: DialectLexicon) -> MergeEffect:
        """How many phones, pronunciations and homophones the map leaves of a lexicon.

        Raises:
            VocabularyError: the dialect or one of its phones is unknown.
        """
        after = self.apply(lexicon)
        return MergeEffect(
            dialect=lexicon.name,
            phones=(len(lexicon.inventory), len(after.inventory)),
            pronunciations=(lexicon.pronunciations, after.pronunciations),
            homophones=(lexicon.homophone_classes(), after.homophone_classes()),
        )

    def speak(self, lexicon: DialectLexicon) -> Entries:
        """The dialect's words as the shipped recogniser takes them: ARPAbet without stress; noises are left out.

        Raises:
            VocabularyError: the dialect or one of its phones is unknown, or the map has no spelling for one.
        """
        images = self.images(lexicon)
        return {
            word: tuple(dict.fromkeys(self.spelling.spell(way, images) for way in ways))
            for word, ways in lexicon.words.items()
            if not any(NOISE_PHONE in way for way in ways)
        }

    def with_added(self, phones: Iterable[str]) -> PhoneMap:
        """The map with further phones in the common set: each represents itself, whatever group it is in.

        Raises:
            DataError: a row decides a phone differently, or it is not a phone.
        """
        return replace(self, added=self.added | frozenset(phones))


def _check_common(phone_map: PhoneMap) -> None:
    for phone in sorted(phone_map.common | phone_map.inventory):
        try:
            check_phone(phone)
        except ValueError as error:
            raise DataError(f"{error}; a common phone carries no tag of a dialect") from error


def _check_groups(phone_map: PhoneMap) -> None:
    for phone, image in phone_map.groups.items():
        if phone_map.groups.get(image, image) != image:
            raise DataError(f"'{phone}' maps to '{image}', which maps to another; name the last of them")
        _check_class(phone_map, phone, phone, image)


def _check_decision(phone_map: PhoneMap, where: str, phone: str, decision: PhoneDecision) -> None:
    if decision.how not in HOW:
        raise DataError(f"{where}: decided by '{decision.how}'; expected one of {', '.join(HOW)}")
    if decision.image not in phone_map.common:
        raise DataError(f"{where}: '{decision.image}' is not in the common set; choose one of it, or add this phone")
    if phone in phone_map.common and decision.image != phone:
        raise DataError(f"{where}: a phone of the common set stays itself, got '{decision.image}'; leave the row out")
    _check_class(phone_map, where, phone, decision.image)
    if decision.how == REVIEWED and not decision.reason.strip():
        raise DataError(f"{where}: a reviewed decision gives its reason; say why it is '{decision.image}'")
    to_schwa = is_vowel(phone) and decision.image == phone_map.fold(SCHWA)
    if decision.how == AUTOMATIC and to_schwa:
        raise DataError(f"{where}: a vowel that becomes schwa is reviewed, not automatic; decide and give the reason")


def _check_class(phone_map: PhoneMap, where: str, phone: str, image: str) -> None:
    if is_vowel(phone) and not is_vowel(image) and (phone, image) not in phone_map.allowed:
        raise DataError(f"{where}: a vowel would become the consonant '{image}'; choose a vowel, or allow this pair")
