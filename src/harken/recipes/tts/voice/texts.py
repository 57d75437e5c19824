"""What a synthetic voice reads: sentences of several kinds in turn, so that the first N are a balanced set for any N.

Replies of our own assistant to sampled requests, amounts of all kinds, everyday sentences and questions of tatoeba-en,
and sentences of novels; of the last three, those that bring pairs of sounds which are still rare. Only training parts
are read, nothing that `dev` or `test` of a spoken corpus contains, and no book by an author of the Arctic prompts.
"""

from __future__ import annotations

import datetime as dt
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import cycle, islice, pairwise

import numpy as np

from harken.assistant.assistant import Assistant
from harken.dialogue.clock import LOCAL
from harken.dialogue.store import Store
from harken.events import Reply
from harken.languages.loading import load_locale
from harken.languages.locale import Locale
from harken.nlu.shipped import read_shipped_skills
from harken.nlu.templates import sample_sentences
from harken.recipes.asr.ngram.texts import NAMES, HeldOut
from harken.recipes.nlu.interpreter.texts import archive, members
from harken.recipes.tts.voice.amounts import amounts
from harken.text.sentences import split_sentences
from harken.text.words import normalize_words
from harken.tts.symbols import MARKS
from harken.tts.text import Pronounce, read_lines

TURNS = (
    "reply", "everyday", "reply", "prose", "amount", "reply", "question", "everyday", "reply", "prose",
)  # fmt: skip
"""Kinds of sentences in the order in which they take turns."""
FEWEST, MOST = 10, 110
"""Sounds of a sentence; very short and very long ones come out worse."""
_ALIKE = 3
"""Replies that differ in their numbers only."""
_CHOICE = 30
"""Sentences of which the one with the rarest pairs of sounds is taken."""
_PER_INTENT = 12
"""Requests of each intent that the assistant answers."""
_WELL_FORMED = re.compile(r"[A-Z][A-Za-z0-9 ,.'$%:;°-]*[A-Za-z0-9°%][.?!]")
_ARCTIC = ("jack-london", "james-oliver-curwood")
_CUT = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|St|Capt|[A-Z])\.$")
"""Ends after which a sentence continues."""
_TOM = re.compile(r"\b(?:Tom|Mary)\b")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


def training_texts(count: int, pronounce: Pronounce, *, seed: int = 0) -> Iterator[tuple[str, str]]:
    """Kind and text of at most `count` sentences; no sentence comes twice.

    Args:
        count: sentences.
        pronounce: a word's phones.
        seed: another one gives other sentences.

    Raises:
        DataError: a text archive is missing.
    """
    rng = np.random.default_rng(seed)
    everyday = _everyday(rng)
    sources = {
        "reply": _replies(rng),
        "amount": amounts(rng),
        "everyday": iter([text for text in everyday if not text.endswith("?")]),
        "question": iter([text for text in everyday if text.endswith("?")]),
        "prose": iter(_prose(rng)),
    }
    chooser = _Chooser(pronounce, HeldOut.of_corpora())
    done = 0
    for kind in cycle(TURNS):
        if done == count or not sources:
            return
        if kind in sources:
            text = chooser.take(sources[kind], choice=1 if kind in ("reply", "amount") else _CHOICE)
            if text is None:
                del sources[kind]
            else:
                done += 1
                yield kind, text


class _Chooser:
    """Takes sentences that fit, rare pairs of sounds first, and remembers what was taken."""

    def __init__(self, pronounce: Pronounce, held_out: HeldOut):
        self._pronounce, self._held_out, self._locale = pronounce, held_out, load_locale()
        self._taken: set[tuple[str, ...]] = set()
        self._alike: Counter[str] = Counter()
        self._pairs: Counter[tuple[str, str]] = Counter()

    def take(self, source: Iterator[str], *, choice: int) -> str | None:
        """The best of the next `choice` sentences that fit; None when the source has ended."""
        fitting = ((text, sounds) for text in source if (sounds := self._sounds(text)))
        best = max(islice(fitting, choice), key=lambda one: self._rarity(one[1]), default=None)
        if best is None:
            return None
        text, sounds = best
        self._taken.add(tuple(normalize_words(text)))
        self._alike[_pattern(text)] += 1
        self._pairs.update(pairwise(sounds))
        return text

    def _rarity(self, sounds: list[str]) -> float:
        return float(np.sum([1 / (1 + self._pairs[pair]) for pair in pairwise(sounds)]) / np.sqrt(len(sounds)))

    def _sounds(self, text: str) -> list[str]:
        """The sounds of a sentence that fits; empty for one that does not."""
        words = tuple(normalize_words(text))
        if not _WELL_FORMED.fullmatch(text) or words in self._taken or self._alike[_pattern(text)] >= _ALIKE:
            return []
        if _CUT.search(text) or self._held_out.holds(words):
            return []
        lines = read_lines(text, self._pronounce, self._locale)
        sounds = [symbol.rstrip("012") for line in lines for symbol in line.symbols if symbol not in MARKS]
        return sounds if len(lines) == 1 and FEWEST <= len(sounds) <= MOST else []


def _pattern(text: str) -> str:
    return re.sub(r"\d+", "0", text)


def _replies(rng: np.random.Generator) -> Iterator[str]:
    """Sentences that the assistant replies to requests of all skills, one conversation that lasts for months."""
    locale, clock = load_locale(), _Clock()
    assistant = Assistant.load("en", wake=False, voice=False, store=Store(":memory:"), clock=clock)
    requests = [
        " ".join(sample.words)
        for skill in read_shipped_skills(locale)
        for sample in sample_sentences(skill, _PER_INTENT, rng)
    ]
    for number in rng.permutation(len(requests)):
        clock.move(dt.timedelta(minutes=int(rng.choice([1, 3, 17, 95, 400]))))
        for event in assistant.ask_text(requests[number]):
            if isinstance(event, Reply):
                yield from _sentences(event.text, locale)


class _Clock:
    """A clock that moves by hand."""

    def __init__(self) -> None:
        self._start = self._now = dt.datetime(2026, 3, 2, 7, 30, tzinfo=LOCAL)

    def now(self) -> dt.datetime:
        """The wall clock."""
        return self._now

    def monotonic(self) -> float:
        """Seconds since the start."""
        return (self._now - self._start).total_seconds()

    def move(self, span: dt.timedelta) -> None:
        """Move forward."""
        self._now += span


def _sentences(text: str, locale: Locale) -> Iterator[str]:
    for sentence in split_sentences(text, locale):
        said = sentence.text.strip()
        if said:
            yield said[0].upper() + said[1:]


def _everyday(rng: np.random.Generator) -> list[str]:
    """The training part of tatoeba-en (see `harken.recipes.nlu.interpreter.sentences.everyday`) in random order."""
    lines = next(text for _, text in members(archive("tatoeba-en"), ".txt")).splitlines()
    kept = [line for line in lines if zlib.crc32(line.encode()) % 20]
    names = cycle([name.capitalize() for name in NAMES])
    return [_TOM.sub(lambda _: next(names), kept[place]) for place in rng.permutation(len(kept))]


def _prose(rng: np.random.Generator) -> list[str]:
    """Sentences of the novels in random order."""
    found: list[str] = []
    for name, text in members(archive("novels"), ".txt"):
        if not any(author in name for author in _ARCTIC):
            found += _well_formed(_SENTENCE.split(text))
    return [found[place] for place in rng.permutation(len(found))]


def _well_formed(sentences: Iterable[str]) -> Iterator[str]:
    return (one for one in (sentence.strip() for sentence in sentences) if _WELL_FORMED.fullmatch(one))
