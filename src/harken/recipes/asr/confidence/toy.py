"""Made-up tables whose truth depends on every kind of input, so that the recipe runs without speech."""

from __future__ import annotations

import numpy as np

from harken.asr.passes.confidence import ANSWER, FREE, GRAMMAR
from harken.asr.passes.evidence import OF_WORDS, SENTENCE_FEATURES, WORD_FEATURES
from harken.recipes.asr.confidence.material import CALIBRATION, DEV, TEST, TRAIN
from harken.recipes.asr.confidence.tables import Table
from harken.train.asr.confidence import CORRECT, INSERTED, SUBSTITUTED

HIDDEN = 8
"""Width of the made-up hidden layer."""
_FOLLOWING = {"turn": "on", "on": "the", "the": "light", "light": "please", "please": "turn"}


def toy_sentences(count: int, rng: np.random.Generator) -> list[list[str]]:
    """Sentences in which each word determines the next."""
    return [_sentence(int(rng.integers(2, 8)), rng) for _ in range(count)]


def toy_tables(recordings: int, rng: np.random.Generator) -> dict[tuple[str, str], list[Table]]:
    """Tables of every role and space."""
    roles = (TRAIN, DEV, CALIBRATION, TEST)
    return {(role, space): [_table(recordings, rng)] for role in roles for space in (FREE, GRAMMAR, ANSWER)}


def _sentence(length: int, rng: np.random.Generator) -> list[str]:
    words = [str(rng.choice(list(_FOLLOWING)))]
    while len(words) < length:
        words.append(_FOLLOWING[words[-1]])
    return words


def _table(recordings: int, rng: np.random.Generator) -> Table:
    sentences = toy_sentences(recordings, rng)
    words = [word for sentence in sentences for word in sentence]
    wrong = rng.random(len(words)) < 0.3
    texts, at = list[str](), 0
    for sentence in sentences:
        wrongs = wrong[at : at + len(sentence)]
        texts.append(" ".join("sea" if bad else word for word, bad in zip(sentence, wrongs, strict=True)))
        at += len(sentence)
    owners = np.repeat(np.arange(recordings), [len(sentence) for sentence in sentences])
    types = np.where(wrong, np.where(rng.random(len(words)) < 0.3, INSERTED, SUBSTITUTED), CORRECT)
    clean = np.bincount(owners, weights=wrong) == 0
    signs = np.where(wrong, -1.0, 1.0)[:, None]
    numbers = np.arange(recordings)
    return Table(
        features=(rng.normal(size=(len(words), len(WORD_FEATURES))) + 0.3 * signs).astype(np.float32),
        sound=(rng.normal(size=(len(words), 2 * HIDDEN)) + 0.5 * signs).astype(np.float16),
        posterior=rng.uniform(size=len(words)).astype(np.float32), types=types.astype(np.str_), sentence=owners,
        evidence=rng.normal(size=(recordings, len(SENTENCE_FEATURES) - OF_WORDS)).astype(np.float32),
        share=rng.uniform(size=recordings).astype(np.float32), texts=np.array(texts), right=clean,
        rank=np.zeros(recordings, np.int64), stretch=numbers,
        hidden=rng.normal(size=(recordings, HIDDEN)).astype(np.float16),
        speakers=np.array([f"toy{number % 5}" for number in numbers]),
        recordings=np.array([f"toy/{number}" for number in numbers]),
    )  # fmt: skip
