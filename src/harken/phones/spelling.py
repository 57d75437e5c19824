"""Common phones in the ARPAbet of the shipped recogniser, so that a dialect's lexicon can be spoken to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from harken.errors import DataError, VocabularyError
from harken.phones.dialects import NOISE_PHONE
from harken.phones.dictionary import Phones
from harken.phones.sets import PHONES

_GLIDE = "Y"


@dataclass(frozen=True)
class Spelling:
    """ARPAbet without stress for IPA phones.

    Attributes:
        phones: a common phone, or a dialect's phone before it is folded -> one ARPAbet phone or more: ɝ -> ER,
            n̩ -> AH N, kʷ -> K W.
        glides: pairs of a palatal consonant and a vowel, as the lexicons write them, with Y between in ARPAbet.

    Raises:
        DataError: a spelling is empty or contains something that is not a phone.
    """

    phones: Mapping[str, Phones] = field(default_factory=dict)
    glides: frozenset[tuple[str, str]] = frozenset()

    def __post_init__(self) -> None:
        for phone, spelled in self.phones.items():
            if not spelled or not set(spelled) <= set(PHONES):
                raise DataError(f"'{phone}' is spelled {list(spelled)}; expected phones of ARPAbet without stress")

    def spell(self, way: Phones, images: Mapping[str, str]) -> Phones:
        """A pronunciation in ARPAbet; noise is spelled with nothing.

        Args:
            way: a dialect's phones.
            images: dialect phone -> common phone.

        Raises:
            VocabularyError: a phone has no spelling, nor has its image.
        """
        spelled: list[str] = []
        for phone, following in zip(way, (*way[1:], ""), strict=True):
            phones = self._one(phone, images[phone])
            # A syllabic consonant after its own vowel ('ə n̩') brings no second one.
            spelled += phones[1:] if len(phones) > 1 and spelled[-1:] == [phones[0]] else phones
            spelled += [_GLIDE] if (phone, following) in self.glides else []
        return tuple(spelled)

    def _one(self, phone: str, image: str) -> Phones:
        if image == NOISE_PHONE:
            return ()
        spelled = self.phones.get(phone) or self.phones.get(image)
        if spelled is None:
            raise VocabularyError(f"the common phone '{image}' has no ARPAbet; add it to the map's spelling")
        return spelled
