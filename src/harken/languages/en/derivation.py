"""Pronunciations that follow from those of known words: plurals, possessives, contractions, endings."""

from __future__ import annotations

from collections.abc import Iterator

from harken.languages.locale import Known, Phones

VOICELESS = frozenset("CH F HH K P S SH T TH".split())
SIBILANTS = frozenset("CH JH S SH Z ZH".split())

_CONTRACTIONS = {
    "'ll": (("AH0", "L"),), "'d": (("D",), ("AH0", "D")), "'ve": (("AH0", "V"), ("V",)), "'re": (("ER0",),),
}  # fmt: skip
_SUFFIXES: dict[str, Phones] = {
    "ing": ("IH0", "NG"), "ingly": ("IH0", "NG", "L", "IY0"), "ness": ("N", "AH0", "S"), "ly": ("L", "IY0"),
    "less": ("L", "AH0", "S"), "ful": ("F", "AH0", "L"), "er": ("ER0",), "ers": ("ER0", "Z"),
    "ings": ("IH0", "NG", "Z"), "ment": ("M", "AH0", "N", "T"), "ship": ("SH", "IH2", "P"),
}  # fmt: skip


def derive(word: str, known: Known) -> tuple[Phones, ...]:
    """Pronunciations with stress by the first rule that applies; empty when none does.

    About nine in ten agree with the dictionary, compared with six for guesses from letters
    (recipes/phones/pronouncer); compounds are left to the guesses, because every second split would be wrong.

    Args:
        word: lower case, a-z and apostrophes inside.
        known: pronunciations of a word, empty when it is unknown.
    """
    for rule in (_contraction, _plural, _past, _suffix):
        ways = rule(word, known)
        if ways:
            return ways
    return ()


def _contraction(word: str, known: Known) -> tuple[Phones, ...]:
    for ending, tails in _CONTRACTIONS.items():
        if word.endswith(ending):
            return tuple((*way, *tail) for way in known(word[: -len(ending)]) for tail in tails)
    return ()


def _plural(word: str, known: Known) -> tuple[Phones, ...]:
    if not word.endswith("s"):
        return ()
    stems = [word[:-2]] if word.endswith("'s") else [word[:-1]] if word[-2:-1] not in ("s", "i", "u", "'") else []
    if word.endswith("es"):
        stems.append(word[:-2])
    if word.endswith("ies"):
        stems.insert(0, word[:-3] + "y")
    for stem in stems:
        ways = known(stem) if len(stem) > 1 else ()
        if ways and (stem + "es" != word or ways[0][-1] in SIBILANTS or stem.endswith("o")):
            return tuple((*way, *_s_after(way[-1])) for way in ways)
    return ()


def _past(word: str, known: Known) -> tuple[Phones, ...]:
    if not word.endswith("ed"):
        return ()
    stems = [word[:-3] + "y"] if word.endswith("ied") else list(_stems(word[:-2]))
    for stem in stems:
        ways = known(stem)
        if ways:
            return tuple((*way, *_d_after(way[-1])) for way in ways)
    return ()


def _suffix(word: str, known: Known) -> tuple[Phones, ...]:
    for ending, tail in _SUFFIXES.items():
        if not word.endswith(ending):
            continue
        vowel = ending[0] in "aei"
        for stem in _stems(word[: -len(ending)]) if vowel else [word[: -len(ending)]]:
            ways = known(stem) if len(stem) > 2 else ()
            if ways:
                return tuple((*way, *(tail[1:] if way[-1] == tail[0] == "L" else tail)) for way in ways)
    return ()


def _stems(stem: str) -> Iterator[str]:
    """What can come before an ending with a vowel: 'lik' -> 'like', 'stopp' -> 'stop', 'walk' itself."""
    if len(stem) < 3:
        return
    if stem[-1] == stem[-2] and stem[-1] not in "aeiousl":
        yield stem[:-1]
    yield stem + "e"
    yield stem
    if stem[-1] == stem[-2]:
        yield stem[:-1]


def _s_after(phone: str) -> Phones:
    return ("IH0", "Z") if phone in SIBILANTS else ("S",) if phone in VOICELESS else ("Z",)


def _d_after(phone: str) -> Phones:
    return ("IH0", "D") if phone in ("T", "D") else ("T",) if phone in VOICELESS else ("D",)
