"""How surely `harken say --like` tells a recording of the text from one of other words, and a word that is another.

    HARKEN_DATA=... python -m benchmarks.quality.said_words [--split dev] [--count 100] [--noise 10] [--thresholds]

Each recording is aligned with its own text; with the text of another recording, the one nearest in phones of those that
share less than half of its words; with its own in which one word is replaced by another of the corpus, of about as many
phones; and with its own without one word. Counted are recordings of the text that are refused, recordings of another
text that are not, recordings of the text in which anything is doubted, replaced words that are named, and left-out
words in whose place something is doubted. `--thresholds` prints the errors at other thresholds of the margin
(`harken.workshop.agreement`), to choose one on `dev`. `--noise` mixes that of a cafe (of the noises to train with) into
the recordings, at this ratio in dB.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from harken.asr.acoustic.model import AcousticModel
from harken.audio.features import log_mel
from harken.bundle import load_bundle
from harken.data.mixing import mix_at_snr
from harken.data.utterances import Utterance, read_corpus
from harken.errors import DataError
from harken.languages.loading import load_locale
from harken.metrics.intervals import wilson
from harken.metrics.result import Result, append_result
from harken.text.words import normalize_words
from harken.tts.frames import frames_covering
from harken.tts.symbols import MARKS
from harken.tts.text import Line
from harken.tts.voice import Voice
from harken.workshop.agreement import Doubt, agrees, doubts
from harken.workshop.following import Alignment, align_scored

COMMAND = "python -m benchmarks.quality.said_words"
RECIPE = "tts/voice"
CORPORA = ("kathleen", "librispeech", "common-voice", "speech-commands")
_LONGEST = 15.0
"""Seconds of a recording."""
_FEWEST = 4
"""Words of a text in which one is replaced or left out."""
_NOT_AT_ALL = -99.0
"""Margin of a recording that is too short for the text."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """A recording and its text."""

    scores: np.ndarray[tuple[int, int], np.dtype[np.float32]]
    """Of the acoustic model."""
    frames: int
    words: Sequence[str]
    phones: int
    """Of the text."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """What was found in one recording."""

    own: Alignment
    """With its text."""
    doubted: Sequence[Doubt]
    """In its text."""
    other: float
    """Margin with another text, for each phone."""
    accepted: bool
    """Whether the other text was."""
    named: bool | None
    """Whether a replaced word was doubted; None for a short text."""
    missed: bool | None
    """Whether something was doubted where a word was left out."""


class Judge:
    """Aligns recordings with texts."""

    def __init__(self) -> None:
        self.voice, self.model = Voice.load(), AcousticModel.load()
        self._locale = load_locale()

    def cases(self, utterances: Sequence[Utterance], *, noise: float | None = None) -> list[Case]:
        """Recordings with their texts, perhaps in noise; those whose text cannot be said are left out."""
        found = []
        cafe = next(one for one in read_corpus("noise", "train") if one.label == "cafe").read()
        for number, one in enumerate(utterances):
            words = normalize_words(one.text or one.label or "", self._locale)
            if words and self.voice.read(" ".join(words)):
                samples = one.read()
                if noise is not None:
                    samples = mix_at_snr(samples, cafe, noise, rng=np.random.default_rng(number))
                found.append(
                    Case(scores=self.model.scores(log_mel(samples)), frames=frames_covering(len(samples)), words=words,
                         phones=self.phones(words))
                )  # fmt: skip
        return found

    def phones(self, words: Sequence[str]) -> int:
        """How many a text has."""
        return sum(symbol not in MARKS for symbol in self._symbols(self.voice.read(" ".join(words))))

    def find(self, case: Case, cases: Sequence[Case], rng: np.random.Generator) -> Found:
        """All that is asked of one recording."""
        own = self._align(case, case.words)
        others = [other for other in cases if 2 * len(set(other.words) & set(case.words)) < len(set(case.words))]
        other = min(others, key=lambda other: abs(other.phones - case.phones))
        try:
            foreign = self._align(case, other.words)
            margin, accepted = foreign.margin, agrees(foreign)
        except DataError:
            margin, accepted = _NOT_AT_ALL, False
        named = missed = None
        if len(case.words) >= _FEWEST:
            named, missed = self._replaced(case, cases, rng), self._left_out(case, rng)
        return Found(
            own=own, doubted=self._doubts(case.words, own), other=margin, accepted=accepted, named=named, missed=missed
        )

    def _replaced(self, case: Case, cases: Sequence[Case], rng: np.random.Generator) -> bool:
        place = int(rng.integers(len(case.words)))
        size = self.phones([case.words[place]])
        known = sorted({word for other in cases for word in other.words} - set(case.words))
        new = next(str(word) for word in rng.permutation(known) if abs(self.phones([str(word)]) - size) <= 1)
        words = [*case.words[:place], new, *case.words[place + 1 :]]
        try:
            return any(doubt.word == new for doubt in self._doubts(words, self._align(case, words)))
        except DataError:
            return True  # refused

    def _left_out(self, case: Case, rng: np.random.Generator) -> bool:
        place = int(rng.integers(1, len(case.words) - 1))
        words = [*case.words[:place], *case.words[place + 1 :]]
        around = {words[place - 1], words[place]}
        return any(doubt.word in around for doubt in self._doubts(words, self._align(case, words)))

    def _align(self, case: Case, words: Sequence[str]) -> Alignment:
        symbols = self._symbols(self.voice.read(" ".join(words)))
        return align_scored(symbols, case.scores, self.model, frames=case.frames)

    def _doubts(self, words: Sequence[str], alignment: Alignment) -> list[Doubt]:
        text = " ".join(words)
        return doubts(self.voice.read(text), text, alignment)

    @staticmethod
    def _symbols(lines: Sequence[Line]) -> list[str]:
        return [symbol for line in lines for symbol in line.symbols]


def shares(found: Sequence[Found]) -> Iterator[tuple[str, int, int]]:
    """What is counted, how often, of how many."""
    yield "recordings of the text that are refused", sum(not agrees(one.own) for one in found), len(found)
    yield "recordings of another text that are not", sum(one.accepted for one in found), len(found)
    yield "recordings of the text with a doubt", sum(bool(one.doubted) for one in found), len(found)
    for name, answers in (
        ("replaced words that are named", [one.named for one in found if one.named is not None]),
        ("left-out words that are noticed", [one.missed for one in found if one.missed is not None]),
    ):
        if answers:
            yield name, sum(answers), len(answers)


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpora", nargs="*", default=list(CORPORA))
    parser.add_argument("--split", default="dev")
    parser.add_argument("--count", type=int, default=100, help="recordings of each corpus, at most")
    parser.add_argument("--thresholds", action="store_true")
    parser.add_argument("--noise", type=float, help="ratio in dB of speech to the noise of a cafe; none by default")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    judge = Judge()
    bundles = {bundle.name: bundle.hash for bundle in map(load_bundle, (judge.voice.name, "acoustic-en"))}
    noise = "" if options.noise is None else f", cafe noise {options.noise:g} dB"
    asked = "" if options.noise is None else f" --noise {options.noise:g}"
    for corpus in options.corpora:
        utterances = [one for one in read_corpus(corpus, options.split) if one.duration <= _LONGEST]
        cases = judge.cases(utterances[:: -(-len(utterances) // options.count)], noise=options.noise)
        rng = np.random.default_rng(0)
        found = [judge.find(case, cases, rng) for case in cases]
        name = f"{corpus} {options.split}"
        for metric, count, total in shares(found):
            span = wilson(count, total)
            print(f"{name:22s} {metric:42s} {count:4d} of {total:4d}  {100 * count / total:5.1f} % "
                  f"[{100 * span.low:.1f}, {100 * span.high:.1f}]", flush=True)  # fmt: skip
            if options.write:
                append_result(
                    Result(
                        recipe=RECIPE, metric=metric, value=100 * count / total, unit="%", low=100 * span.low,
                        high=100 * span.high, n=total, set=name, condition=f"say --like{noise}", bundles=bundles,
                        command=f"{COMMAND} --split {options.split} --count {options.count}{asked}",
                    )
                )  # fmt: skip
        if options.thresholds:
            own, other = (np.array(margins) for margins in ([one.own.margin for one in found],
                                                            [one.other for one in found]))  # fmt: skip
            for least in np.arange(-4.5, -1.4, 0.5):
                print(f"  margin {least:.1f}: refused {100 * (own < least).mean():.1f} %, "
                      f"accepted {100 * (other >= least).mean():.1f} %")  # fmt: skip


if __name__ == "__main__":
    main()
