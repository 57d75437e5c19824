"""Fits the weights of the rescoring pass on dev, for the installed acoustic model and first pass.

    python -m harken.recipes.asr.neural_lm.fit [--bundle RUN/neural-lm-en] [--sample 60]

The sentences of dev are decoded once; then one weight at a time, up and down by its step, as long as the mean over the
corpora of the word error rate falls. The output goes into `[rescoring]` of method.toml. Run it again for every new
acoustic model, first pass or neural model. No test part is read.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from harken.asr.acoustic.model import AcousticModel, Outputs
from harken.asr.arrays import Floats
from harken.asr.neural.model import NeuralModel
from harken.asr.neural.trie import score_sentences
from harken.asr.passes.consensus import Consensus
from harken.asr.passes.hearing import hear
from harken.asr.passes.record import HeardStretch
from harken.asr.passes.rescoring import RescoringOptions, rescored_sentences, reweighed
from harken.asr.search.beam import BeamSearch
from harken.asr.search.heard import HeardSentence
from harken.asr.search.source import load_space
from harken.bundle import load_bundle
from harken.metrics.wer import WordErrors, word_errors
from harken.recipes.asr.neural_lm.recipe import BUNDLE
from harken.recipes.asr.ngram.fit import descend, score_dev
from harken.text.words import normalize_words

START = {"first": 0.5, "neural": 0.5, "word": 0.0, "sharpness": 1.0}
RANGES = {
    "first": (0.1, 0.0, 1.2), "neural": (0.1, 0.0, 1.2), "word": (0.4, -2.0, 4.0), "sharpness": (0.25, 0.25, 2.5),
}  # fmt: skip
"""Weight -> (step, least, greatest)."""


@dataclass(frozen=True)
class Decoded:
    """A sentence of dev with what the first pass made of it."""

    corpus: str
    wanted: tuple[str, ...]
    heard: HeardStretch
    sentences: Sequence[HeardSentence]
    neural: Floats


def main() -> None:
    """Read the command line, decode, fit, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundle", default=BUNDLE, help="name or folder")
    parser.add_argument("--sample", type=int, default=60, help="sentences of each corpus")
    parser.add_argument("--sentences", type=int, default=RescoringOptions.sentences, help="that are rescored")
    options = parser.parse_args()
    dev = decode_dev(NeuralModel.from_bundle(load_bundle(options.bundle)), options.sample, options.sentences)
    print(f"first pass: {mean_rate(dev, None):.4f}", flush=True)
    print(descend(partial(cost, dev), START, RANGES))


def decode_dev(model: NeuralModel, sample: int, count: int) -> list[Decoded]:
    """Dev through the first pass, with the neural model's score of the best sentences of each lattice."""
    acoustic = AcousticModel.load()
    space, decoded = load_space(acoustic.labels), []
    for recording in score_dev(acoustic, sample):
        search = BeamSearch(space)
        search.accept(recording.scores)
        heard = hear(search, Outputs(recording.scores), nbest=1, passes=())
        assert heard.lattice is not None
        sentences = rescored_sentences(heard.lattice, RescoringOptions(sentences=count))
        scores = score_sentences(model, [sentence.texts for sentence in sentences])
        assert scores is not None
        wanted = tuple(normalize_words(recording.utterance.text or ""))
        decoded.append(Decoded(recording.utterance.corpus, wanted, heard, sentences, scores.totals))
    return decoded


def cost(dev: Sequence[Decoded], weights: Mapping[str, float]) -> float:
    """Mean over the corpora of the word error rate with these weights."""
    return mean_rate(dev, replace(RescoringOptions(), **dict[str, Any](weights)))


def mean_rate(dev: Sequence[Decoded], options: RescoringOptions | None) -> float:
    """The same with these options; of the first pass when None."""
    total: dict[str, WordErrors] = {}
    for one in dev:
        found = word_errors(one.wanted, rescored_words(one, options))
        total[one.corpus] = total.get(one.corpus, WordErrors()) + found
    shown = "" if options is None else asdict(options)
    print("   ", {corpus: round(100 * errors.rate, 2) for corpus, errors in total.items()}, shown, flush=True)
    return float(np.mean([errors.rate for errors in total.values()]))


def rescored_words(one: Decoded, options: RescoringOptions | None) -> tuple[str, ...]:
    """The words after the rescoring pass and the consensus, or after the consensus alone."""
    sure = options is None or one.heard.sentences[0].confidence >= options.sure or len(one.sentences) < 2
    heard = one.heard if sure else reweighed(one.heard, one.sentences, one.neural, options)  # type: ignore[arg-type]
    return Consensus()(heard, ()).sentences[0].texts


if __name__ == "__main__":
    main()
