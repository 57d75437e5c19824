"""Other systems' pronunciations of English words in our phones: espeak-ng, gruut, and the front end of hibari-tts.

gruut and hibari-tts run in an interpreter that has them: `python -m venv V && V/bin/pip install gruut hibari-tts`.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence

from harken.errors import DataError, VocabularyError
from harken.languages.locale import Phones
from harken.phones.ipa import to_common

_GRUUT = """
import sys, gruut
from importlib.metadata import version
print("gruut[en] " + version("gruut"))
for line in sys.stdin:
    words = [word for sentence in gruut.sentences(line.strip(), lang="en-us") for word in sentence if word.is_spoken]
    print(" ".join(phone for word in words for phone in word.phonemes or ()))
"""
_GUESSER = """
import sys
from importlib.metadata import version
from gruut.lang import get_settings
guess = get_settings("en-us").guess_phonemes
print("gruut[en] " + version("gruut") + ", guesses alone")
for line in sys.stdin:
    print(" ".join(guess(line.strip())))
"""
_HIBARI = """
import sys
from importlib.metadata import version
from hibari.g2p import G2P
read = G2P()
print("hibari-tts " + version("hibari-tts"))
for line in sys.stdin:
    print(" ".join(read(line.strip())))
"""
SCRIPTS = {"gruut": _GRUUT, "gruut without its dictionary": _GUESSER, "hibari-tts": _HIBARI}
_OTHER = {
    "A": "EY", "I": "AY", "O": "OW", "W": "AW", "Y": "OY", "Q": "OW", "ʤ": "JH", "ʧ": "CH", "T": "T", "ɾ": "T",
    "ᵊ": "AH", "ᵻ": "IH", "ɜ": "ER", "əl": "AH L", "oː": "AO", "ɑː": "AA", "iə": "IY AH", "aɪ": "AY",
    "aʊ": "AW", "eɪ": "EY", "oʊ": "OW", "ɔɪ": "OY", "aɪə": "AY AH", "aɪɚ": "AY ER", "oːɹ": "AO R",
    "ɔːɹ": "AO R", "ɑːɹ": "AA R", "ɛɹ": "EH R", "ɪɹ": "IH R", "ʊɹ": "UH R", "a": "AE", "ɐ": "AH", "e": "EH",
    "o": "OW", "aɪʊɹ": "AY ER",
}  # fmt: skip
"""What the systems write differently from IPA as word lists have it."""
_MARKS = re.compile(r"[ˈˌ‖|\u200d.]")


def espeak(words: Sequence[str]) -> tuple[str, list[Phones]]:
    """Name of the system, and its pronunciations.

    Raises:
        DataError: espeak-ng is not installed, or answers with something else.
    """
    try:
        version = subprocess.run(["espeak-ng", "--version"], capture_output=True, text=True, check=True).stdout
        said = subprocess.run(
            ["espeak-ng", "-q", "--ipa", "--sep= ", "-v", "en-us", "--stdin"],
            input="\n\n".join(words), capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
    except (OSError, subprocess.CalledProcessError) as error:
        raise DataError(
            f"espeak-ng cannot be asked ({error}); install it (Debian: `sudo apt install espeak-ng`)"
        ) from error
    return f"espeak-ng {version.split()[3]}", _answers(words, said.splitlines(), "espeak-ng")


def other(system: str, words: Sequence[str], python: str) -> tuple[str, list[Phones]]:
    """Name with version of one of `SCRIPTS`, and its pronunciations.

    Args:
        system: one of `SCRIPTS`.
        words: to pronounce.
        python: interpreter that has it.

    Raises:
        DataError: it cannot be asked.
    """
    try:
        lines = subprocess.run(
            [python, "-c", SCRIPTS[system]], input="\n".join(words), capture_output=True, text=True, check=True
        ).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError) as error:
        raise DataError(f"{system} cannot be asked with {python} ({error}); see benchmarks/peers/letters.py") from error
    return lines[0], _answers(words, lines[1:], system)


def _answers(words: Sequence[str], lines: Sequence[str], system: str) -> list[Phones]:
    if len(lines) != len(words):
        raise DataError(f"{system} gave {len(lines)} lines for {len(words)} words; expected one each")
    return [_phones(line) for line in lines]


def _phones(line: str) -> Phones:
    said: list[str] = []
    for phone in _MARKS.sub("", line).split():
        known = _OTHER.get(phone)
        try:
            said += known.split() if known else to_common([phone])
        except VocabularyError:
            said.append(phone)  # counts as an error
    return tuple(said)
