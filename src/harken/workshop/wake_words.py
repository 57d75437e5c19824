"""Wake words that the user has taught: typed, with a few recordings if there are any; in the user's folder.

    taught = TaughtWords()
    taught.add("hey robin")                     # listened for from now on, by its pronunciation
    taught.keep("hey robin", samples)           # a recording, from which `harken train wakeword` can learn

The folder of a word holds `word.json` and its recordings. A network that was trained for it is a bundle like any other.
"""

from __future__ import annotations

import json
import logging
import shutil
from pathlib import Path

import soundfile

from harken import paths
from harken.activation.wakeword import bundle_name
from harken.cached_files import in_one_piece
from harken.errors import ConfigError, DataError
from harken.events import SAMPLE_RATE, Samples

FOLDER = "wakewords"
"""In the user's folder."""
WORD_FILE = "word.json"
MOST_WORDS = 8
"""Words that can be taught: each costs processor time while somebody speaks."""
MOST_RECORDINGS = 30
"""Of each word."""
LONGEST = 40
"""Letters of a word or phrase."""

log = logging.getLogger(__name__)


class TaughtWords:
    """The words in a folder.

    Args:
        folder: `wakewords` in the user's folder when None.
    """

    def __init__(self, folder: Path | None = None):
        self.folder = folder or paths.home() / FOLDER

    def words(self) -> list[str]:
        """The words, in alphabetical order; one that cannot be read is logged and left out."""
        found = []
        for file in sorted(self.folder.glob(f"[!.]*/{WORD_FILE}")):
            try:
                found.append(checked_word(json.loads(file.read_text(encoding="utf-8"))["word"]))
            except (OSError, ValueError, TypeError, KeyError, ConfigError) as error:
                log.warning("wake word left out: %s cannot be read (%r); delete its folder", file, error)
        return found

    def add(self, word: str) -> str:
        """Teach a word; returns it as it is kept. A word that is known already stays as it is.

        Raises:
            ConfigError: it cannot be a wake word, or there are too many.
            OSError: the folder cannot be written.
        """
        plain, known = checked_word(word), self.words()
        if plain in known:
            return plain
        if len(known) >= MOST_WORDS:
            raise ConfigError(f"{MOST_WORDS} wake words have been taught, which is as many as there may be; forget one")
        with in_one_piece(self.recordings_folder(plain) / WORD_FILE) as file:
            file.write(json.dumps({"word": plain}).encode() + b"\n")
        self._touch()
        return plain

    def forget(self, word: str) -> None:
        """Delete a word with its recordings, and the network that was trained for it.

        Raises:
            DataError: it has not been taught.
            OSError: a file cannot be deleted.
        """
        plain = self._known(word)
        shutil.rmtree(self.recordings_folder(plain))
        shutil.rmtree(paths.home() / "bundles" / bundle_name(plain), ignore_errors=True)
        self._touch()

    def keep(self, word: str, samples: Samples) -> Path:
        """Keep a recording of a word: samples [n] at 16 kHz.

        Raises:
            DataError: the word has not been taught, or has recordings enough.
            OSError: the folder cannot be written.
        """
        plain = self._known(word)
        taken = self.recordings(plain)
        if len(taken) >= MOST_RECORDINGS:
            raise DataError(f"there are {len(taken)} recordings of '{plain}', which is enough")
        number = 1 + max((int(path.stem) for path in taken), default=0)
        path = self.recordings_folder(plain) / f"{number:02}.wav"
        with in_one_piece(path) as file:
            soundfile.write(file, samples, SAMPLE_RATE, format="WAV", subtype="PCM_16")
        return path

    def recordings(self, word: str) -> list[Path]:
        """The recordings of a word, in the order in which they were made."""
        return sorted(path for path in self.recordings_folder(word).glob("*.wav") if path.stem.isdecimal())

    def recordings_folder(self, word: str) -> Path:
        """Where they are kept."""
        return self.folder / bundle_name(checked_word(word))

    def _known(self, word: str) -> str:
        plain = checked_word(word)
        if plain not in self.words():
            raise DataError(f"the wake word '{plain}' has not been taught; type it first")
        return plain

    def _touch(self) -> None:
        """Let a running assistant see that something has changed."""
        self.folder.touch()


def checked_word(word: str) -> str:
    """A word or phrase in lower case with single blanks, if it can be a wake word; it names files, too.

    Raises:
        ConfigError: it cannot.
    """
    plain = " ".join(word.lower().split()) if isinstance(word, str) else ""
    if not 1 <= len(plain.split()) <= 4 or not all(part.replace("'", "").isalpha() for part in plain.split()):
        raise ConfigError(
            f"'{str(word)[:LONGEST]}' cannot be a wake word; give one to four words made of letters, e.g. 'hey robin'"
        )
    if len(plain) > LONGEST:
        raise ConfigError(f"a wake word has at most {LONGEST} letters, but this one has {len(plain)}")
    if len(plain.replace(" ", "")) < 4:
        raise ConfigError(f"'{plain}' is too short to be told from other speech; give at least four letters")
    return plain
