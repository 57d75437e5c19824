"""Synthetic dialects: the voices of espeak-ng, whose phones and times are known exactly, and the map to common phones.

It proves that the method works when the answer is known; it says nothing about people's accents.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np

from harken.asr.graph.acceptor import Acceptor, ngram_acceptor
from harken.asr.graph.compiler import Pronounce
from harken.audio.features import Normalizer
from harken.phones.dialects import DialectLexicon, is_vowel
from harken.phones.dictionary import Phones
from harken.phones.sets import SILENCE
from harken.recipes.asr.dialects.espeak import find_dialects, lexicon_of
from harken.recipes.asr.dialects.family import (
    DialectLabels,
    DialectSpeech,
    Family,
    silence_first,
    targets_of,
    trigram_space,
)
from harken.recipes.asr.dialects.synthetic_speech import (
    SentenceCounts,
    SynthesizedSpeech,
    draw_sentences,
    read_or_speak,
)
from harken.recipes.asr.ngram.texts import Sentence
from harken.train.asr.dialects import DialectExample
from harken.train.asr.ngram.kneser_ney import choose_vocabulary, count_ngrams, train_kneser_ney
from harken.train.phones.dialect_report import PhoneRow
from harken.train.phones.dialects import map_dialects

PIVOT = "en-us"
MAP = "map.json"
"""File of the run folder with what each phone became and why."""


def make_synthetic_family(
    folder: Path, *, voices: Sequence[str] | None = None, amounts: SentenceCounts | None = None
) -> Family:
    """Speech, lexicons and map of espeak-ng's dialects.

    Args:
        folder: keeps speech and lexicons, and gets the map for people to read.
        voices: dialects, 'en-us' among them; all installed ones by default.
        amounts: sentences of each.

    Raises:
        DataError: espeak-ng, a voice, or the texts of HARKEN_DATA are missing.
    """
    voices = list(voices or find_dialects())
    sentences = draw_sentences(voices, PIVOT, amounts or SentenceCounts())
    recordings = {
        (voice, split): read_or_speak(folder, voice, split, rows) for (voice, split), rows in sentences.items()
    }
    vocabulary = choose_vocabulary((s for rows in sentences.values() for s in rows), 1 << 19)
    lexicons = _lexicons(folder, voices, sorted(vocabulary[3:]))
    common = map_phones(lexicons, _said(recordings), PIVOT)
    (folder / MAP).write_text(json.dumps(asdict(common), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    labels = {voice: common.labels(voice) for voice in voices}
    train = [recording for (_, split), rows in recordings.items() if split == "train" for recording in rows]
    normalizer = _normalizer(train)
    acceptor = _acceptor([s for (_, split), rows in sentences.items() if split == "train" for s in rows], vocabulary)
    return Family(
        pivot=PIVOT,
        labels=labels,
        common=silence_first(set(common.phones)),
        spoken={
            (voice, split): [_spoken(recording, voice, labels[voice], normalizer) for recording in rows]
            for (voice, split), rows in recordings.items()
        },
        pronounce={voice: _pronounce(lexicons[voice]) for voice in voices},
        space=partial(trigram_space, acceptor),
    )


@dataclass(frozen=True, kw_only=True)
class CommonPhones:
    """What the dialects' phones become."""

    phones: tuple[str, ...]
    """The common set, without silence."""
    added: tuple[str, ...]
    """Of these, the phones that the pivot lacks and the map could not place."""
    images: Mapping[str, Mapping[str, str]]
    """Dialect -> its phone -> common phone."""
    guessed: Mapping[str, Mapping[str, str]]
    """Dialect -> its phone -> why the rule left it open; it got its most frequent image of the same class."""

    def labels(self, dialect: str) -> DialectLabels:
        """Output labels of a dialect."""
        images, common = self.images[dialect], silence_first(set(self.phones))
        own = silence_first(set(images))
        return DialectLabels(own=own, common=np.array([0, *(common.index(images[phone]) for phone in own[1:])]))


def map_phones(lexicons: Mapping[str, DialectLexicon], said: Mapping[str, set[str]], pivot: str) -> CommonPhones:
    """The map by the mapper's rule; what it leaves open is decided without a person.

    An open phone becomes what it faces most often among the pivot's phones of its class (vowel or consonant); if it
    faces none, or is in no word of the lexicon, it is added to the common set.

    Args:
        lexicons: by dialect.
        said: phones of each dialect's speech, perhaps more than the lexicon's.
        pivot: whose phones are the common set.
    """
    own = {name: set(lexicon.inventory) | (said[name] - {SILENCE}) for name, lexicon in lexicons.items()}
    report = map_dialects(lexicons, pivot, groups={})
    images: dict[str, dict[str, str]] = {pivot: {}}
    guessed: dict[str, dict[str, str]] = {}
    for name, dialect in report.dialects.items():
        guesses = {row.phone: _guess(row) for row in dialect.open()}
        images[name] = dialect.images() | {phone: image for phone, image in guesses.items() if image}
        guessed[name] = {row.phone: row.why for row in dialect.open() if guesses[row.phone]}
    added = {phone for name in own for phone in own[name] - own[pivot] - set(images[name])}
    common = own[pivot] | added
    return CommonPhones(
        phones=tuple(sorted(common)),
        added=tuple(sorted(added)),
        images={n: {p: p if p in common else images[n][p] for p in sorted(own[n])} for n in own},
        guessed=guessed,
    )


def _guess(row: PhoneRow) -> str:
    """The most frequent candidate of the same class; '' when there is none."""
    return next((phone for phone, _ in row.candidates if phone and is_vowel(phone) == is_vowel(row.phone)), "")


def _said(recordings: Mapping[tuple[str, str], Sequence[SynthesizedSpeech]]) -> dict[str, set[str]]:
    """Dialect -> the phones of its speech; sentences may have some that no single word has."""
    said = defaultdict[str, set[str]](set)
    for (voice, _), rows in recordings.items():
        said[voice].update(phone for recording in rows for phone, _, _ in recording.segments)
    return said


def _lexicons(folder: Path, voices: Sequence[str], words: Sequence[str]) -> dict[str, DialectLexicon]:
    """Each dialect's pronunciations of the words, kept in the folder."""
    lexicons = {}
    for voice in voices:
        path = folder / f"{voice}.words.json"
        kept = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        if kept.keys() != set(words):
            kept = {word: " ".join(ways[0]) for word, ways in lexicon_of(voice, words).items()}
            path.write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")
        lexicons[voice] = DialectLexicon(voice, {word: (tuple(phones.split()),) for word, phones in kept.items()})
    return lexicons


def _normalizer(recordings: Sequence[SynthesizedSpeech]) -> Normalizer:
    frames = np.concatenate([recording.features for recording in recordings]).astype(np.float64)
    return Normalizer(mean=frames.mean(0).astype(np.float32), deviation=frames.std(0).astype(np.float32))


def _spoken(recording: SynthesizedSpeech, dialect: str, labels: DialectLabels, normalizer: Normalizer) -> DialectSpeech:
    segments = [(labels.own.index(phone), first, end) for phone, first, end in recording.segments]
    targets = targets_of(segments, segments[-1][2], len(labels.own))
    features = normalizer.whole(recording.features.astype(np.float32))
    return DialectSpeech(
        example=DialectExample(dialect=dialect, features=features, targets=targets),
        words=recording.words,
        speaker=recording.speaker,
    )


def _acceptor(sentences: Sequence[Sentence], vocabulary: tuple[str, ...]) -> Acceptor:
    """A trigram of the train sentences; words that only dev or test has are as rare as possible."""
    return ngram_acceptor(train_kneser_ney(count_ngrams(sentences, vocabulary)))


def _pronounce(lexicon: DialectLexicon) -> Pronounce:
    def ways(word: str) -> Sequence[Phones]:
        return lexicon.words.get(word, ())

    return ways
