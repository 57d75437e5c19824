"""How a word is pronounced: lexicon, then rules, then a guess. The one home of this for asr, nlu and tts.

pronunciation = Pronunciation.load()
pronunciation.of("kettle")      [('K', 'EH1', 'T', 'AH0', 'L')]
pronunciation.of("MQTT")        letter by letter
pronunciation.of("ristretto")   the pronouncer's guesses
"""

from __future__ import annotations

from harken.phones.dictionary import Phones
from harken.phones.lexicon import Lexicon
from harken.phones.pronouncer import Pronouncer
from harken.phones.sets import strip_stress
from harken.text.words import normalize_words

_NAMES = {
    "a": "EY1", "b": "B IY1", "c": "S IY1", "d": "D IY1", "e": "IY1", "f": "EH1 F", "g": "JH IY1", "h": "EY1 CH",
    "i": "AY1", "j": "JH EY1", "k": "K EY1", "l": "EH1 L", "m": "EH1 M", "n": "EH1 N", "o": "OW1", "p": "P IY1",
    "q": "K Y UW1", "r": "AA1 R", "s": "EH1 S", "t": "T IY1", "u": "Y UW1", "v": "V IY1",
    "w": "D AH1 B AH0 L Y UW0", "x": "EH1 K S", "y": "W AY1", "z": "Z IY1",
}  # fmt: skip
LETTER_NAMES: dict[str, Phones] = {letter: tuple(name.split()) for letter, name in _NAMES.items()}
"""Names of the letters, with stress."""
_SPELLED_CAPITALS = 3
"""Unknown words in capitals of up to so many letters are spelled ('RGB', 'UHF'); longer ones are read ('YAMAHA')."""


class Pronunciation:
    """Pronunciations of any word.

    Args:
        lexicon: known words; the user's own are added to it.
        pronouncer: guesses the others; without one they are spelled letter by letter.
    """

    def __init__(self, lexicon: Lexicon, pronouncer: Pronouncer | None = None):
        self.lexicon, self.pronouncer = lexicon, pronouncer

    @classmethod
    def load(cls, lexicon: str = "lexicon-en", pronouncer: str = "pronouncer-en") -> Pronunciation:
        """Open the installed bundles.

        Raises:
            BundleError: one is missing, damaged or of another kind.
        """
        return cls(Lexicon.load(lexicon), Pronouncer.load(pronouncer))

    def of(self, word: str, *, nbest: int = 1) -> list[Phones]:
        """Pronunciations with stress, the usual one first; none for what has no Latin letter or digit.

        Args:
            word: as written: 'Kettle', 'USB', '5G', "who's"; case tells abbreviations from words.
            nbest: how many guesses for a word that neither lexicon nor rule knows.
        """
        parts = normalize_words(word)
        if len(parts) != 1:
            found = [self.of(part) for part in parts]
            return [tuple(phone for ways in found for phone in (ways[0] if ways else ()))] if any(found) else []
        return self._of_word(parts[0], word.isupper(), nbest)

    def plain(self, word: str, *, nbest: int = 1) -> list[Phones]:
        """As `of`, without stress and without doubles: what the recogniser's graph is built of."""
        return list(dict.fromkeys(strip_stress(way) for way in self.of(word, nbest=nbest)))

    def is_known(self, word: str) -> bool:
        """Whether lexicon or rule has the word, so that nothing is guessed."""
        return all(self.lexicon.lookup(part) for part in normalize_words(word))

    def _of_word(self, word: str, capitals: bool, nbest: int) -> list[Phones]:
        if len(word) == 1 and word in LETTER_NAMES and word not in ("a", "i"):
            return [LETTER_NAMES[word]]
        found = self.lexicon.lookup(word)
        if found:
            return list(found)
        if is_spelled(word, capitals=capitals) or self.pronouncer is None:
            spelled = spell_letters(word)
            return [spelled] if spelled else []
        return [guess.phones for guess in self.pronouncer.pronounce(word, nbest=nbest)]


def is_spelled(word: str, *, capitals: bool = False) -> bool:
    """Whether an unknown word is said letter by letter: no vowel ('mqtt'), or short and written in capitals."""
    letters = word.removesuffix("'s")
    return not set(letters) & set("aeiouy") or (capitals and len(letters) <= _SPELLED_CAPITALS)


def spell_letters(word: str) -> Phones:
    """Letter by letter; a possessive ending stays one: "dj's" -> D IY1 JH EY1 Z. Other signs are left out."""
    letters = word.removesuffix("'s")
    phones = tuple(phone for letter in letters for phone in LETTER_NAMES.get(letter, ()))
    return (*phones, "Z") if letters != word and phones else phones
